/** Debian's Chromium, driven without a window: what every journey and picture begins with. */
import { chromium } from "playwright-core";

export const ORIGIN = process.env.HUYING_PAGES ?? "http://127.0.0.1:8311";
export const PASSWORD = process.env.HUYING_PASSWORD ?? "huying-demo";
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream",
];
/** 灯塔, where the demo plays. */
const PLACE = { latitude: 41.4263, longitude: 123.3392 };

export async function open() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });
}

export async function visitor(browser, { lang = "zh-CN", dark = false, phone = false, wall = false, touch = phone } = {}) {
  const viewport = wall ? { width: 1920, height: 1080 } : phone ? { width: 390, height: 844 } : { width: 1440, height: 900 };
  const context = await browser.newContext({
    viewport, locale: lang, colorScheme: dark ? "dark" : "light", hasTouch: touch, isMobile: phone,
    deviceScaleFactor: phone ? 2 : 1, geolocation: PLACE, permissions: ["geolocation"], timezoneId: "Asia/Shanghai",
  });
  await context.addInitScript((lang) => localStorage.setItem("huying.lang", lang), lang);
  return context;
}

export async function signIn(context, account, password = PASSWORD) {
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/sign-in`);
  await page.locator("#account").fill(account);
  await page.locator("#password").fill(password);
  await page.locator("form button[type=submit]").click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return page;
}
