/** What the telephone carries: the last list of work, what was done without network, and how far each case is. */
import { openDB, type DBSchema } from "idb";
import type { Words } from "@/wire/data/http";
import type { Work } from "./work";

export interface Photo {
  blob: Blob;
  before: boolean;
  /** When and where it was taken, says this device: evidence, never the time that counts. */
  at: number;
}

export interface Errand {
  /** Names the act: sent twice, it happens once. */
  key: string;
  account: string;
  case: string;
  title: Words;
  ask: string;
  said: Record<string, unknown>;
  photos: Photo[];
  /** Of the photographs, those that have arrived. */
  sent: string[];
  saw?: number;
  at: number;
  state: "waiting" | "refused";
  refusal?: { words: Words; since: { words: Words; unit_words?: Words; at: string }[] };
}

interface Pocket extends DBSchema {
  errands: { key: string; value: Errand; indexes: { at: number } };
  lists: { key: string; value: Work };
  steps: { key: string; value: { case: string; done: string[]; photos: string[] } };
}

const base = () =>
  openDB<Pocket>("huying-work", 1, {
    upgrade: (db) => {
      db.createObjectStore("errands", { keyPath: "key" }).createIndex("at", "at");
      db.createObjectStore("lists");
      db.createObjectStore("steps", { keyPath: "case" });
    },
  });

export const errands = async (account: string) => (await (await base()).getAllFromIndex("errands", "at")).filter((one) => one.account === account);
export const putErrand = async (errand: Errand) => void (await (await base()).put("errands", errand));
export const dropErrand = async (key: string) => (await base()).delete("errands", key);
export const keepList = async (name: string, work: Work) => void (await (await base()).put("lists", JSON.parse(JSON.stringify(work)) as Work, name));
export const keptList = async (name: string) => (await base()).get("lists", name);

export async function stepsOf(id: string): Promise<{ case: string; done: string[]; photos: string[] }> {
  return (await (await base()).get("steps", id)) ?? { case: id, done: [], photos: [] };
}

export async function noteStep(id: string, ask: string, photos: string[] = []): Promise<void> {
  const known = await stepsOf(id);
  await (await base()).put("steps", { case: id, done: [...new Set([...known.done, ask])], photos: [...new Set([...known.photos, ...photos])] });
}

export const allSteps = async () => (await base()).getAll("steps");
export const forgetSteps = async (id: string) => (await base()).delete("steps", id);
