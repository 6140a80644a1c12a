import { ask } from "@/wire/data/http";
import type { Row } from "@/cases/source";

export interface Work {
  rows: Row[];
  total: number;
  seq: number;
  now: string;
}

/** What was found on a round, as a call of the finder's own. */
export const bring = async (said: Record<string, unknown>, evidence: string[], key: string) => {
  const { result, ...call } = said;
  const settled = result ? { as: "solve", result, evidence } : undefined;
  const body = { ...call, external_id: key, ...(settled ? { settled } : {}) };
  return ask<{ answers: { case?: string }[] }>("POST", "/v1/calls", { query: { channel: "patrol" }, body, key });
};

export const readWork = (who: "mine" | "unit" | "all") => ask<Work>("GET", "/v1/work", { query: { who } });
