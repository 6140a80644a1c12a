/** Drafts of calls on this device: what was typed outlives a crash, and goes when the call is taken or after a day. */
import { openDB } from "idb";
import type { Draft } from "../draft";

/** A draft holds a caller's number: it is not kept longer than this. */
const KEEP_MS = 24 * 3_600_000;
const STORE = "drafts";

const base = () =>
  openDB("huying-calls", 1, {
    upgrade: (db) => {
      db.createObjectStore(STORE, { keyPath: "id" });
    },
  });

export async function keep(draft: Draft): Promise<void> {
  await (await base()).put(STORE, JSON.parse(JSON.stringify(draft)));
}

export async function drop(id: string): Promise<void> {
  await (await base()).delete(STORE, id);
}

/** Those of one person, the newest first; what is too old is forgotten. */
export async function kept(account: string, now: number): Promise<Draft[]> {
  const db = await base();
  const all = (await db.getAll(STORE)) as Draft[];
  for (const old of all.filter((draft) => now - draft.touched > KEEP_MS)) await db.delete(STORE, old.id);
  const own = all.filter((draft) => draft.account === account && now - draft.touched <= KEEP_MS);
  return own.sort((a, b) => b.touched - a.touched);
}
