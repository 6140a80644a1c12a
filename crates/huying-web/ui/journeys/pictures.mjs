/** Takes a picture of each page, in both languages, light and dark, on telephone and wall, and asks axe what it finds. */
import { mkdir } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { ORIGIN, open, signIn, visitor } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const OUT = process.env.HUYING_OUT ?? new URL("./out/", import.meta.url).pathname;
const only = process.argv[2];
const FORMS = [
  ["zh", { lang: "zh-CN" }], ["zh-dark", { lang: "zh-CN", dark: true }], ["en", { lang: "en" }],
  ["phone", { lang: "zh-CN", phone: true }], ["phone-dark", { lang: "en", phone: true, dark: true }],
];
const PAGES = [
  ["board", "supervisor", "/board"], ["wall", "supervisor", "/board?wall=1", [["zh", { lang: "zh-CN", wall: true }], ["zh-dark", { lang: "zh-CN", dark: true, wall: true }]]],
  ["cases", "supervisor", "/cases?word=breached"], ["case", "supervisor", "case"], ["calls", "calltaker", "/calls"], ["work", "grid", "/work"],
  ["operator", "operator", "/operator"], ["rules", "operator", "/operator/rules"], ["access", "operator", "/operator/access"], ["audit", "auditor", "/operator/audit"], ["system", "operator", "/operator/system"],
  ["front", null, "/"], ["report", null, "/report"], ["sign-in", null, "/sign-in"], ["me", "supervisor", "/me"],
];

await mkdir(OUT, { recursive: true });
const browser = await open();
let serious = 0;
for (const [name, account, path, forms = FORMS] of PAGES) {
  if (only && !only.split(",").includes(name)) continue;
  for (const [form, look] of forms) {
    const context = await visitor(browser, look);
    const page = account ? await signIn(context, account) : await context.newPage();
    page.on("pageerror", (error) => console.log(`  error on ${name}: ${error.message}`));
    page.on("console", (told) => told.type() === "error" && !/status of (404|401)/.test(told.text()) && console.log(`  console on ${name}: ${told.text()}`));
    let to = path;
    if (path === "case") {
      to = await page.evaluate(async () => {
        const { rows } = await (await fetch("/v1/cases?word=breached&order=due&limit=20")).json();
        const any = rows.length ? rows : (await (await fetch("/v1/cases?limit=5")).json()).rows;
        return `/cases/${any[0].case}`;
      });
    }
    await page.goto(ORIGIN + to);
    await page.waitForTimeout(1500);
    if (name === "calls") {
      await page.locator("#call-number").fill("13900000000");
      await page.locator("#call-words").fill("小区门口的井盖松动了，车压上去很响，晚上睡不着，怕有人掉下去。");
      await page.locator("#call-area").fill("社区");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.waitForTimeout(1500);
    }
    if (name === "case") {
      await page.locator(".clock .button").first().click().catch(() => undefined);
    }
    // What sticks to the top would else stand in the middle of the picture.
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: `${OUT}/${name}-${form}.png`, fullPage: !look.wall });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
    const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    serious += bad.length;
    console.log(`${name}-${form}: ${violations.length} findings, ${bad.length} serious`);
    for (const one of violations) console.log(`  ${one.impact} ${one.id}: ${one.nodes.slice(0, 3).map(({ target, any }) => `${target} ${any[0]?.message ?? ""}`).join(" | ").slice(0, 500)}`);
    await context.close();
  }
}
await browser.close();
console.log(serious ? `${serious} serious findings` : "no serious finding");
process.exitCode = serious ? 1 : 0;
