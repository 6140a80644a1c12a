import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue } from "@/words/catalogue";

type Tree = { readonly [key: string]: readonly [string, string] | Tree };
const flat = (tree: Tree, above = ""): [string, readonly [string, string]][] =>
  Object.entries(tree).flatMap(([key, entry]) =>
    Array.isArray(entry) ? [[`${above}${key}`, entry as unknown as readonly [string, string]] as [string, readonly [string, string]]] : flat(entry as Tree, `${above}${key}.`),
  );
const words = flat(catalogue);
const sources = readdirSync("app", { recursive: true, encoding: "utf8" }).filter((name) => /\.(vue|ts)$/.test(name) && !name.startsWith("words"));
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe("the words of the pages", () => {
  it("say everything in Chinese and in English", () => {
    for (const [key, [zh, en]] of words) {
      expect(zh.trim(), key).not.toBe("");
      expect(en.trim(), key).not.toBe("");
    }
  });

  it("leave the same gaps in both languages", () => {
    for (const [key, [zh, en]] of words) expect(holes(en), key).toEqual(holes(zh));
  });

  it("know every key that a page asks for", () => {
    const known = new Set(words.map(([key]) => key));
    const asked = sources.flatMap((name) => [...readFileSync(join("app", name), "utf8").matchAll(/\bt\(\s*["']([a-z_.]+\.[\w]+)["']/gi)].map(([, key]) => [name, key!] as const));
    expect(asked.length).toBeGreaterThan(100);
    for (const [name, key] of asked) expect(known.has(key), `${key} in ${name}`).toBe(true);
  });

  it("are the only Chinese on the pages", () => {
    const own = /[\u4e00-\u9fff]/;
    // Proper names that are the same in both languages, and words beside their translation.
    const allowed = /呼应|zh: |中文|^\s*(\/\/|\/?\*)|<!--|\/\*\*/;
    for (const name of sources) {
      readFileSync(join("app", name), "utf8").split("\n").forEach((line, n) => {
        if (own.test(line)) expect(allowed.test(line), `${name}:${n + 1} ${line}`).toBe(true);
      });
    }
  });
});
