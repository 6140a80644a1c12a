import { ask, type Words } from "@/wire/data/http";

export interface Tick {
  clock: string;
  from: string;
  due: string;
  paused_at?: string | null;
  breached: boolean;
  word: string;
}

export interface Row {
  case: string;
  version?: number;
  filed_at: string;
  stage: string;
  rung: string;
  holder: string;
  holder_words: Words;
  class: string;
  class_words: Words;
  area: string;
  area_words: Words;
  place?: { lon: number; lat: number } | null;
  channel: string;
  kind: string;
  summary: string;
  summary_words: Words;
  tags: string[];
  lead?: string | null;
  members: number;
  leg: number;
  reminded: number;
  orphan: boolean;
  word: string;
  next: string | null;
  clocks: Tick[];
  seq: number;
  asks: string[];
}

export interface Page {
  rows: Row[];
  total: number;
  after: string | null;
  seq: number;
  now: string;
}

export interface Segment {
  from: string;
  to: string;
  counted: boolean;
  why: Words;
}

export interface Tale {
  clock: string;
  leg: number;
  holder: string | null;
  from: string;
  limit: string | Words | null;
  calendar?: string | null;
  due: string | null;
  provisional?: boolean;
  segments: Segment[];
  elapsed_s: number;
  whole_s: number | null;
  ended: string | null;
  /** It stands still: returned, suspended. */
  paused?: boolean;
  breached: boolean | string | null;
  exempted: boolean | string | null;
  verdict: string | Words | null;
}

export interface Line {
  seq: number;
  at: string;
  late_for?: string;
  unit: string;
  unit_words: Words;
  person?: string;
  by: string;
  because?: number;
  event: string;
  words: Words;
}

export interface CaseWhole {
  case: string;
  version: number;
  filed_at: string;
  phase: string;
  stage: string;
  rung: string;
  holder: string;
  holder_words: Words;
  person: string | null;
  co_handlers: string[];
  handler: string | null;
  class: string;
  class_words: Words;
  condition: string | null;
  condition_words: Words | null;
  area: string;
  area_words: Words;
  area_path?: Words[];
  place: { lon: number; lat: number } | null;
  channel: string;
  kind: string;
  summary: string;
  summary_words: Words;
  tags: string[];
  lead: string | null;
  members: string[];
  leg: number;
  returns: number;
  orphan: boolean;
  target: string | null;
  outcome: string | null;
  closed: string | null;
  verdict: { contacted: boolean; solved: string; grade: string | null } | null;
  answer: Words | null;
  erased: boolean;
  caller: { held: boolean; number: string | null; name: string | null };
  word: string | null;
  next: string | null;
  timeline: Line[];
  left_out: number;
  clocks: Tale[];
  told: { channel: string; asked_at: string; told_at: string | null; receipt: unknown }[];
  evidence: { hash: string; at: string; unit?: string }[];
  asks: { ask: string; words: Words }[];
  seq: number;
  now: string;
}

export interface Taken {
  seq: number;
  case: string | null;
  version: number | null;
  repeat: boolean;
  caller?: { number?: string; name?: string; home?: string } | null;
}

export type Filter = Record<string, string | undefined>;

export const readPage = (filter: Filter, turn: { after?: string; limit?: number; order?: string }, signal?: AbortSignal) =>
  ask<Page>("GET", "/v1/cases", { query: { ...filter, ...turn }, signal });

export const readCase = (id: string) => ask<CaseWhole>("GET", `/v1/cases/${encodeURIComponent(id)}`);

export const act = (id: string, saw: number | undefined, asked: string, said: Record<string, unknown>, key: string) =>
  ask<Taken>("POST", `/v1/cases/${encodeURIComponent(id)}/acts`, { body: { saw, ask: asked, with: said }, key });
