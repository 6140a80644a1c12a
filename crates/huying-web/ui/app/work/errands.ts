/** Sends what was done without network, in order: what one case waits for never holds up another. */
import type { Taken } from "@/cases/source";
import { Refused, Unreachable } from "@/cases/source";
import type { Errand } from "./data/pocket";

export interface Ways {
  put: (blob: Blob) => Promise<string>;
  act: (id: string, saw: number | undefined, ask: string, said: Record<string, unknown>, key: string) => Promise<Taken>;
  /** Brings in what was found on a round; says which case it became. */
  bring: (said: Record<string, unknown>, evidence: string[], key: string) => Promise<Taken>;
  keep: (errand: Errand) => Promise<void>;
  drop: (errand: Errand, taken: Taken) => Promise<void>;
}

/** An errand that is about no case yet: what was found on a round. */
export const PATROL = "patrol";

/** Refusals that another moment may turn into an acceptance; every other one needs a person. */
const AGAIN = new Set(["busy", "too_often", "late", "no_session", "no_csrf"]);

/** Says how many were sent. Whatever is not sent is still there afterwards. */
export async function deliver(errands: Errand[], ways: Ways): Promise<number> {
  const held = new Set<string>();
  const versions = new Map<string, number>();
  let sent = 0;
  for (const errand of errands) {
    if (errand.state === "refused" || held.has(errand.case)) {
      held.add(errand.case);
      continue;
    }
    try {
      while (errand.sent.length < errand.photos.length) {
        const photo = errand.photos[errand.sent.length]!;
        errand.sent = [...errand.sent, await ways.put(photo.blob)];
        await ways.keep(errand);
      }
      if (errand.ask === PATROL) {
        await ways.drop(errand, await ways.bring(errand.said, errand.sent, errand.key));
        sent += 1;
        continue;
      }
      const known = (errand.said.evidence as string[] | undefined) ?? [];
      const said = errand.ask === "resolve" ? { ...errand.said, evidence: [...known, ...errand.sent] } : errand.said;
      // What this device did itself before does not count as somebody else's change.
      const taken = await ways.act(errand.case, versions.get(errand.case) ?? errand.saw, errand.ask, said, errand.key);
      if (taken.version) versions.set(errand.case, taken.version);
      await ways.drop(errand, taken);
      sent += 1;
    } catch (error) {
      if (error instanceof Unreachable) return sent;
      if (!(error instanceof Refused)) throw error;
      if (AGAIN.has(error.code) || error.status >= 500) return sent;
      held.add(errand.case);
      errand.state = "refused";
      errand.refusal = { words: error.words, since: error.current?.since ?? [] };
      await ways.keep(errand);
    }
  }
  return sent;
}
