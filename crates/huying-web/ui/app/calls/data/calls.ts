import { ask, type Words } from "@/wire/data/http";
import type { Page, Row } from "@/cases/source";

/** A call in the form of `schemas/call.json`. */
export interface Call {
  external_id?: string;
  kind?: string;
  class?: string;
  condition?: string;
  place?: { address?: string; point?: { lon: number; lat: number; system: string }; area?: string };
  words?: string;
  caller?: { number?: string; name?: string; home?: string };
  confidential?: boolean;
  settled?: object;
  follows?: string;
}

export interface Foreseen {
  place: { area: string; words: Words; path: Words[]; orphan: boolean };
  class: string;
  class_words: Words;
  condition: string | null;
  kind: string;
  summary: string;
  summary_words: Words;
  route: { lead: string; words: Words; rung: string; on_duty: boolean; staff: number; told: string[]; reason: Words } | null;
  accept_due: string | null;
  resolve_due: string | null;
  like: (Row & { metres: number | null; age_s: number })[];
  caller_cases?: Row[];
  area_open?: { all: number; breached: number };
  now: string;
}

export interface Answer {
  answer: string;
  case?: string;
  lead?: string;
  refusal?: { code: string; zh: string; en: string; field?: string };
}

export const foresee = (call: Call, signal: AbortSignal) => ask<Foreseen>("POST", "/v1/preview", { query: { channel: "call" }, body: call, signal });
export const take = (call: Call, channel: string, key: string, ring = "") => ask<{ answers: Answer[] }>("POST", "/v1/calls", { query: { channel, ring }, body: call, key });
export const readAlarms = () => ask<Page>("GET", "/v1/cases", { query: { channel: "device", limit: 50, order: "due" } });
export const readQueue = (stage: string) => ask<Page>("GET", "/v1/cases", { query: { stage, limit: 20, order: "due" } });
