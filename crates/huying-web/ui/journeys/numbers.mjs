/** Every number of the board, of the rates, of the clocks and of the units opens its list, and the list is as long as the number. */
import assert from "node:assert/strict";
import { ORIGIN } from "./browser.mjs";
import { digits, journey, json, over } from "./journey.mjs";

/** The city goes on meanwhile: a number is held to a list that stands at the same record, within so many rounds. */
const ROUNDS_MAX = 40;

/** What stands on the page at one record: each link to a list with its number. */
const standing = (page) =>
  page.evaluate(() => {
    const seq = Number(document.querySelector(".asof").textContent.split("·")[1].replace(/\D/g, ""));
    const links = [...document.querySelectorAll("main a")].filter((one) => /^\/cases(\?|$)/.test(one.getAttribute("href")));
    const numbers = links.flatMap((one) => {
      const value = one.querySelector(".value")?.textContent ?? (one.getAttribute("aria-label")?.match(/([\d,]+)\D*$/)?.[1] || one.textContent.trim());
      return /^[\d,]+$/.test(value) ? [[one.getAttribute("href"), Number(value.replace(/,/g, ""))]] : [];
    });
    return { seq, numbers };
  });

async function holdAll(page, least) {
  const held = new Set();
  let all = new Set();
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { seq, numbers } = await standing(page);
    all = new Set(numbers.map(([href]) => href));
    const open = numbers.filter(([href]) => !held.has(href));
    if (!open.length) break;
    const lists = await page.evaluate((hrefs) => Promise.all(hrefs.map(async (href) => {
      const { total, seq } = await (await fetch(`/v1${href}${href.includes("?") ? "&" : "?"}limit=1`)).json();
      return { total, seq };
    })), open.map(([href]) => href));
    open.forEach(([href, number], n) => {
      if (lists[n].seq !== seq) return;
      assert.equal(lists[n].total, number, `${href} is ${number} on the page and ${lists[n].total} in its list`);
      held.add(href);
    });
    await page.waitForTimeout(250);
  }
  const missed = [...all].filter((href) => !held.has(href));
  assert.deepEqual(missed, [], "never seen at the same record");
  assert.ok(held.size >= least, `only ${held.size} numbers lead to a list`);
  return held;
}

await journey("numbers", "supervisor", {}, async (page) => {
  await page.goto(`${ORIGIN}/board`);
  await page.locator(".tiles .value").first().waitFor();
  const held = await holdAll(page, 40);
  console.log(`     ${held.size} numbers of the board are as long as their lists`);
  for (const kind of ["word=", "rung=", "area=", "holder=", "class=", "flaw=", "weekday="]) assert.ok([...held].some((href) => href.includes(kind)), `no number leads to ${kind}`);
  // Under a filter too: one area, and one level within it.
  const area = [...held].find((href) => /area=\d+$/.test(href)).match(/area=(\d+)/)[1];
  await page.goto(`${ORIGIN}/board?area=${area}`);
  await page.locator(".tiles .value").first().waitFor();
  console.log(`     ${(await holdAll(page, 10)).size} numbers of one area are as long as theirs`);
  // The page itself shows what the address answers.
  for (const href of [`/cases?area=${area}`, "/cases?flaw=unaccepted", "/cases?rung=centre"]) {
    await page.goto(`${ORIGIN}${href}`);
    await page.locator("table.cases").waitFor();
    await page.waitForFunction(async (href) => {
      const { total, seq } = await (await fetch(`/v1${href}&limit=1`)).json();
      const [shown, at] = [document.querySelector(".total").textContent, document.querySelector(".head > .quiet").textContent];
      return Number(at.split("·")[1].replace(/\D/g, "")) !== seq ? false : Number(shown.replace(/\D/g, "")) === total;
    }, href, { timeout: 20_000, polling: 300 });
  }
});

await journey("flows", "supervisor", {}, async (page) => {
  await page.goto(`${ORIGIN}/board`);
  await page.locator(".tiles button.tile").first().waitFor();
  assert.equal(await page.locator(".tiles button.tile").count(), 3);
  for (const [n, name] of ["filed", "closed", "breached"].entries()) {
    let same = false;
    for (let round = 0; round < ROUNDS_MAX && !same; round += 1) {
      const [board, list] = await page.evaluate(async (name) => Promise.all([(await fetch("/v1/board")).json(), (await fetch(`/v1/flows?number=${name}`)).json()]), name);
      if (board.seq !== list.seq) continue;
      assert.equal(list.total, board.flows.today[name], name);
      same = true;
    }
    assert.ok(same, name);
    const tile = page.locator(".tiles button.tile").nth(n);
    assert.match(await tile.innerText(), /比昨日同时 [+−]\d/);
    await tile.click();
    const total = page.locator("[role=dialog] .total");
    await total.waitFor();
    assert.ok(Math.abs(digits(await total.innerText()) - digits(await tile.locator(".value").innerText())) < 30);
    await page.getByRole("button", { name: "昨日同时" }).click();
    await total.waitFor();
    await page.keyboard.press("Escape");
  }
});

await journey("rates", "supervisor", {}, async (page) => {
  await page.goto(`${ORIGIN}/board`);
  const table = page.locator("section[aria-labelledby=rates]");
  await table.locator("tbody tr").first().waitFor();
  const { from, to, lines } = await json(page, "/v1/rates?by=unit");
  // Which number of the ledger each column shows; satisfaction counts a basic one as nine tenths, so it has no list of that length.
  let held = 0;
  for (const line of lines.slice(0, 4)) {
    for (const number of ["due", "closed", "on_time", "reworked", "contacted", "solved", "satisfied", "late", "effective"]) {
      const list = await json(page, `/v1/rates?by=unit&key=${encodeURIComponent(line.key)}&number=${number}&from=${from}&to=${to}`);
      const now = (await json(page, "/v1/rates?by=unit"));
      if (now.seq !== list.seq) continue;
      assert.equal(list.total, now.lines.find(({ key }) => key === line.key)?.counts[number] ?? 0, `${line.key} ${number}`);
      held += 1;
    }
  }
  assert.ok(held > 20, `only ${held} numbers were seen at the same record`);
  console.log(`     ${held} numbers of the rates are as long as their lists`);
  // Sorting by a column turns its rows round.
  const first = () => table.locator("tbody th").first().innerText();
  const before = await first();
  await table.locator("thead button").first().click();
  assert.equal(await table.locator("th[aria-sort]").getAttribute("aria-sort"), "ascending");
  assert.notEqual(await first(), before);
  await table.locator("tbody .opens").first().click();
  await page.locator("[role=dialog] .found").first().waitFor({ state: "attached" });
});

await journey("timing", "supervisor", {}, async (page) => {
  await page.goto(`${ORIGIN}/board`);
  const table = page.locator("section[aria-labelledby=timing]");
  await table.locator("tbody tr").first().waitFor();
  const ends = ["met", "in_time", "unmet", "breached"];
  const held = new Set();
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { told, lists } = await page.evaluate(async (ends) => {
      const read = async (path) => (await fetch(path)).json();
      const told = await read("/v1/timing");
      const worst = told.lines.filter((line) => line.met + line.unmet).sort((a, b) => b.breached - a.breached).slice(0, 8);
      const wanted = worst.flatMap((line) => ends.map((number) => ({ line, number })));
      const lists = await Promise.all(wanted.map(async ({ line, number }) => ({ line, number, list: await read(`/v1/timing/list?clock=${line.clock}&unit=${line.unit}&number=${number}`) })));
      return { told, lists };
    }, ends);
    for (const { line, number, list } of lists) {
      if (list.seq !== told.seq) continue;
      const name = `${line.clock} of ${line.unit}: ${number}`;
      assert.equal(list.total, line[number], name);
      assert.equal(list.items.length, Math.min(list.total, list.listed_max), name);
      held.add(name);
    }
    if (held.size >= 32) break;
    await page.waitForTimeout(250);
  }
  assert.ok(held.size >= 16, `only ${held.size} numbers of clocks were seen at the same record`);
  console.log(`     ${held.size} numbers of clocks are as long as their lists`);
  // Each number of the table is one to press, and what opens leads to cases.
  const [rows, numbers] = [await table.locator("tbody tr").count(), await table.locator("tbody .opens").count()];
  assert.equal(numbers, 4 * rows);
  for (const nth of [0, 2, 3]) {
    await table.locator("tbody .opens").nth(nth).click();
    await page.locator("[role=dialog] .found").waitFor({ state: "attached" });
    if (nth === 0) assert.match(await page.locator("[role=dialog] .found a").first().getAttribute("href"), /^\/cases\//);
    await page.keyboard.press("Escape");
    await page.locator("[role=dialog]").waitFor({ state: "detached" });
  }
});

await journey("units", "supervisor", {}, async (page) => {
  await page.goto(`${ORIGIN}/operator`);
  await page.locator("table tbody tr").first().waitFor();
  const held = new Set();
  let all = [];
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { units, seq, lists } = await page.evaluate(async () => {
      const read = async (path) => (await fetch(path)).json();
      const told = await read("/v1/units");
      const units = told.units.filter(({ open }) => open.all).slice(0, 8).map(({ unit, open, unaccepted }) => ({ unit, open, unaccepted }));
      const hrefs = units.flatMap(({ unit }) => ["", "&word=breached", "&flaw=unaccepted"].map((more) => `/cases?holder=${unit}${more}`));
      const lists = await Promise.all(hrefs.map(async (href) => [href, await read(`/v1${href}&limit=1`)]));
      return { units, seq: told.seq, lists: lists.map(([href, { total, seq }]) => ({ href, total, seq })) };
    });
    all = lists.map(({ href }) => href);
    const numbers = units.flatMap(({ open, unaccepted }) => [open.all, open.breached, unaccepted]);
    lists.forEach((list, n) => {
      if (list.seq !== seq) return;
      assert.equal(list.total, numbers[n], list.href);
      held.add(list.href);
    });
    if (all.every((href) => held.has(href))) break;
  }
  assert.deepEqual(all.filter((href) => !held.has(href)), [], "never seen at the same record");
  assert.ok(held.size > 10, `only ${held.size} numbers of units lead to a list`);
  const links = await page.locator("main a").evaluateAll((found) => found.map((one) => one.getAttribute("href")).filter((href) => href.startsWith("/cases?holder=")));
  for (const more of ["&word=breached", "&flaw=unaccepted"]) assert.ok(links.some((href) => href.endsWith(more)), more);
  console.log(`     ${held.size} numbers of units are as long as their lists`);
});

await over();
