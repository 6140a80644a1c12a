/**
 * The acts of a case's life, each asked by whoever may, on a real case, through its page: what is asked for and ruled,
 * what is given up to a meeting, what is done, checked, answered, called back, closed, looked at again, appealed.
 */
import assert from "node:assert/strict";
import { ORIGIN, signIn, visitor } from "./browser.mjs";
import { browser, journey, json, over, post } from "./journey.mjs";

const PHOTO = { name: "after.png", mimeType: "image/png", buffer: Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAD0lEQVR4nGP4z8DwHwQBEPgD/U6VwW8AAAAASUVORK5CYII=", "base64") };
const DAY_MS = 86_400_000;
/** Closed cases of the demo that are looked through for one that was late. */
const LOOKED_THROUGH_MAX = 1_500;

const people = new Map();
/** Somebody's page; each signs in once. */
async function person(account) {
  if (!people.has(account)) people.set(account, await signIn(await visitor(browser), account));
  return people.get(account);
}
const dialog = (page) => page.locator("[role=dialog]");
const told = async (account, id) => json(await person(account), `/v1/cases/${id}`);

/** An instant so many days from now, as the control for instants takes it. */
const inDays = (now, days) => new Date(Date.parse(now) + days * DAY_MS + 8 * 3_600_000).toISOString().slice(0, 16);

/** One act through the page: the button, the form, and what the timeline says of it. */
async function does(account, id, name, fill, line) {
  const page = await person(account);
  await page.goto(`${ORIGIN}/cases/${id}`);
  await page.locator("section[aria-labelledby=acts] .button").first().waitFor();
  await page.locator("section[aria-labelledby=acts]").getByRole("button", { name, exact: true }).click();
  await dialog(page).waitFor();
  await fill?.(page);
  await dialog(page).getByRole("button", { name, exact: true }).click();
  await dialog(page).waitFor({ state: "detached", timeout: 15_000 }).catch(async () => {
    throw new Error(`${account} ${name}: ${await dialog(page).innerText()}`);
  });
  await page.locator(".timeline").getByText(line).first().waitFor({ timeout: 15_000 }).catch(async () => {
    throw new Error(`${account} ${name}: no line like ${line} in: ${(await page.locator(".timeline").innerText()).slice(-400)}`);
  });
  return page;
}
const text = (field, words) => (page) => page.locator(`#act-${field}`).fill(words);

/** A case of the grid worker's own grid, once it is there. */
async function given() {
  const desk = await person("calltaker");
  const { unit } = await json(await person("grid"), "/v1/session");
  const { answers } = await post(desk, "/v1/calls?channel=call", { class: "ask.policy", words: `咨询办事流程 ${Date.now()}`, place: { area: unit }, caller: { number: "13900000000" } });
  const id = answers[0].case;
  for (let n = 0; n < 40 && (await told("supervisor", id)).stage !== "assigned"; n += 1) await desk.waitForTimeout(250);
  assert.equal((await told("supervisor", id)).holder, unit, "the grid has it");
  return id;
}

await journey("asked-and-ruled", null, {}, async () => {
  const id = await given();
  const { now } = await told("supervisor", id);
  await does("grid", id, "签收", undefined, "签收");
  // Longer is asked for and granted: the due instant moves, and the bar says why.
  const before = (await told("grid", id)).clocks.find(({ clock }) => clock === "resolve");
  await does("grid", id, "申请延期", async (page) => {
    // More than the rules let is refused with the latest instant, on the city's wall, at the field that is wrong.
    await page.locator("#act-until").fill(inDays(now, 60));
    await page.locator("#act-reason").fill("等待上级部门答复。");
    await dialog(page).getByRole("button", { name: "申请延期", exact: true }).click();
    await dialog(page).locator(".wrong", { hasText: /期限至 最晚为 \d{4}-\d\d-\d\d \d\d:\d\d/ }).waitFor();
    assert.equal(await page.locator("#act-reason").inputValue(), "等待上级部门答复。", "nothing typed is lost");
    await page.locator("#act-until").fill(inDays(before.due, 0.5));
  }, "等待上级部门答复");
  await does("supervisor", id, "准予", text("note", "情况属实，同意。"), "同意第 1 次延期");
  const after = (await told("grid", id)).clocks.findLast(({ clock }) => clock === "resolve");
  assert.ok(after.due > before.due, `the limit moves: ${before.due} ${after.due}`);
  // Rest is asked for and denied, asked for and granted; then it goes on.
  const rest = (reason) => async (page) => {
    await page.locator("#act-ground").selectOption({ index: 1 });
    await page.locator("#act-until").fill(inDays(now, 15));
    await page.locator("#act-reason").fill(reason);
    const plan = page.locator("#act-plan");
    if (await plan.count()) await plan.fill("到期前逐周查看。");
  };
  await does("grid", id, "申请挂账", rest("冬季不能施工。"), "冬季不能施工");
  await does("supervisor", id, "不准", text("note", "先采取临时措施。"), "先采取临时措施");
  assert.equal((await told("grid", id)).stage, "handling");
  await does("grid", id, "申请挂账", rest("临时措施已做，其余等开春。"), "其余等开春");
  const page = await does("supervisor", id, "准予", text("note", "请逐周查看。"), "同意挂账");
  assert.equal((await told("grid", id)).stage, "suspended");
  await page.locator(".clock").first().waitFor();
  const resting = (await told("grid", id)).clocks.findLast(({ clock }) => clock === "resolve");
  assert.ok(resting.paused, "it stands still");
  await page.locator(".clock", { hasText: "暂停计时" }).first().waitFor();
  assert.ok(resting.segments.some(({ counted }) => !counted), "its clock does not count while it rests");
  await page.screenshot({ path: `${process.env.HUYING_OUT ?? new URL("./out/", import.meta.url).pathname}/suspended-zh.png`, fullPage: true });
  await does("supervisor", id, "恢复办理", undefined, "恢复");
  assert.equal((await told("grid", id)).stage, "handling");
  // A meeting gives somebody a task, which they finish.
  await does("supervisor", id, "会商", async (page) => {
    await page.locator("#act-decision").fill("由中心牵头答复。");
    await page.locator("#act-participants").fill("中心");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await dialog(page).getByRole("button", { name: "添加任务" }).click();
    await page.locator("#task-owner-0").fill("中心");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator("#task-due-0").fill(inDays(now, 10));
    await page.locator("#task-what-0").fill("拟出答复口径。");
  }, "由中心牵头答复");
  await does("supervisor", id, "完成任务", async (page) => {
    await page.locator("#act-number").fill("1");
    await page.locator("#act-note").fill("口径已拟好。");
  }, "口径已拟好");
});

await journey("to-the-end", null, {}, async () => {
  const id = await given();
  await does("grid", id, "签收", undefined, "签收");
  await does("grid", id, "联系", (page) => dialog(page).locator("input[type=checkbox]").first().check(), "已联系来电人");
  await does("grid", id, "到场", undefined, "到达现场");
  await does("grid", id, "办结", async (page) => {
    await page.locator("#act-result").fill("已当面说明办理流程。");
    await dialog(page).locator("input[type=file]").setInputFiles(PHOTO);
    await dialog(page).locator("img").waitFor();
  }, "已当面说明办理流程");
  const { now } = await told("checker", id);
  await does("checker", id, "核查", async (page) => {
    await page.locator("[role=dialog] input[type=checkbox]").first().check();
    await page.locator("#act-note").fill("照片与说明一致。");
  }, "照片与说明一致");
  await does("checker", id, "答复", async (page) => {
    await page.locator("#act-when").fill(inDays(now, 0));
    await page.locator("#act-contacted").fill("网格员");
    await page.locator("#act-done").fill("已当面说明办理流程。");
  }, /答复/);
  for (let n = 0; n < 40 && (await told("checker", id)).stage !== "answered"; n += 1) await (await person("checker")).waitForTimeout(250);
  await does("checker", id, "回访", async (page) => {
    await page.locator("[role=dialog] fieldset input[type=checkbox]").check();
    await page.getByLabel("是否解决").selectOption("yes").catch(() => page.locator("[role=dialog] fieldset select").first().selectOption("yes"));
    await page.locator("[role=dialog] fieldset select").nth(1).selectOption({ index: 1 });
  }, "回访");
  // Nobody closes what the caller was not told; who has called writes it down, and the confirmed case closes by itself.
  assert.ok(!(await told("checker", id)).asks.some(({ ask }) => ask === "close"), "the caller has to be told first");
  await does("checker", id, "登记已告知", async (page) => page.waitForFunction(() => document.querySelector("#act-receipt")?.value === "已电话告知"), /已电话告知/);
  for (let n = 0; n < 40 && (await told("checker", id)).stage !== "closed"; n += 1) await (await person("checker")).waitForTimeout(250);
  assert.equal((await told("checker", id)).stage, "closed");
  await does("supervisor", id, "回头看", async (page) => {
    await page.locator("#act-kind").selectOption({ index: 1 });
    await page.locator("[role=dialog] input[type=checkbox]").first().check();
    await page.locator("#act-note").fill("半月后回看，没有反弹。");
  }, "没有反弹");
});

await journey("appealed", null, {}, async () => {
  // Whoever was late appeals, also a unit that has passed the case on since: it is given somebody who may.
  const page = await person("supervisor");
  let late, breach;
  for (let n = 1, gone = 0; n <= LOOKED_THROUGH_MAX && gone < 20 && !breach; n += 1) {
    const one = await json(page, `/v1/cases/0-${n}`);
    gone = one.case ? 0 : gone + 1;
    if (one.stage !== "closed" || one.timeline.some(({ event }) => event.startsWith("case.appealed"))) continue;
    breach = one.clocks.find(({ breached, exempted, holder }) => breached && !exempted && holder !== "centre");
    late = one.case;
  }
  if (!breach) return console.log("     no closed case of the demo was late: nothing to appeal against");
  const [account, password] = ["late", "huying-demo-late"];
  const made = await post(await person("operator"), "/v1/accounts", { account, unit: breach.holder, roles: ["handler"], password });
  assert.equal(made.status, 200, made.zh);
  people.set(account, await signIn(await visitor(browser), account, password));
  await does(account, late, "申诉", async (page) => {
    await page.locator("#act-breach").selectOption({ index: 1 });
    await page.locator("#act-ground").selectOption({ index: 1 });
    await page.locator("#act-reason").fill("当日道路管制，无法到场。");
  }, "当日道路管制");
  await does("supervisor", late, "裁定申诉", async (page) => {
    await page.locator("[role=dialog] input[type=checkbox]").first().check();
    await page.locator("#act-note").fill("管制通告可查，申诉成立。");
  }, "申诉成立");
  const { clocks } = await told("supervisor", late);
  assert.ok(clocks.some(({ breached, exempted }) => breached && exempted), "the breach stays, and the exemption stands beside it");
});

await over();
