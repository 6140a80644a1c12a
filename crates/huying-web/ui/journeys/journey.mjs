/** One person's way through the pages: it is walked, timed, and the first thing that does not hold ends it. */
import { open, signIn, visitor } from "./browser.mjs";

const only = process.argv[2];
let failed = 0;
export const browser = await open();

export async function journey(name, account, look, walk) {
  if (only && !only.split(",").includes(name)) return;
  const context = await visitor(browser, look);
  const began = performance.now();
  try {
    const page = account ? await signIn(context, account) : await context.newPage();
    page.on("pageerror", (error) => console.log(`  ${name}: ${error.message}`));
    await walk(page, context);
    console.log(`ok   ${name} (${Math.round(performance.now() - began)} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error.message.split("\n").slice(0, 12).join("\n     ")}`);
    for (const page of context.pages()) await page.screenshot({ path: `/tmp/journey-${name}.png` }).catch(() => undefined);
  }
  await context.close();
}

/** What an address answers to whoever has signed in on a page. */
export const json = (page, path) => page.evaluate(async (path) => (await fetch(path)).json(), path);

/** Asks in the name of whoever has signed in on a page. */
export const post = (page, path, body) =>
  page.evaluate(async ([path, body]) => {
    const { csrf } = await (await fetch("/v1/session")).json();
    const headers = { "Content-Type": "application/json", "X-Huying-CSRF": csrf, "Idempotency-Key": crypto.randomUUID() };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.status, ...(await answer.json().catch(() => ({}))) };
  }, [path, body]);

export const digits = (text) => Number(text.replace(/[^\d]/g, ""));

export async function over() {
  await browser.close();
  process.exitCode = failed ? 1 : 0;
}
