/** The call desk: a draft that is never lost, what would become of it, and alarms that stay. */
import { follow, onAlarm } from "@/live/source";
import { session } from "@/session/source";
import { computed, onScopeDispose, ref, shallowRef, watch } from "vue";
import { foresee, readAlarms, readQueue, take, type Answer, type Foreseen } from "./data/calls";
import { drop, keep, kept } from "./data/drafts";
import { blank, callOf, isBlank, unsettled, type Draft } from "./draft";
import type { Row } from "@/cases/source";

export { ANSWERED_AT_ONCE, isBlank, lacks, OWES_EARLIER, OWES_WAY, readPoint, unsettled, type Draft, type Settling } from "./draft";
export { useCaller } from "./caller";
export type { Answer, Foreseen } from "./data/calls";

/** A pause in typing after which the draft is kept, and one after which the engine is asked, in milliseconds. */
const KEEP_MS = 250;
const FORESEE_MS = 450;

export function useDraft() {
  const account = session.value?.account ?? "";
  const draft = ref<Draft>(blank(account));
  const aside = ref<Draft[]>([]);
  const restored = ref(false);
  const keptAt = ref<number | null>(null);
  let keeping: ReturnType<typeof setTimeout> | undefined;

  const keepNow = async () => {
    clearTimeout(keeping);
    if (isBlank(draft.value)) return;
    draft.value.touched = Date.now();
    await keep(draft.value);
    keptAt.value = draft.value.touched;
  };
  const opening = kept(account, Date.now()).then((drafts) => {
    // One that an older page kept lacks what is new.
    const [newest, ...others] = drafts.map((one) => ({ ...blank(account), ...one, settled: { ...unsettled(), ...one.settled } }));
    if (newest && isBlank(draft.value)) {
      draft.value = newest;
      restored.value = true;
      aside.value = others;
    } else aside.value = [newest, ...others].filter((one): one is Draft => Boolean(one));
  });
  watch(draft, () => {
    clearTimeout(keeping);
    keeping = setTimeout(keepNow, KEEP_MS);
  }, { deep: true });
  const leaving = () => void keepNow();
  window.addEventListener("pagehide", leaving);
  onScopeDispose(() => {
    window.removeEventListener("pagehide", leaving);
    void keepNow();
  });

  /** Begins a new call; what was written stays at hand. */
  async function next() {
    await keepNow();
    if (!isBlank(draft.value)) aside.value = [draft.value, ...aside.value];
    draft.value = blank(account);
    restored.value = false;
    keptAt.value = null;
  }
  async function resume(one: Draft) {
    await next();
    aside.value = aside.value.filter(({ id }) => id !== one.id);
    draft.value = one;
  }
  async function send(): Promise<Answer> {
    await keepNow();
    const { id, channel, ring, number } = draft.value;
    const { answers } = await take(callOf(draft.value), channel, id, number.trim() ? "" : ring);
    const answer = answers[0] ?? { answer: "taken" };
    if (!answer.refusal) {
      clearTimeout(keeping);
      await drop(id);
      draft.value = blank(account);
      restored.value = false;
      keptAt.value = null;
    }
    return answer;
  }
  async function discard() {
    clearTimeout(keeping);
    await drop(draft.value.id);
    draft.value = blank(account);
    restored.value = false;
    keptAt.value = null;
  }
  return { draft, aside, restored, keptAt, opening, keepNow, next, resume, send, discard };
}

/** What would become of the draft, asked anew at each pause. */
export function useForesight(draft: { value: Draft }) {
  const foreseen = shallowRef<Foreseen | null>(null);
  const error = shallowRef<unknown>(null);
  const looking = ref(false);
  let pause: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;
  const call = computed(() => {
    // Where it would go is asked of every call, also of one that is about to be settled.
    const { external_id: _, settled: __, ...rest } = callOf(draft.value);
    return JSON.stringify(rest);
  });
  watch(call, (text) => {
    clearTimeout(pause);
    asking?.abort();
    const body = JSON.parse(text) as { words?: string; class?: string };
    if (!body.words && !body.class) {
      foreseen.value = null;
      return;
    }
    pause = setTimeout(async () => {
      asking = new AbortController();
      looking.value = true;
      try {
        foreseen.value = await foresee(body, asking.signal);
        error.value = null;
      } catch (refused) {
        if (!(refused instanceof DOMException)) error.value = refused;
      } finally {
        looking.value = false;
      }
    }, FORESEE_MS);
  }, { immediate: true });
  onScopeDispose(() => {
    clearTimeout(pause);
    asking?.abort();
  });
  return { foreseen, error, looking };
}

/** Alarms that nobody has taken up, and what waits at the desk. */
export function useWaiting() {
  const alarms = shallowRef<Row[]>([]);
  const queue = shallowRef<Row[]>([]);
  const now = ref("");
  const rang = ref(0);
  const UNTAKEN = ["filed", "assigned"];
  async function read() {
    const [devices, waiting] = await Promise.all([readAlarms(), readQueue("filed")]);
    alarms.value = devices.rows.filter((row) => UNTAKEN.includes(row.stage));
    queue.value = waiting.rows.filter((row) => row.channel !== "device");
    now.value = waiting.now;
  }
  void read().catch(() => undefined);
  follow(read);
  onAlarm(() => {
    rang.value += 1;
    void read().catch(() => undefined);
  });
  return { alarms, queue, now, rang, read };
}
