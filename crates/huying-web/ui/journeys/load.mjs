/**
 * Fills an engine of its own with open cases and measures in a real browser what a supervisor waits for: the first
 * numbers of the board, and a change on it. The figures belong to the machine that they were measured on.
 */
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const CASES = Number(process.env.HUYING_CASES ?? 100_000);
const PORT = process.env.HUYING_PORT ?? "8352";
/** Calls in one message, and messages on their way at once. */
const BATCH = 64;
const LANES = 3;
const TRIALS = 7;
/** What a supervisor waits for at most, in milliseconds. */
const FIRST_PAINT_MS_MAX = 1_500;
const UPDATE_MS_MAX = 1_000;
const READY_MS_MAX = 60_000;
const root = new URL("../../../../", import.meta.url).pathname;
const program = process.env.HUYING_PROGRAM ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/huying");
const folder = await mkdtemp(join(tmpdir(), "huying-load-"));
const data = join(folder, "data");
const origin = `http://127.0.0.1:${PORT}`;
process.env.HUYING_PAGES = origin;
const run = promisify(execFile);
const engine = spawn(program, ["up", "--data", data, "--city", join(root, "deploy/cities/sample"), "--nats", "none", "--http", `127.0.0.1:${PORT}`], { stdio: ["ignore", "ignore", "inherit"] });

/** Signs in as somebody whom the command line makes. */
async function person(name, role) {
  const { stdout } = await run(program, ["account", "add", "--json", "--data", data, "--name", name, "--unit", "centre", "--role", role]);
  const { password } = JSON.parse(stdout);
  const answer = await fetch(`${origin}/v1/session`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ account: name, password }) });
  const { csrf } = await answer.json();
  return { password, headers: { "Content-Type": "application/json", "X-Huying-CSRF": csrf, cookie: answer.headers.get("set-cookie").split(";")[0] } };
}
const post = async (headers, body) => {
  for (;;) {
    const answer = await fetch(`${origin}/v1/calls?channel=call`, { method: "POST", headers, body: JSON.stringify(body) });
    if (answer.status !== 503 && answer.status !== 429) return answer;
    await pause(200);
  }
};
const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];
const shown = (all) => `${Math.round(median(all))} ms (${all.map((one) => Math.round(one)).join(", ")})`;

let code = 1;
try {
  const until = Date.now() + READY_MS_MAX;
  while (!(await fetch(`${origin}/readyz`).then(({ ok }) => ok, () => false))) {
    if (Date.now() > until) throw new Error("the engine does not answer");
    await pause(300);
  }
  const taker = await person("taker", "call_taker");
  const supervisor = await person("supervisor", "supervisor");
  const { units, classes } = await (await fetch(`${origin}/v1/catalogue`)).json();
  const areas = units.filter(({ area }) => area).map(({ area }) => area);
  let next = 0;
  const call = () => {
    const n = next++;
    return { external_id: `load-${n}`, class: classes[n % classes.length].id, words: `第 ${n} 件诉求`, place: { area: areas[(n * 7) % areas.length] } };
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: LANES }, async () => {
    while (next < CASES) {
      const answer = await post(taker.headers, Array.from({ length: Math.min(BATCH, CASES - next) }, call));
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    }
  }));
  console.log(`${CASES} calls taken in ${Math.round((performance.now() - began) / 1000)} s`);
  // Stations go on for a while: what is measured is a city at work, not one at rest.
  await pause(5_000);

  const { open, signIn, visitor } = await import("./browser.mjs");
  const browser = await open();
  const context = await visitor(browser);
  process.env.HUYING_PASSWORD = supervisor.password;
  const page = await signIn(context, "supervisor", supervisor.password);
  const paints = [];
  for (let n = 0; n < TRIALS; n += 1) {
    const from = performance.now();
    await page.goto(`${origin}/board`);
    await page.locator(".tiles .value").first().waitFor();
    paints.push(performance.now() - from);
  }
  const openCases = await page.evaluate(async () => (await (await fetch("/v1/board")).json()).open.all);
  const asked = [];
  for (let n = 0; n < TRIALS; n += 1) asked.push(await page.evaluate(async () => { const from = performance.now(); await (await fetch("/v1/board")).text(); return performance.now() - from; }));
  const updates = [];
  const [label, number] = [".tiles > *:first-child .value", (text) => Number(text.replace(/\D/g, ""))];
  for (let n = 0; n < TRIALS; n += 1) {
    await page.waitForTimeout(1_500);
    const before = number(await page.locator(label).innerText());
    const from = performance.now();
    await post(taker.headers, call());
    await page.waitForFunction(([label, before]) => Number(document.querySelector(label).textContent.replace(/\D/g, "")) > before, [label, before], { timeout: 30_000 });
    updates.push(performance.now() - from);
  }
  console.log(`open cases: ${openCases}`);
  console.log(`board's first numbers after ${shown(paints)}`);
  console.log(`the board is answered in ${shown(asked)}`);
  console.log(`a call stands on the board after ${shown(updates)}`);
  const good = median(paints) < FIRST_PAINT_MS_MAX && median(updates) < UPDATE_MS_MAX;
  console.log(good ? "within what a supervisor waits for" : `slower than ${FIRST_PAINT_MS_MAX} ms and ${UPDATE_MS_MAX} ms`);
  code = good ? 0 : 1;
  await browser.close();
} finally {
  engine.kill("SIGINT");
  await Promise.race([new Promise((done) => engine.on("exit", done)), pause(10_000)]);
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = code;
