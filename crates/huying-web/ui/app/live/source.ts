/** What moves, told once to everybody on this page. */
import { onScopeDispose, shallowRef } from "vue";
import { listen, type Moved } from "./data/stream";

/** The shortest time between two readings that a stream brings about, in milliseconds. */
const READ_AGAIN_MS = 700;
/** How often a page reads again without any stream, in milliseconds. */
const POLL_MS = 15_000;

export const up = shallowRef(false);
const ears = new Set<(told: Moved) => void>();
let close: (() => void) | null = null;

function hear(ear: (told: Moved) => void): void {
  ears.add(ear);
  close ??= listen(
    (told) => ears.forEach((each) => each(told)),
    (state) => (up.value = state),
  );
}

function forget(ear: (told: Moved) => void): void {
  ears.delete(ear);
  if (ears.size) return;
  close?.();
  close = null;
  up.value = false;
}

/** Reads again whenever something moves that concerns this page: at once, then at most so often. */
export function follow(read: () => Promise<unknown>, concerns: (told: Moved) => boolean = () => true): void {
  let last = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let reading = false;
  const again = async () => {
    waiting = undefined;
    if (reading) return later(READ_AGAIN_MS);
    reading = true;
    last = performance.now();
    await read().catch(() => undefined);
    reading = false;
  };
  const later = (ms: number) => {
    waiting ??= setTimeout(again, ms);
  };
  const ear = (told: Moved) => {
    if (!told.ring && concerns(told)) later(Math.max(0, READ_AGAIN_MS - (performance.now() - last)));
  };
  hear(ear);
  const poll = setInterval(() => {
    if (!up.value || performance.now() - last > 4 * POLL_MS) later(0);
  }, POLL_MS);
  onScopeDispose(() => {
    forget(ear);
    clearInterval(poll);
    clearTimeout(waiting);
  });
}

/** Calls back for each call that rings at this person's seat, and whenever the stream begins anew: one may have been missed. */
export function onRing(then: () => void): void {
  const ear = (told: Moved) => {
    if (told.ring || told.hello) then();
  };
  hear(ear);
  onScopeDispose(() => forget(ear));
}

/** Calls back for each one-key alarm. */
export function onAlarm(then: () => void): void {
  const ear = (told: Moved) => {
    if (told.alarm) then();
  };
  hear(ear);
  onScopeDispose(() => forget(ear));
}
