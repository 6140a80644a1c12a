import { ask, type Words } from "@/wire/data/http";

export interface Report {
  words: string;
  class?: string;
  kind?: string;
  place?: { address?: string; area?: string; point?: { lon: number; lat: number; system: string } };
  caller?: { number?: string };
}

export interface Status {
  case: string;
  filed_at: string;
  steps: { phase: string; words: Words; at: string | null; now: boolean }[];
  holder_words: Words;
  promised: string | null;
  moved: { at: string; words: Words }[];
  answer: Words | null;
  asks: string[];
  now: string;
}

const of = (token: string) => `/v1/resident/cases/${encodeURIComponent(token)}`;
/** Photographs that go with a report, at most. */
export const PHOTOS_MAX = 4;

export function sendReport(report: Report, photos: Blob[], key: string) {
  const to = "/v1/resident/reports";
  if (photos.length === 0) return ask<{ case: string; token: string }>("POST", to, { body: report, key });
  const form = new FormData();
  form.set("report", JSON.stringify(report));
  photos.forEach((photo, n) => form.append("photo", photo, `photo-${n + 1}`));
  return ask<{ case: string; token: string }>("POST", to, { form, key });
}
export const readStatus = (token: string) => ask<Status>("GET", of(token));
export const findStatus = (id: string, number_end: string) => ask<{ case: string; token: string }>("POST", "/v1/resident/status", { body: { case: id, number_end } });
export const notSolved = (token: string, said: { reason: string; contacted?: boolean }, key: string) =>
  ask<void>("POST", `${of(token)}/not-solved`, { body: said, key });
export const grade = (token: string, said: { solved: string; grade: string; contacted: boolean; reason?: string; may_call?: boolean }, key: string) =>
  ask<void>("POST", `${of(token)}/grade`, { body: said, key });
