/** What is done on the line and on a case's page: settled at once, merged and parted, overtaken, begun and lost. */
import assert from "node:assert/strict";
import { ORIGIN, signIn, visitor } from "./browser.mjs";
import { browser, journey, json, over, post } from "./journey.mjs";

const dialog = (page) => page.locator("[role=dialog]");

/** A call of its own, so that nobody of the demo is in the way. */
async function called(page, words, kind = "ask.policy") {
  const area = (await json(page, "/v1/catalogue")).units.find(({ level }) => level === "grid").area;
  const { answers } = await post(page, "/v1/calls?channel=call", { class: kind, words: `${words} ${Date.now()}`, place: { area } });
  return answers[0].case;
}

async function ask(page, id, name) {
  await page.goto(`${ORIGIN}/cases/${id}`);
  await page.locator("section[aria-labelledby=acts] .button").first().waitFor();
  await page.locator("section[aria-labelledby=acts]").getByRole("button", { name, exact: true }).click();
  await dialog(page).waitFor();
}

await journey("settled", "calltaker", {}, async (page) => {
  await page.goto(`${ORIGIN}/calls`);
  await page.locator("#call-number:focus").waitFor();
  const taken = async () => (await page.getByText(/上一件 0-\d+/).innerText()).match(/0-\d+/)[0];
  const written = async (words) => {
    await page.keyboard.press("Alt+2");
    await page.keyboard.type(`${words} ${Date.now()}`);
  };
  // A question, answered: nothing but the keyboard.
  await written("请问社保卡在哪里补办");
  await page.getByRole("radio", { name: "咨询" }).check({ force: true });
  await page.keyboard.press("Alt+7");
  await page.locator("#settle-done:focus").waitFor();
  await page.keyboard.type("到市民服务中心一楼办理，带身份证。");
  await page.locator("#settle-solved").selectOption("yes");
  await page.keyboard.press("Control+Enter");
  await page.getByText(/已登记并当场答复/).first().waitFor();
  const answered = await taken();
  // Not taken on: what the ground owes is asked for before anything is sent.
  await written("公司拖欠我的奖金，要仲裁");
  await page.keyboard.press("Alt+8");
  await page.locator("#settle-ground").selectOption("other_legal_way");
  await page.locator("#settle-reason").fill("劳动争议应先申请仲裁。");
  await page.keyboard.press("Control+Enter");
  await page.locator("#settle-guide:focus").waitFor();
  await page.getByText("还缺：").waitFor();
  await page.keyboard.type("市劳动人事争议仲裁委员会");
  await page.keyboard.press("Control+Enter");
  await page.getByText(/已登记为不予受理/).first().waitFor();
  const refused = await taken();
  // An emergency: its line, in three keys.
  await written("楼下有人打架");
  await page.keyboard.press("Alt+9");
  await page.locator("#settle-line").selectOption("110");
  await page.keyboard.press("Control+Enter");
  await page.getByText(/已登记并转紧急热线/).first().waitFor();
  const referred = await taken();
  for (const [id, event] of [[answered, "case.answered"], [refused, "case.refused"], [referred, "case.referred"]]) {
    const { timeline } = await json(page, `/v1/cases/${id}`);
    assert.ok(timeline.some((line) => line.event.startsWith(event) && line.seq === timeline[0].seq), `${id}: ${event} in the record of the call`);
  }
  // A breakdown is nobody's question: it says so, and loses nothing.
  await written("路灯不亮");
  await page.getByRole("radio", { name: "投诉" }).check({ force: true });
  await page.keyboard.press("Alt+7");
  await page.getByText("不能当场答复办结").waitFor();
  await page.locator("#settle-done").fill("会去修。");
  await page.keyboard.press("Control+Enter");
  await page.locator("form .notice.bad").first().waitFor();
  assert.match(await page.locator("#call-words").inputValue(), /路灯不亮/);
  await page.keyboard.press("Alt+6");
  await page.keyboard.press("Escape");
  await page.locator("body").click({ position: { x: 5, y: 5 } });
  await page.keyboard.press("?");
  await dialog(page).getByText("当场答复").waitFor();
});

await journey("overtaken", "supervisor", {}, async (page) => {
  const desk = await signIn(await visitor(browser), "calltaker");
  const id = await called(desk, "咨询办事流程");
  await desk.context().close();
  await page.waitForTimeout(1_000);
  await ask(page, id, "批示");
  await page.locator("#act-text").fill("请当日办结。");
  // Somebody else is faster.
  const other = await signIn(await visitor(browser), "supervisor");
  assert.equal((await post(other, `/v1/cases/${id}/acts`, { ask: "remind", with: { note: "先催一次" } })).status, 200);
  await other.context().close();
  await dialog(page).getByRole("button", { name: "批示", exact: true }).click();
  await dialog(page).getByText("有人先一步改动了这个案件").waitFor();
  await dialog(page).getByText("先催一次").waitFor();
  assert.equal(await page.locator("#act-text").inputValue(), "请当日办结。");
  // A crash between: the draft is there again, on the act that was begun.
  await page.reload();
  await page.locator("section[aria-labelledby=acts] .chip", { hasText: "草稿" }).waitFor();
  await page.locator("section[aria-labelledby=acts]").getByRole("button", { name: /^批示/ }).click();
  await page.getByText("上次没有提交的内容已恢复").waitFor();
  assert.equal(await page.locator("#act-text").inputValue(), "请当日办结。");
  await dialog(page).getByRole("button", { name: "批示", exact: true }).click();
  await page.locator(".timeline").getByText("请当日办结").first().waitFor({ timeout: 15_000 });
});

await journey("merged", "supervisor", {}, async (page) => {
  const desk = await signIn(await visitor(browser), "calltaker");
  const [lead, further] = [await called(desk, "小区停水", "water.off").catch(() => called(desk, "小区停水")), await called(desk, "咨询退休手续")];
  await desk.context().close();
  await page.waitForTimeout(1_000);
  await ask(page, further, "并单");
  await page.locator("#act-into").fill(lead);
  await dialog(page).locator(".hint").first().waitFor();
  await page.locator("#act-reason").fill("同一件事。");
  await dialog(page).getByRole("button", { name: "并单", exact: true }).click();
  await page.locator(".timeline").getByText(`并入工单 ${lead}`).first().waitFor({ timeout: 15_000 });
  await ask(page, further, "拆单");
  await page.locator("#act-reason").fill("看错了。");
  await dialog(page).getByRole("button", { name: "拆单", exact: true }).click();
  await page.locator(".timeline").getByText(/拆出/).first().waitFor({ timeout: 15_000 });
  // A meeting with a task for somebody.
  await ask(page, further, "会商");
  await page.locator("#act-decision").fill("由中心牵头。");
  await page.locator("#act-participants").fill("中心");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("button", { name: "添加任务" }).click();
  await page.locator("#task-owner-0").fill("中心");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const due = new Date(Date.parse((await json(page, `/v1/cases/${further}`)).now) + 30 * 86_400_000).toISOString().slice(0, 16);
  await page.locator("#task-due-0").fill(due);
  await page.locator("#task-what-0").fill("写出办法。");
  assert.equal(await page.locator("#task-due-0").inputValue(), due, "an instant is shown as it was typed");
  await dialog(page).getByRole("button", { name: "会商", exact: true }).click();
  await page.locator(".timeline").getByText("由中心牵头").first().waitFor({ timeout: 15_000 });
});

await journey("exempted", "supervisor", {}, async (page) => {
  const { rows } = await json(page, "/v1/cases?word=breached&limit=50");
  assert.ok(rows.length, "some case of the demo is late");
  await ask(page, rows[0].case, "免责");
  const breaches = page.locator("#act-breach option:not([disabled])");
  await breaches.first().waitFor({ state: "attached" });
  await page.locator("#act-breach").selectOption({ index: 1 });
  await page.locator("#act-ground").selectOption({ index: 1 });
  await page.locator("#act-reason").fill("停电期间无法到场。");
  await dialog(page).getByRole("button", { name: "免责", exact: true }).click();
  await page.locator(".timeline").getByText("超期不计责").first().waitFor({ timeout: 15_000 });
});

await over();
