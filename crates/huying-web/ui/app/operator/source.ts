/** What an operator reads and sets. A part that this engine does not offer is said to be so, and hides nothing else. */
import { Refused } from "@/wire/data/http";
import { onScopeDispose, shallowRef, type ShallowRef } from "vue";

export * from "./data/operator";
export * from "./data/rules";
export * from "./data/tables";

/** How often what an operator looks at is read again, in milliseconds. */
const AGAIN_MS = 10_000;

export interface Part<T> {
  value: ShallowRef<T | null>;
  error: ShallowRef<unknown>;
  absent: ShallowRef<boolean>;
  read: () => Promise<void>;
}

export function usePart<T>(from: () => Promise<T>, live = false): Part<T> {
  const value = shallowRef<T | null>(null) as ShallowRef<T | null>;
  const error = shallowRef<unknown>(null);
  const absent = shallowRef(false);
  async function read() {
    try {
      value.value = await from();
      error.value = null;
      absent.value = false;
    } catch (refused) {
      absent.value = refused instanceof Refused && refused.status === 404;
      error.value = absent.value ? null : refused;
    }
  }
  void read();
  if (live) {
    const again = setInterval(read, AGAIN_MS);
    onScopeDispose(() => clearInterval(again));
  }
  return { value, error, absent, read };
}
