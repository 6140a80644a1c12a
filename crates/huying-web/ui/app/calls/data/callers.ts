import { ask, type Words } from "@/wire/data/http";

/** A case of whoever calls. */
export interface Own {
  case: string;
  filed_at: string;
  kind: string;
  stage: string;
  stage_words: Words;
  class: string;
  class_words: Words;
  area_words: Words;
  holder_words: Words;
  summary_words: Words;
  word: string | null;
  clock_words: Words | null;
  due: string | null;
  lead: string | null;
  leg: number;
  outcome_words: Words | null;
  latest: { at: string; words: Words } | null;
}

export interface Known {
  number: string;
  masked: boolean;
  open: Own[];
  last: Own[];
  more: boolean;
  days: number;
  now: string;
}

export interface Ring {
  ring: string;
  at: string;
  line: string | null;
  number: string;
  masked: boolean;
}

export const readRing = () => ask<{ seat: string | null; ring: Ring | null }>("GET", "/v1/rings");
export const takeSeat = (seat: string) => ask<void>("POST", "/v1/rings/seat", { body: { seat: seat || null } });
export const putAway = (ring: string) => ask<void>("DELETE", `/v1/rings/${encodeURIComponent(ring)}`);
export const whoCalls = (of: { ring: string } | { number: string }, signal?: AbortSignal) => ask<Known>("POST", "/v1/callers", { body: of, signal });
