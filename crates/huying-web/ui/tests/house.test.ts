import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const files = readdirSync("app", { recursive: true, encoding: "utf8" }).filter((name) => /\.(vue|ts)$/.test(name));
const imports = (name: string) => [...readFileSync(join("app", name), "utf8").matchAll(/from\s+"([^"]+)"|import\("([^"]+)"\)/g)].map(([, one, other]) => one ?? other!);

describe("the house", () => {
  it("lets only data/ know the wire", () => {
    for (const name of files.filter((name) => /\/(views|parts)\//.test(name))) {
      const text = readFileSync(join("app", name), "utf8");
      expect(/\bfetch\(|new EventSource|XMLHttpRequest/.test(text), name).toBe(false);
      for (const from of imports(name)) {
        // Refusals are values that views show; everything else of the wire stays behind a source.
        expect(/\/data\//.test(from) && from !== "@/wire/data/http", `${name} imports ${from}`).toBe(false);
      }
    }
  });

  it("lets a noun reach another one only by its source or its parts", () => {
    const nouns = ["board", "calls", "cases", "catalogue", "live", "operator", "resident", "session", "work"];
    for (const name of files) {
      const own = name.split("/")[0]!;
      for (const from of imports(name)) {
        const other = /^@\/(\w+)\/(.*)$/.exec(from);
        if (!other || !nouns.includes(other[1]!) || other[1] === own) continue;
        expect(/^(source|parts\/)/.test(other[2]!), `${name} imports ${from}`).toBe(true);
      }
    }
  });

  it("keeps a file on few screens", () => {
    const LINES_MAX = 500;
    for (const name of files) expect(readFileSync(join("app", name), "utf8").split("\n").length, name).toBeLessThan(LINES_MAX);
  });
});
