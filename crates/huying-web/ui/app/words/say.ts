/** How pages say things: words of the catalogue, sentences of the engine, instants and spans in the city's time. */
import { zone } from "@/catalogue/source";
import type { Words } from "@/wire/data/http";
import { computed } from "vue";
import { i18n, type Key, type Lang } from "./index";

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

export const lang = computed<Lang>(() => i18n.global.locale.value as Lang);

export function t(key: Key, named: Record<string, string | number> = {}): string {
  return i18n.global.t(key, named);
}

export function say(words: Words | null | undefined): string {
  if (!words) return "";
  return lang.value === "en" ? words.en || words.zh : words.zh || words.en;
}

function parts(instant: string | number, options: Intl.DateTimeFormatOptions): Record<string, string> {
  const format = new Intl.DateTimeFormat(lang.value, { timeZone: zone.value, hourCycle: "h23", ...options });
  return Object.fromEntries(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
}

const FULL: Intl.DateTimeFormatOptions = {
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", weekday: "short",
};

/** `2026-11-21 14:32 (周六)` */
export function at(instant: string | number | null | undefined): string {
  if (!instant) return "—";
  const p = parts(instant, FULL);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute} (${p.weekday})`;
}

/** An instant as programs write it. */
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g;

/** What the engine says to people: instants on the city's wall, and a field by what the page calls it. */
export function plainly(words: Words | null | undefined, field = "", called = ""): string {
  const told = say(words).replace(INSTANT, (instant) => at(instant));
  return field && called ? told.replaceAll(field, called) : told;
}

/** `11-21 14:32`: where the year is plain. */
export function briefly(instant: string | number | null | undefined): string {
  if (!instant) return "—";
  const p = parts(instant, FULL);
  return `${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

/** `14:32:05` */
export function clock(instant: string | number | null | undefined): string {
  if (!instant) return "—";
  const p = parts(instant, FULL);
  return `${p.hour}:${p.minute}:${p.second}`;
}

/** The name of a day of the week, 0 for Monday. */
export function weekday(n: number): string {
  const monday = Date.UTC(2024, 0, 1);
  return new Intl.DateTimeFormat(lang.value, { weekday: "short", timeZone: "UTC" }).format(monday + n * DAY_S * 1000);
}

/** A span of wall time in its two largest units. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(Math.abs(seconds)));
  if (s < MINUTE_S) return t("span.seconds", { n: s });
  if (s < HOUR_S) return t("span.minutes", { n: Math.floor(s / MINUTE_S) });
  if (s < DAY_S) {
    const m = Math.floor((s % HOUR_S) / MINUTE_S);
    const h = Math.floor(s / HOUR_S);
    return m ? t("span.hours_minutes", { h, m }) : t("span.hours", { h });
  }
  const h = Math.floor((s % DAY_S) / HOUR_S);
  const d = Math.floor(s / DAY_S);
  return h ? t("span.days_hours", { d, h }) : t("span.days", { d });
}

export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** How much is left until an instant, or since when it has passed. */
export function left(due: string | null | undefined, now: string): string {
  if (!due) return "—";
  const seconds = secondsBetween(now, due);
  return seconds >= 0 ? t("span.left", { span: span(seconds) }) : t("span.over", { span: span(seconds) });
}

export function ago(instant: string, now: string): string {
  return t("span.ago", { span: span(secondsBetween(instant, now)) });
}

export function number(n: number): string {
  return new Intl.NumberFormat(lang.value).format(n);
}

/** A share kept as numerator and denominator; nothing where there is nothing to divide by. */
export function share(of: number, all: number): string {
  return all > 0 ? `${((100 * of) / all).toFixed(1)}%` : "—";
}
