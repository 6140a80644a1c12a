/** A handler's work, with or without network: everything done goes into a queue on the device first. */
import { actOn, type Row } from "@/cases/source";
import { follow } from "@/live/source";
import { openSession, remembered, session } from "@/session/source";
import { sendFile, slimmed } from "@/shell/files";
import { computed, onScopeDispose, ref, shallowRef } from "vue";
import { allSteps, dropErrand, errands as read, forgetSteps, keepList, keptList, noteStep, putErrand, stepsOf, type Errand } from "./data/pocket";
import { bring, readWork, type Work } from "./data/work";
import { deliver, PATROL } from "./errands";
import { classes, named, units } from "@/catalogue/source";
import { Unreachable } from "@/cases/source";

export type { Errand } from "./data/pocket";
export type Whose = "mine" | "unit" | "all";

/** What somebody finds on their round. */
export interface Found {
  class: string;
  address: string;
  words: string;
  /** What was done; nothing where it is brought in for others. */
  result: string;
  point?: { lon: number; lat: number; system: string };
}

/** How often what waits is tried again, in milliseconds. */
const AGAIN_MS = 10_000;

export function useWork() {
  const whose = ref<Whose>("unit");
  const work = shallowRef<Work | null>(null);
  const old = ref(false);
  const online = ref(navigator.onLine);
  const queue = ref<Errand[]>([]);
  const steps = ref<Record<string, string[]>>({});
  const error = shallowRef<unknown>(null);
  const account = () => session.value?.account ?? "";
  let sending = false;

  async function look() {
    queue.value = await read(account());
    steps.value = Object.fromEntries((await allSteps()).map(({ case: id, done }) => [id, done]));
  }
  async function load() {
    const name = `${account()}/${whose.value}`;
    try {
      work.value = await readWork(whose.value);
      old.value = false;
      error.value = null;
      await keepList(name, work.value);
    } catch (refused) {
      if (refused instanceof Unreachable) {
        work.value = (await keptList(name)) ?? work.value;
        old.value = true;
      } else error.value = refused;
    }
  }
  async function flush() {
    if (sending || !queue.value.some(({ state }) => state === "waiting")) return;
    sending = true;
    try {
      // A page that was opened without network knows who is here, but brings no token along: ask for it first.
      if (remembered.value) await openSession();
      if (remembered.value) return;
      const sent = await deliver(await read(account()), {
        put: (blob) => sendFile(blob as File),
        act: actOn,
        bring: async (said, evidence, key) => {
          const { answers } = await bring(said, evidence, key);
          return { seq: 0, case: answers[0]?.case ?? null, version: null, repeat: false };
        },
        keep: putErrand,
        drop: async (errand) => {
          if (errand.ask === PATROL) return dropErrand(errand.key);
          await noteStep(errand.case, errand.ask, errand.ask === "resolve" ? [] : errand.sent);
          if (errand.ask === "resolve" || errand.ask === "return") await forgetSteps(errand.case);
          await dropErrand(errand.key);
        },
      });
      if (sent) await load();
    } finally {
      sending = false;
      await look();
    }
  }
  async function go(row: Row, ask: string, said: Record<string, unknown> = {}, photos: File[] = []) {
    const before = ask !== "resolve";
    const slim = await Promise.all(photos.map(async (file) => ({ blob: await slimmed(file), before, at: file.lastModified || Date.now() })));
    const earlier = ask === "resolve" ? (await stepsOf(row.case)).photos : [];
    const errand: Errand = {
      key: crypto.randomUUID(), account: account(), case: row.case, title: row.class_words, ask,
      said: ask === "resolve" ? { ...said, evidence: earlier } : said,
      photos: slim, sent: [], saw: row.version, at: Date.now(), state: "waiting",
    };
    await putErrand(errand);
    await look();
    await flush();
  }
  /** What was found on a round goes into the same queue. Where the device knows no place, the unit's own area stands for it. */
  async function found({ class: kind, address, words, result, point }: Found, photos: File[]) {
    const slim = await Promise.all(photos.map(async (file) => ({ blob: await slimmed(file), before: false, at: file.lastModified || Date.now() })));
    const area = units.value.find(({ id }) => id === session.value?.unit)?.area;
    const place = { ...(address ? { address } : {}), ...(point ? { point } : area ? { area } : {}) };
    const key = crypto.randomUUID();
    await putErrand({
      key, account: account(), case: key, title: classes.value.find(({ id }) => id === kind) ?? named("channel", "patrol"), ask: PATROL,
      said: { class: kind, place, ...(words ? { words } : {}), ...(result ? { result } : {}) },
      photos: slim, sent: [], at: Date.now(), state: "waiting",
    });
    await look();
    await flush();
  }
  async function again(errand: Errand) {
    // Somebody has read what changed and asks it all the same.
    await putErrand({ ...JSON.parse(JSON.stringify({ ...errand, photos: [] })), photos: errand.photos.map((photo) => ({ ...photo })), key: crypto.randomUUID(), saw: undefined, state: "waiting", refusal: undefined });
    await dropErrand(errand.key);
    await look();
    await flush();
  }
  async function drop(errand: Errand) {
    await dropErrand(errand.key);
    await look();
    await flush();
  }
  const turned = () => {
    online.value = navigator.onLine;
    if (online.value) void flush().then(load);
  };
  window.addEventListener("online", turned);
  window.addEventListener("offline", turned);
  const trying = setInterval(flush, AGAIN_MS);
  onScopeDispose(() => {
    window.removeEventListener("online", turned);
    window.removeEventListener("offline", turned);
    clearInterval(trying);
  });
  void look().then(flush);
  void load();
  follow(load);

  /** What a case shows: what the engine knows, and on top of it what this device has done and not sent yet. */
  const doneHere = computed(() => {
    const done: Record<string, string[]> = { ...steps.value };
    for (const { case: id, ask, state } of queue.value) if (state === "waiting") done[id] = [...(done[id] ?? []), ask];
    return done;
  });
  return { whose, work, old, online, queue, doneHere, error, load, go, found, again, drop };
}

/** The one thing to do next with a case; nothing where it is no longer ours. */
export function nextStep(row: Row, done: string[]): "accept" | "arrive" | "progress" | "resolve" | null {
  if (done.includes("resolve") || done.includes("return")) return null;
  const accepted = row.stage === "handling" || done.includes("accept");
  if (!accepted) return row.stage === "assigned" ? "accept" : null;
  if (!done.includes("arrive") && !done.includes("progress")) return "arrive";
  return done.includes("progress") ? "resolve" : "progress";
}
