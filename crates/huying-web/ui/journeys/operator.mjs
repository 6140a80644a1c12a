/** The operator's day: takes the table of units out, edits it, looks at the difference, confirms; looks at another calendar. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ORIGIN, open, signIn, visitor } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const OUT = process.env.HUYING_OUT ?? new URL("./out/", import.meta.url).pathname;
const FORMS = [["zh", { lang: "zh-CN" }], ["zh-dark", { lang: "zh-CN", dark: true }], ["en", { lang: "en" }], ["en-dark", { lang: "en", dark: true }], ["phone", { lang: "zh-CN", phone: true }]];
let failed = 0;
function law(said, holds) {
  console.log(`${holds ? "ok" : "FAILED"}: ${said}`);
  failed += holds ? 0 : 1;
}

await mkdir(OUT, { recursive: true });
const browser = await open();
/** A picture of the page as it stands, and what axe finds on it. */
async function picture(page, name) {
  await page.screenshot({ path: `${OUT}/${name}.png`, fullPage: true });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  bad.forEach((one) => console.log(`  ${one.impact} ${one.id}: ${one.nodes.map(({ target }) => target).slice(0, 3).join(" | ")}`));
  law(`axe finds nothing serious on ${name}`, bad.length === 0);
}
async function download(page, link) {
  const [taken] = await Promise.all([page.waitForEvent("download"), link.click()]);
  return readFile(await taken.path(), "utf8");
}
const edited = join(tmpdir(), `huying-units-${process.pid}.csv`);
const calendar = join(tmpdir(), `huying-calendar-${process.pid}.toml`);

for (const [form, look] of FORMS) {
  const context = await visitor(browser, look);
  const page = await signIn(context, "operator");
  page.on("pageerror", (error) => law(`no error on the page: ${error.message}`, false));
  await page.goto(`${ORIGIN}/operator/units`);
  const table = await download(page, page.locator('a[download="units.csv"]'));
  const rows = table.trimEnd().split("\r\n");
  const staff = (row, n) => row.split(",").map((field, at) => (at === 4 ? n : field)).join(",");
  const one = rows.length - 1;
  const now = Number(rows[one].split(",")[4]);
  await writeFile(edited, [...rows.slice(0, one), staff(rows[one], "many"), "Parks!,,,office,1,园林,Parks"].join("\r\n"));
  await page.locator("#table-units").setInputFiles(edited);
  await page.locator(".found").waitFor();
  law(`refused rows are named (${form})`, (await page.locator(".found td.late").count()) >= 2);
  law(`nothing can be confirmed while rows are refused (${form})`, await page.locator(".found .button.strong").isDisabled());
  await picture(page, `import-refused-${form}`);
  await page.locator(".found .button:not(.strong)").click();
  await writeFile(edited, [...rows.slice(0, one), staff(rows[one], String(now + 1)), `parks-${form},,,${rows[one].split(",")[3]},3,园林处,Parks`].join("\r\n"));
  await page.locator("#table-units").setInputFiles(edited);
  await page.locator(".found").waitFor();
  await picture(page, `import-units-${form}`);
  if (form === "zh") {
    await page.locator(".found .button.strong").click();
    await page.locator(".notice[role=status]").waitFor();
    const told = await page.evaluate(async () => (await (await fetch("/v1/units")).json()).units.length);
    law("what was confirmed is in force", told === rows.length);
    await page.reload();
    const again = await download(page, page.locator('a[download="units.csv"]'));
    law("the table that goes out holds it", again.includes("parks-zh,") && again.includes("园林处"));
  }
  await page.goto(`${ORIGIN}/operator/access`);
  const people = await download(page, page.locator('a[download="people.csv"]'));
  await writeFile(edited, people.replace("网格员,", "网格员甲,") + "li,李,Li,centre,话务员,,,\r\n");
  await page.locator("#table-people").setInputFiles(edited);
  await page.locator(".found").waitFor();
  await picture(page, `import-people-${form}`);
  await page.goto(`${ORIGIN}/operator/calendars`);
  await page.locator(".card").first().waitFor();
  const text = await download(page, page.locator('a[download="calendar.toml"]'));
  await picture(page, `calendars-${form}`);
  await writeFile(calendar, text.replace(/\[\[days\]\]/, "# another year\n[[days]]"));
  await page.locator("#rules-calendar").setInputFiles(calendar);
  await page.locator(".found").waitFor();
  await picture(page, `calendars-preview-${form}`);
  await context.close();
}
await browser.close();
process.exitCode = failed ? 1 : 0;
