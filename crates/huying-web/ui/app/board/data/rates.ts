import { ask, type Words } from "@/wire/data/http";
import type { Listed } from "./board";

/** A part of a whole; the part may be broken, since a grade may count nine tenths. */
export interface Ratio {
  of: number;
  all: number;
}

export interface RateLine {
  key: string;
  words: Words;
  small: boolean;
  due: number;
  closing: Ratio;
  onTime: Ratio;
  rework: Ratio;
  response: Ratio;
  solution: Ratio;
  satisfaction: Ratio;
}

export interface RateTable {
  from: string;
  to: string;
  lines: RateLine[];
}

interface WireRatio {
  hundredths: number;
  of: number;
}

interface WireLine {
  key: string;
  words: Words;
  rates: { response: WireRatio; solution: WireRatio; satisfaction: WireRatio; small: boolean };
  cohort: { closing: WireRatio; on_time: WireRatio; rework: WireRatio; small: boolean };
}

const HUNDREDTHS = 100;
const ratio = (told: WireRatio): Ratio => ({ of: told.hundredths / HUNDREDTHS, all: told.of });

export async function readRateTable(): Promise<RateTable> {
  const told = await ask<{ from: string; to: string; lines: WireLine[] }>("GET", "/v1/rates", { query: { by: "unit" } });
  const lines = told.lines.map(({ key, words, rates, cohort }) => ({
    key,
    words,
    small: rates.small && cohort.small,
    due: cohort.closing.of,
    closing: ratio(cohort.closing),
    onTime: ratio(cohort.on_time),
    rework: ratio(cohort.rework),
    response: ratio(rates.response),
    solution: ratio(rates.solution),
    satisfaction: ratio(rates.satisfaction),
  }));
  return { from: told.from, to: told.to, lines: lines.filter((line) => line.due > 0 || line.response.all > 0) };
}

export const readRateItems = (key: string, number: string, from: string, to: string) =>
  ask<Listed>("GET", "/v1/rates", { query: { by: "unit", key, number, from, to } });
