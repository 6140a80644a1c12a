/** What a call-taker has written so far, and the call that it makes. */
import type { Call } from "./data/calls";

export interface Draft {
  /** Names the call too: sent twice, it is taken once. */
  id: string;
  account: string;
  touched: number;
  channel: string;
  number: string;
  name: string;
  words: string;
  address: string;
  area: string;
  point: string;
  class: string;
  condition: string;
  kind: string;
  confidential: boolean;
}

export function blank(account: string): Draft {
  return {
    id: crypto.randomUUID(), account, touched: Date.now(), channel: "call", number: "", name: "", words: "", address: "",
    area: "", point: "", class: "", condition: "", kind: "", confidential: false,
  };
}

const WRITTEN = ["number", "name", "words", "address", "area", "point", "class"] as const;
export const isBlank = (draft: Draft): boolean => WRITTEN.every((field) => !draft[field].trim());

/** `123.33, 41.42` with whatever stands between them; longitude first, or latitude where only that can be meant. */
export function readPoint(text: string): { lon: number; lat: number; system: string } | null {
  const [one, two] = (text.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
  if (one === undefined || two === undefined) return null;
  const [lon, lat] = Math.abs(two) > 90 ? [two, one] : [one, two];
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? { lon, lat, system: "wgs84" } : null;
}

const said = <T extends object>(fields: T): T | undefined => {
  const entries = Object.entries(fields).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return entries.length ? (Object.fromEntries(entries) as T) : undefined;
};

export function callOf(draft: Draft): Call {
  const point = readPoint(draft.point) ?? undefined;
  return said({
    external_id: draft.id,
    kind: draft.kind,
    class: draft.class,
    condition: draft.condition,
    place: said({ address: draft.address.trim(), area: draft.area, point }),
    words: draft.words.trim(),
    caller: said({ number: draft.number.trim(), name: draft.name.trim() }),
    confidential: draft.confidential || undefined,
  }) as Call;
}
