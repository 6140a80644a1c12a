/** What a call-taker has written so far, and the call that it makes. */
import type { Call } from "./data/calls";

export interface Draft {
  /** Names the call too: sent twice, it is taken once. */
  id: string;
  account: string;
  touched: number;
  channel: string;
  number: string;
  /** The call that rang, where its number may not be read here: the engine fills it in. */
  ring: string;
  name: string;
  words: string;
  address: string;
  area: string;
  point: string;
  class: string;
  condition: string;
  kind: string;
  confidential: boolean;
  /** The open case whose matter this is; nothing where it becomes a case of its own. */
  follows: string;
  settled: Settling;
}

/** What the call-taker settles while the caller is on the line; nothing where it goes the way of every case. */
export interface Settling {
  as: "" | "answer" | "refuse" | "refer" | "solve";
  result: string;
  evidence: string[];
  contacted: string;
  done: string;
  by_when: string;
  solved: string;
  grade: string;
  ground: string;
  reason: string;
  guide: string;
  line: string;
  receipt: string;
}

export const unsettled = (): Settling => ({
  as: "", result: "", evidence: [], contacted: "", done: "", by_when: "", solved: "", grade: "", ground: "", reason: "", guide: "", line: "", receipt: "",
});

export function blank(account: string): Draft {
  return {
    id: crypto.randomUUID(), account, touched: Date.now(), channel: "call", number: "", ring: "", name: "", words: "", address: "",
    area: "", point: "", class: "", condition: "", kind: "", confidential: false, follows: "", settled: unsettled(),
  };
}

const WRITTEN = ["number", "name", "words", "address", "area", "point", "class"] as const;
export const isBlank = (draft: Draft): boolean => !draft.ring && WRITTEN.every((field) => !draft[field].trim());

/** `123.33, 41.42` with whatever stands between them; longitude first, or latitude where only that can be meant. */
export function readPoint(text: string): { lon: number; lat: number; system: string } | null {
  const [one, two] = (text.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
  if (one === undefined || two === undefined) return null;
  const [lon, lat] = Math.abs(two) > 90 ? [two, one] : [one, two];
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? { lon, lat, system: "wgs84" } : null;
}

const fields = <T extends object>(said: T): T | undefined => {
  const entries = Object.entries(said).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return entries.length ? (Object.fromEntries(entries) as T) : undefined;
};

/** Only these are answered on the line; anything else is somebody's work. */
export const ANSWERED_AT_ONCE = ["inquiry", "suggestion", "praise"];
/** Grounds that owe the caller another way, and the one that owes the earlier case. */
export const OWES_WAY = ["other_legal_way", "beyond_duty"];
export const OWES_EARLIER = "nothing_new";
const CASE_NUMBER = /^\d+-\d+$/;

/** What is still to be said before it can be settled so; empty when it can. */
export function lacks({ settled: said }: Draft): (keyof Settling)[] {
  const wanted: (keyof Settling)[] =
    said.as === "answer" ? ["contacted", "done"]
    : said.as === "refuse" ? ["ground", "reason", ...(OWES_WAY.includes(said.ground) || said.ground === OWES_EARLIER ? (["guide"] as const) : [])]
    : said.as === "refer" ? ["line"]
    : said.as === "solve" ? ["result", "evidence"] : [];
  const missing = wanted.filter((field) => !said[field].length || (typeof said[field] === "string" && !said[field].trim()));
  if (said.as === "refuse" && said.ground === OWES_EARLIER && !CASE_NUMBER.test(said.guide.trim()) && !missing.includes("guide")) missing.push("guide");
  return missing;
}

function settledOf(said: Settling): object | undefined {
  const { contacted, done, by_when, solved, grade, ground, reason, guide, line, receipt } = said;
  const to = guide.trim();
  switch (said.as) {
    case "answer":
      // On the line nobody had to be sent for: whoever asks is being spoken with.
      return fields({ as: "answer", contacted, done, by_when, verdict: solved ? fields({ contacted: true, solved, grade }) : undefined });
    case "refuse":
      return fields({ as: "refuse", ground, reason, guide: to ? { to: CASE_NUMBER.test(to) ? "earlier" : "way", what: to } : undefined });
    case "solve":
      return { as: "solve", result: said.result.trim(), evidence: said.evidence };
    case "refer":
      return fields({ as: "refer", line, receipt });
    default:
      return undefined;
  }
}

export function callOf(draft: Draft): Call {
  const point = readPoint(draft.point) ?? undefined;
  return fields({
    external_id: draft.id,
    kind: draft.kind,
    class: draft.class,
    condition: draft.condition,
    place: fields({ address: draft.address.trim(), area: draft.area, point }),
    words: draft.words.trim(),
    caller: fields({ number: draft.number.trim(), name: draft.name.trim() }),
    confidential: draft.confidential || undefined,
    settled: settledOf(draft.settled),
    follows: draft.settled.as ? undefined : draft.follows || undefined,
  }) as Call;
}
