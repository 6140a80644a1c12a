import { ask, type Words } from "@/wire/data/http";
import type { Row } from "@/cases/source";

export interface Counts {
  within: number;
  approaching: number;
  breached: number;
  unknown: number;
  all: number;
}

export interface Flow {
  filed: number;
  closed: number;
  breached: number;
}

export interface Board {
  seq: number;
  now: string;
  scope: { area: string | null; words: Words; whole: boolean };
  open: Counts;
  rungs: { rung: string; words: Words; counts: Counts }[];
  stages: { stage: string; words: Words; counts: Counts }[];
  holders: { unit: string; words: Words; counts: Counts }[];
  areas: { area: string; itself: boolean; words: Words; level: string; counts: Counts }[];
  classes: { class: string; words: Words; counts: Counts }[];
  hours: number[][];
  health: {
    orphans: number;
    no_target: number;
    no_next: number;
    unaccepted: number;
    oldest_unaccepted: { case: string; since: string } | null;
    watch_lag_s: number;
    clock_held: boolean;
    nats: "up" | "away" | "none";
    silent: { unit: string; words: Words; case: string; since: string; due: string }[];
    broken_ways: { channel: string; why: string; since: string }[];
    shelf_lag_records: number;
  };
  at_risk: Row[];
  flows: { today: Flow; yesterday: Flow };
}

export interface Took {
  clock: string;
  unit: string;
  words: Words;
  met: number;
  in_time: number;
  unmet: number;
  breached: number;
  median_s: number | null;
  p90_s: number | null;
}

export interface Outlines {
  type: "FeatureCollection";
  features: { type: "Feature"; geometry: unknown; properties: { area: string; words: Words; counts: Counts } }[];
}

export interface Areas {
  area: { area: string; words: Words; level: string } | null;
  children: { area: string; words: Words; level: string; unit: string | null }[];
}

/** The cases behind a number: how many, and some of them; of a clock that was met, how long it took. */
export interface Found {
  total: number;
  items: { case: string; at: string; seconds?: number | null }[];
}

/** Which of the clocks that ended. */
export type Ended = "met" | "in_time" | "breached";

/** The list behind a number, and at which record. */
export interface Listed extends Found {
  seq: number;
  now: string;
}

type Query = Record<string, string>;
export const readFlow = (number: keyof Flow, day: "today" | "yesterday", filter: Query) => ask<Listed>("GET", "/v1/flows", { query: { ...filter, number, day } });
export const readBoard = (filter: Query) => ask<Board>("GET", "/v1/board", { query: filter });
export const readOutlines = (level: string, under: string | undefined, filter: Query) =>
  ask<Outlines>("GET", "/v1/territory.geojson", { query: { ...filter, level, under } });
export const readTiming = () => ask<{ lines: Took[]; seq: number; now: string }>("GET", "/v1/timing");
export const readEnds = (clock: string, unit: string, number: Ended) => ask<Listed>("GET", "/v1/timing/list", { query: { clock, unit, number } });
export const readAreas = (under?: string) => ask<Areas>("GET", "/v1/areas", { query: { under } });
