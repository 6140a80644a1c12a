/** Cases as views see them: lists behind numbers, one case whole, and what may be asked of it. */
import { act as send, readCase, type CaseWhole, type Row, type Tick } from "./data/cases";
import { secondsBetween } from "@/words/say";
import { address } from "@/wire/data/http";

export { readCase, readPage, type CaseWhole, type Filter, type Line, type Page, type Row, type Segment, type Tale, type Taken, type Tick } from "./data/cases";
export { asksKept, dropSaid, keepSaid, keptSaid } from "./data/drafts";
export { Refused, Unreachable, type Current } from "@/wire/data/http";

/** What narrows boards and lists alike. */
export const NARROWS = ["word", "rung", "stage", "holder", "area", "itself", "class", "flaw", "kind", "channel", "tag", "filed_from", "filed_to", "weekday", "hour"] as const;

export function filterOf(query: Record<string, unknown>): Record<string, string> {
  const said = NARROWS.flatMap((name) => {
    const value = query[name];
    return typeof value === "string" && value ? [[name, value] as const] : [];
  });
  return Object.fromEntries(said);
}

/** The clock that decides: the one that ends first and still runs. */
export function decisive(row: Row): Tick | null {
  const running = row.clocks.filter((tick) => !tick.paused_at);
  return [...running].sort((a, b) => a.due.localeCompare(b.due))[0] ?? null;
}

/** How much of a clock is used up, 0 to 1. */
export function used(tick: Tick, now: string): number {
  const whole = secondsBetween(tick.from, tick.due);
  return whole <= 0 ? 1 : Math.min(1, Math.max(0, secondsBetween(tick.from, now) / whole));
}

export const actOn = (id: string, saw: number | undefined, ask: string, said: Record<string, unknown>, key: string = crypto.randomUUID()) =>
  send(id, saw, ask, said, key);

/** Acts that a page has no button for in a list: they need the whole case before one's eyes. */
export const ROW_ACTS = ["supervise", "remind", "reassign", "rule", "assign", "check", "accept"] as const;

export const exportAddress = (form: "csv" | "xlsx", filter: Record<string, string>) => address(`/v1/cases.${form}`, filter);

export const lookAt = (id: string): Promise<CaseWhole> => readCase(id);

export const fileAddress = (id: string, hash: string) => `/v1/cases/${encodeURIComponent(id)}/files/${hash}`;
