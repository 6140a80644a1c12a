/** Who calls: what rings at one's seat, or whose number is typed. */
import { onRing } from "@/live/source";
import { onScopeDispose, ref, shallowRef, watch } from "vue";
import { putAway, readRing, takeSeat, whoCalls, type Known, type Ring } from "./data/callers";
import type { Draft } from "./draft";

export type { Known, Own, Ring } from "./data/callers";

/** Fewest digits that are a number and not the beginning of one. */
const DIGITS_MIN = 7;
/** A pause in typing after which it is asked whose number it is, in milliseconds. */
const ASK_MS = 600;

/** A number as it is compared: digits alone. */
export const digitsOf = (number: string): string => number.replace(/\D/g, "");
export const isWhole = (number: string): boolean => digitsOf(number).length >= DIGITS_MIN;

export function useCaller(draft: { value: Draft }) {
  const seat = ref("");
  const ring = shallowRef<Ring | null>(null);
  const known = shallowRef<Known | null>(null);
  const error = shallowRef<unknown>(null);
  /** Goes up with each call that comes in. */
  const rang = ref(0);
  let asked = "";
  let pause: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;

  async function look(of: { ring: string } | { number: string }, name: string) {
    asking?.abort();
    asking = new AbortController();
    asked = name;
    try {
      known.value = await whoCalls(of, asking.signal);
      error.value = null;
    } catch (refused) {
      if (!(refused instanceof DOMException)) error.value = refused;
    }
  }
  async function read() {
    const told = await readRing();
    seat.value = told.seat ?? "";
    if (told.ring?.ring === ring.value?.ring) return;
    ring.value = told.ring;
    if (!told.ring) return;
    clearTimeout(pause);
    rang.value += 1;
    await look({ ring: told.ring.ring }, digitsOf(told.ring.number));
  }
  const reading = () => void read().catch((refused: unknown) => (error.value = refused));
  reading();
  onRing(reading);

  watch(() => draft.value.number, (number) => {
    clearTimeout(pause);
    const name = digitsOf(number);
    if (name === asked && known.value) return;
    if (!isWhole(number)) {
      // What rings stays in sight; what was typed and is gone does not.
      if (!ring.value) {
        asking?.abort();
        known.value = null;
        asked = "";
      }
      return;
    }
    pause = setTimeout(() => void look({ number }, name), ASK_MS);
  }, { immediate: true });

  /** Puts away who is shown; the telephone itself is not touched. */
  async function away() {
    const told = ring.value;
    ring.value = known.value = null;
    error.value = null;
    if (told) await putAway(told.ring).catch(() => undefined);
  }
  async function sit(at: string) {
    await takeSeat(at.trim());
    await read();
  }
  onScopeDispose(() => {
    clearTimeout(pause);
    asking?.abort();
  });
  return { seat, ring, known, error, rang, away, sit };
}
