/** Begins a demo of its own, with the pages that were just built, and walks every journey in it. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const PORT = process.env.HUYING_PORT ?? "8351";
/** How long the demo may take to answer, and to fill up with cases, in milliseconds. */
const READY_MS_MAX = 60_000;
const FILLED_MS = 90_000;
const root = new URL("../../../../", import.meta.url).pathname;
const program = process.env.HUYING_PROGRAM ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/huying");
const data = await mkdtemp(join(tmpdir(), "huying-journeys-"));
const origin = `http://127.0.0.1:${PORT}`;
const demo = spawn(program, ["demo", "--data", join(data, "demo"), "--hours", "24", "--speed", "120", "--http", `127.0.0.1:${PORT}`], { stdio: "inherit" });
let code = 1;
try {
  const until = Date.now() + READY_MS_MAX;
  while (!(await fetch(`${origin}/readyz`).then(({ ok }) => ok, () => false))) {
    if (Date.now() > until) throw new Error("the demo does not answer");
    await pause(500);
  }
  await pause(FILLED_MS);
  const walk = (script, ...rest) =>
    new Promise((done) => spawn(process.execPath, [script, ...rest], { stdio: "inherit", env: { ...process.env, HUYING_PAGES: origin } }).on("exit", done));
  const here = new URL("./", import.meta.url).pathname;
  code = 0;
  for (const script of ["run.mjs", "numbers.mjs", "acts.mjs", "pictures.mjs"]) code = Math.max(code, await walk(join(here, script)));
} finally {
  demo.kill("SIGINT");
  await Promise.race([new Promise((done) => demo.on("exit", done)), pause(10_000)]);
  await rm(data, { recursive: true, force: true });
}
process.exitCode = code;
