/** A call comes in at the desk, and what is put right on the spot: by who answers, and by who walks the round. */
import assert from "node:assert/strict";
import { ORIGIN, signIn, visitor } from "./browser.mjs";
import { browser, journey, json, over, post } from "./journey.mjs";

/** A picture of two pixels, as a telephone would send one. */
const PHOTO = { name: "after.png", mimeType: "image/png", buffer: Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAD0lEQVR4nGP4z8DwHwQBEPgD/U6VwW8AAAAASUVORK5CYII=", "base64") };
const SOURCE = `pbx${Date.now() % 100_000}`;

const operator = await signIn(await visitor(browser), "operator");
const { key } = await post(operator, "/v1/keys", { source: SOURCE, channels: ["call"] });
await operator.context().close();
/** What the telephone system says. */
const telephone = async (path, body) => {
  const answer = await fetch(`${ORIGIN}${path}`, { method: "POST", headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return { status: answer.status, ...(await answer.json()) };
};
/** A number that nobody of the demo has. */
const fresh = () => `139${String(Date.now()).slice(-8)}`;
const area = async (page) => (await json(page, "/v1/catalogue")).units.find(({ level }) => level === "grid").area;
const pop = (page) => page.locator("section.pop");

await journey("ringing", "calltaker", {}, async (page, context) => {
  const number = fresh();
  const place = { area: await area(page) };
  const first = (await telephone("/v1/calls", { class: "ask.policy", words: "咨询办事流程", place, caller: { number } })).answers[0].case;
  await page.goto(`${ORIGIN}/calls`);
  await page.locator("#call-number:focus").waitFor();
  await page.getByRole("button", { name: "未设座席" }).click();
  await page.locator("#seat").fill("8003");
  await page.getByRole("button", { name: "就座" }).click();
  await page.getByRole("button", { name: "座席 8003" }).waitFor();
  const began = performance.now();
  assert.deepEqual([(await telephone("/v1/rings", { seat: "8003", number, line: "12345", call: "c-1" })).seated], [true]);
  await pop(page).getByText(number).waitFor();
  console.log(`     the caller stands on the screen after ${Math.round(performance.now() - began)} ms`);
  await pop(page).getByText(first).waitFor();
  await page.locator("section.pop:focus").waitFor();
  // One key opens the case, beside the desk.
  const [beside] = await Promise.all([context.waitForEvent("page"), page.keyboard.press("1")]);
  await beside.waitForURL(new RegExp(`/cases/${first}$`));
  await beside.close();
  // The caller asks how it stands: the holder is reminded, in one click.
  await pop(page).getByRole("button", { name: "催办" }).first().click();
  await pop(page).getByRole("button", { name: "已催办" }).waitFor();
  const { timeline } = await json(page, `/v1/cases/${first}`);
  assert.ok(timeline.some(({ event }) => event.startsWith("case.reminded")), "the reminder is in the timeline");
  // Another key begins a case with the number filled in.
  await pop(page).focus();
  await page.keyboard.press("n");
  await page.locator("#call-words:focus").waitFor();
  assert.equal(await page.locator("#call-number").inputValue(), number);
  await page.keyboard.type(`路灯不亮 ${Date.now()}`);
  await page.keyboard.press("Control+Enter");
  await page.getByText(/上一件 0-\d+/).waitFor();
  await pop(page).waitFor({ state: "detached" });
  // A call that comes in while somebody writes takes no key from them, and what is written stays.
  await page.keyboard.press("Alt+2");
  await page.keyboard.type("写到一半");
  await telephone("/v1/rings", { seat: "8003", number, call: "c-2" });
  await pop(page).getByText(number).waitFor();
  await page.keyboard.type("的诉求 1n");
  assert.equal(await page.locator("#call-words").inputValue(), "写到一半的诉求 1n");
  await page.keyboard.press("Alt+k");
  await page.locator("section.pop:focus").waitFor();
  await page.keyboard.press("Enter");
  await page.locator("#call-words:focus").waitFor();
  assert.equal(await page.locator("#call-words").inputValue(), "", "what was begun is set aside");
  await page.getByRole("button", { name: /草稿：写到一半/ }).waitFor();
  await page.keyboard.press("Alt+k");
  await page.keyboard.press("Escape");
  await pop(page).waitFor({ state: "detached" });
  // Without a telephone system: the number is typed.
  await page.keyboard.press("Alt+1");
  await page.keyboard.press("Control+a");
  await page.keyboard.type(number.slice(0, 6));
  await page.waitForTimeout(900);
  assert.equal(await pop(page).count(), 0, "a number that is still being typed is nobody's");
  await page.keyboard.type(number.slice(6));
  await pop(page).getByText("在办 2 件").waitFor();
  await page.screenshot({ path: `${process.env.HUYING_OUT ?? new URL("./out/", import.meta.url).pathname}/caller-zh.png`, fullPage: true });
});

await journey("masked", "dispatcher", {}, async (page) => {
  const number = fresh();
  await page.goto(`${ORIGIN}/calls`);
  await page.locator("#call-number:focus").waitFor();
  await telephone("/v1/rings", { seat: "dispatcher", number });
  await pop(page).getByText(`•••${number.slice(-4)}`).waitFor();
  assert.ok(!(await page.content()).includes(number), "the number is nowhere on the page");
  await page.keyboard.press("n");
  await page.keyboard.type(`井盖松动 ${Date.now()}`);
  await page.keyboard.press("Control+Enter");
  await page.getByText(/上一件 0-\d+/).waitFor();
  const id = (await page.getByText(/上一件/).innerText()).match(/0-\d+/)[0];
  const taker = await signIn(await visitor(browser), "calltaker");
  const { caller } = await post(taker, `/v1/cases/${id}/acts`, { ask: "reveal", with: { purpose: "核对" } });
  assert.equal(caller.number, number, "the engine has filled it in");
  await taker.context().close();
});

await journey("on-the-spot", "calltaker", {}, async (page) => {
  await page.goto(`${ORIGIN}/calls`);
  await page.locator("#call-number:focus").waitFor();
  await page.keyboard.press("Alt+2");
  await page.keyboard.type(`护栏倒了 ${Date.now()}`);
  await page.keyboard.press("Alt+0");
  await page.locator("#settle-result:focus").waitFor();
  await page.keyboard.type("电话指导物业当场扶正。");
  await page.keyboard.press("Control+Enter");
  await page.getByText("还缺：佐证照片").waitFor();
  await page.locator(".settle input[type=file]").setInputFiles(PHOTO);
  await page.locator(".settle img").waitFor();
  await page.keyboard.press("Control+Enter");
  await page.getByText(/已登记并当场办结/).first().waitFor();
  const id = (await page.getByText(/上一件/).innerText()).match(/0-\d+/)[0];
  const told = await json(page, `/v1/cases/${id}`);
  assert.deepEqual([told.stage, told.evidence.length], ["resolved", 1]);
});

await journey("patrol", "grid", { phone: true }, async (page, context) => {
  await page.goto(`${ORIGIN}/work`);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.getByRole("button", { name: "巡查上报" }).waitFor();
  await context.setOffline(true);
  await page.getByRole("button", { name: "巡查上报" }).click();
  await page.locator("#found-class").selectOption({ index: 3 });
  await page.locator("#found-result").fill("已清理。");
  const send = page.getByRole("button", { name: "登记为当场办结" });
  assert.ok(await send.isDisabled(), "evidence is asked for");
  await page.locator("[role=dialog] input[type=file]").setInputFiles(PHOTO);
  await page.locator("[role=dialog] img").waitFor();
  await page.screenshot({ path: `${process.env.HUYING_OUT ?? new URL("./out/", import.meta.url).pathname}/patrol-phone.png` });
  await send.click();
  await page.locator(".queue").getByText("项还没发出").waitFor({ timeout: 15_000 });
  const { unit } = await page.evaluate(() => JSON.parse(localStorage.getItem("huying.session") ?? "{}"));
  await context.setOffline(false);
  await page.waitForFunction(() => !document.querySelector(".queue li"), undefined, { timeout: 30_000 });
  const checker = await signIn(await visitor(browser), "checker");
  const { rows } = await json(checker, "/v1/cases?channel=patrol&stage=resolved&limit=500");
  const brought = await Promise.all(rows.slice(-5).map(({ case: id }) => json(checker, `/v1/cases/${id}`)));
  const mine = brought.find(({ timeline }) => timeline.some(({ person }) => person === "grid"));
  assert.ok(mine, `what was found on the round is a case of ${unit ?? "the grid"}`);
  assert.equal(mine.evidence.length, 1);
  await checker.context().close();
});

await over();
