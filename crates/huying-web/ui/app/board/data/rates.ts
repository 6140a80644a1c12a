import type { Words } from "@/wire/data/http";
import { readRates } from "./board";

/** A part of a whole; the part may be broken, since a grade may count nine tenths. */
export interface Ratio {
  of: number;
  all: number;
}

export interface RateLine {
  unit: string;
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
  unit: string;
  words: Words;
  small: boolean;
  due: number;
  closed: number;
  on_time: number;
  rework: number;
  response: WireRatio;
  solution: WireRatio;
  satisfaction: WireRatio;
}

const HUNDREDTHS = 100;
const ratio = (told: WireRatio | undefined): Ratio => ({ of: (told?.hundredths ?? 0) / HUNDREDTHS, all: told?.of ?? 0 });

export async function readRateTable(): Promise<RateTable> {
  const told = (await readRates({ by: "unit", days: "30" })) as { from: string; to: string; lines: WireLine[] };
  const lines = told.lines.map((line) => ({
    unit: line.unit,
    words: line.words,
    small: line.small,
    due: line.due,
    closing: { of: line.closed, all: line.due },
    onTime: { of: line.on_time, all: line.due },
    rework: { of: line.rework, all: line.due },
    response: ratio(line.response),
    solution: ratio(line.solution),
    satisfaction: ratio(line.satisfaction),
  }));
  return { from: told.from, to: told.to, lines };
}
