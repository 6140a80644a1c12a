/**
 * The day's work of each of the pages' people, in a real browser against a live engine (the demo city, begun with
 * `huying demo --http`). Each step says what must hold, and the first that does not ends the run.
 */
import assert from "node:assert/strict";
import { ORIGIN, signIn, visitor } from "./browser.mjs";
import { browser, digits, journey, json, over } from "./journey.mjs";

await journey("supervisor", "supervisor", {}, async (page) => {
  const began = performance.now();
  await page.goto(`${ORIGIN}/board`);
  await page.locator(".tiles .value").first().waitFor();
  console.log(`     board's numbers stand after ${Math.round(performance.now() - began)} ms`);
  // The demo goes on: without a reload the record that the board stands at goes up.
  const asOf = page.locator(".asof");
  const before = digits((await asOf.innerText()).split("·")[1]);
  await page.waitForFunction((before) => Number(document.querySelector(".asof").textContent.split("·")[1].replace(/\D/g, "")) > before, before, { timeout: 15_000 });
  assert.match(await page.locator(".live").innerText(), /实时/);
  // Every number opens its list, and the list is as long as the number was at that record.
  const links = await page.locator(".tiles a, .side a, .thirds a, .health a").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  const lists = [...new Set(links.filter((href) => href?.startsWith("/cases?") || href === "/cases"))];
  assert.ok(lists.length > 20, `only ${lists.length} numbers lead to a list`);
  const board = await json(page, "/v1/board");
  const wanted = { "/cases": board.open.all };
  for (const word of ["within", "approaching", "breached", "unknown"]) wanted[`/cases?word=${word}`] = board.open[word];
  for (const { rung, counts } of board.rungs) wanted[`/cases?rung=${rung}`] = counts.all;
  for (const { area, counts } of board.areas) wanted[`/cases?area=${area}`] = counts.all;
  const odd = [];
  for (const [href, number] of Object.entries(wanted)) {
    const list = await json(page, `/v1${href}${href.includes("?") ? "&" : "?"}limit=1`);
    if (list.seq === board.seq && list.total !== number) odd.push(`${href}: ${number} on the board, ${list.total} in the list`);
  }
  assert.deepEqual(odd.filter((one) => !one.includes("area=")), []);
  for (const one of odd) console.log(`     ${one}`);
  // A click on an area narrows everything; another one goes deeper.
  const area = page.locator("section[aria-labelledby=areas] button.name").first();
  await area.click();
  await page.waitForURL(/area=\d+/);
  await page.waitForTimeout(1500);
  await page.locator("section[aria-labelledby=areas] button.name").first().click();
  await page.waitForTimeout(1500);
  assert.ok((await page.locator(".path button").count()) >= 2);
  // A list from a tile.
  await page.goto(`${ORIGIN}/board`);
  await page.locator(".tiles a").first().click();
  await page.waitForURL(/\/cases/);
  await page.locator("table.cases tbody tr").first().waitFor();
});

await journey("case", "supervisor", {}, async (page) => {
  const { rows } = await json(page, "/v1/cases?order=due&limit=200");
  const row = rows.find((one) => one.asks.includes("remind") && ["assigned", "handling"].includes(one.stage));
  await page.goto(`${ORIGIN}/cases/${row.case}`);
  await page.locator(".clock").first().waitFor();
  await page.locator(".clock .button").first().click();
  await page.locator(".clock table tbody tr").first().waitFor();
  await page.getByRole("button", { name: "催办", exact: true }).click();
  await page.locator("#act-note").fill("请尽快到场处理。");
  await page.locator("dialog, [role=dialog]").getByRole("button", { name: "催办" }).click();
  await page.locator(".timeline").getByText("请尽快到场处理").first().waitFor({ timeout: 15_000 });
  assert.equal(await page.locator("[role=dialog]").count(), 0);
});

await journey("call-taker", "calltaker", {}, async (page, context) => {
  await page.goto(`${ORIGIN}/calls`);
  await page.locator("#call-number:focus").waitFor();
  // Nothing but the keyboard.
  await page.keyboard.type("13900000000");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Alt+2");
  const words = `路灯不亮 ${Date.now()}，晚上走路看不见`;
  await page.keyboard.type(words);
  await page.waitForTimeout(600);
  // While an input method composes, no key acts.
  await page.evaluate(() => window.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, isComposing: true })));
  assert.equal(await page.locator("#call-words").inputValue(), words);
  // A crash: the page is gone without a word, and what was written is there again.
  await page.close({ runBeforeUnload: false });
  page = await context.newPage();
  await page.goto(`${ORIGIN}/calls`);
  await page.getByText("已恢复未登记的草稿").waitFor();
  assert.equal(await page.locator("#call-words").inputValue(), words);
  assert.equal(await page.locator("#call-number").inputValue(), "13900000000");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#call-words").inputValue(), words);
  await page.keyboard.press("F1");
  await page.locator("[role=dialog]").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Alt+4");
  await page.keyboard.type("社区第1网格");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Alt+5");
  const lamp = await page.locator("#call-class option").evaluateAll((all) => all.find((one) => one.textContent.includes("路灯"))?.value);
  await page.locator("#call-class").selectOption(lamp);
  // Before it is taken: where, who, why, by when.
  const foresight = page.locator("section[aria-labelledby=foresight]");
  await foresight.getByText("派往").waitFor();
  await foresight.getByText("原因").waitFor();
  await page.keyboard.press("Control+Enter");
  await page.getByText(/上一件 0-\d+/).waitFor();
  assert.equal(await page.locator("#call-words").inputValue(), "");
  const id = (await page.getByText(/上一件/).innerText()).match(/0-\d+/)[0];
  await page.goto(`${ORIGIN}/cases/${id}`);
  await page.locator(".timeline li").first().waitFor();
  assert.ok(!(await page.locator("main").innerText()).includes("13900000000"), "the number is masked");
});

await journey("handler", "grid", { phone: true }, async (page, context) => {
  // Somebody of this grid calls, so that there is something to do.
  const { unit } = await json(page, "/v1/session");
  const desk = await signIn(await visitor(browser), "calltaker");
  const answer = await desk.evaluate(async (area) => {
    const { csrf } = await (await fetch("/v1/session")).json();
    const headers = { "Content-Type": "application/json", "X-Huying-CSRF": csrf, "Idempotency-Key": crypto.randomUUID() };
    const body = JSON.stringify({ class: "ask.policy", words: `咨询办事流程 ${Date.now()}`, place: { area } });
    return (await fetch("/v1/calls?channel=call", { method: "POST", headers, body })).json();
  }, unit);
  assert.equal(answer.answers[0].answer, "taken");
  await desk.context().close();
  await page.goto(`${ORIGIN}/work`);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.locator(".card, .none").first().waitFor();
  let cards = await page.locator(".card .big").count();
  for (let n = 0; !cards && n < 30; n += 1) {
    await page.waitForTimeout(2000);
    cards = await page.locator(".card .big").count();
  }
  assert.ok(cards, "the grid worker has something to do");
  await context.setOffline(true);
  const card = page.locator(".card", { has: page.locator(".big") }).first();
  const id = await card.locator(".id").innerText();
  const mine = page.locator(".card", { hasText: id });
  const step = (await mine.locator(".big").innerText()).trim();
  await mine.locator(".big").click();
  if (step === "处置" || step === "完成") {
    await page.locator("#said").fill("已到场查看。");
    await page.locator("[role=dialog] .big").click();
  }
  await page.locator(".queue").getByText("项还没发出").waitFor({ timeout: 15_000 });
  await page.getByText("没有网络").waitFor();
  // The page itself comes from the device, the queue too.
  await page.reload();
  await page.locator(".queue").getByText("项还没发出").waitFor({ timeout: 15_000 });
  await page.locator(".card").first().waitFor();
  await page.screenshot({ path: "/tmp/journey-offline.png" });
  await context.setOffline(false);
  await page.waitForFunction(() => !document.querySelector(".queue li.waiting"), undefined, { timeout: 30_000 });
  const refused = await page.locator(".queue .conflict").allInnerTexts();
  console.log(`     ${id}: ${step} was ${refused.length ? `refused plainly: ${refused[0]}` : "taken after the network came back"}`);
  const told = await json(page, `/v1/cases/${id}`);
  assert.ok(refused.length || told.timeline.some(({ person }) => person === "grid"), "what was done stands in the timeline");
});

await journey("operator", "operator", {}, async (page) => {
  await page.goto(`${ORIGIN}/operator`);
  await page.locator("table tbody tr").first().waitFor();
  const first = page.locator("[role=switch]").first();
  const before = await first.getAttribute("aria-checked");
  await first.click();
  await page.waitForFunction((before) => document.querySelector("[role=switch]").getAttribute("aria-checked") !== before, before);
  await first.click();
  await page.waitForFunction((before) => document.querySelector("[role=switch]").getAttribute("aria-checked") === before, before);
  for (const tab of ["rules", "access", "audit", "system"]) {
    await page.goto(`${ORIGIN}/operator/${tab}`);
    await page.locator("[role=tabpanel] .sheet").first().waitFor();
    await page.waitForTimeout(800);
    assert.equal(await page.locator("[role=tabpanel] .notice.bad").count(), 0, `${tab} complains`);
  }
});

await journey("resident", null, { phone: true }, async (page) => {
  await page.goto(`${ORIGIN}/`);
  await page.getByRole("link", { name: "反映问题" }).click();
  await page.locator("#words").fill("小区门口路灯不亮，晚上看不见路。");
  await page.locator("#address").fill("站前社区 人民路12号");
  await page.locator("#number").fill("13800000000");
  await page.getByRole("button", { name: "提交" }).click();
  await page.getByText(/已受理，编号/).waitFor({ timeout: 15_000 });
  await page.getByRole("link", { name: "查看进度" }).click();
  await page.locator(".steps li").first().waitFor();
  assert.ok(!(await page.locator("main").innerText()).includes("13800000000"));
});

await over();
