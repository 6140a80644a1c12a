import { ask } from "@/wire/data/http";
import type { Row } from "@/cases/source";

export interface Work {
  rows: Row[];
  total: number;
  seq: number;
  now: string;
}

export const readWork = (who: "mine" | "unit" | "all") => ask<Work>("GET", "/v1/work", { query: { who } });
