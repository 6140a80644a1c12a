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
/** The morning passes quickly; then the city slows down, so that numbers and their lists can be seen at one record. */
const [MORNING, WALK] = ["120", "2"];
let demo;
async function begin(speed) {
  demo = spawn(program, ["demo", "--data", join(data, "demo"), "--hours", "24", "--speed", speed, "--http", `127.0.0.1:${PORT}`], { stdio: "inherit" });
  const until = Date.now() + READY_MS_MAX;
  while (!(await fetch(`${origin}/readyz`).then(({ ok }) => ok, () => false))) {
    if (Date.now() > until) throw new Error("the demo does not answer");
    await pause(500);
  }
}
async function end() {
  if (!demo) return;
  const ended = new Promise((done) => demo.on("exit", done));
  demo.kill("SIGINT");
  await Promise.race([ended, pause(10_000)]);
}
let code = 1;
try {
  await begin(MORNING);
  await pause(FILLED_MS);
  await end();
  await begin(WALK);
  const walk = (script, ...rest) =>
    new Promise((done) => spawn(process.execPath, [script, ...rest], { stdio: "inherit", env: { ...process.env, HUYING_PAGES: origin } }).on("exit", done));
  const here = new URL("./", import.meta.url).pathname;
  code = 0;
  for (const script of ["run.mjs", "numbers.mjs", "acts.mjs", "life.mjs", "ringing.mjs", "operator.mjs", "pictures.mjs"]) code = Math.max(code, await walk(join(here, script)));
} finally {
  await end();
  await rm(data, { recursive: true, force: true });
}
process.exitCode = code;
