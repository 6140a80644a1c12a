/** The board as a view sees it: always whole, read again when something moves, under one filter that lists share. */
import { filterOf } from "@/cases/source";
import { follow } from "@/live/source";
import { computed, shallowRef, watch } from "vue";
import { useRoute, useRouter } from "vue-router";
import { readBoard, readOutlines, readTiming, type Board, type Outlines, type Took } from "./data/board";
import { readRateTable, type RateTable } from "./data/rates";

export { readAreas, readEnds, readFlow, type Board, type Counts, type Ended, type Found, type Listed, type Took } from "./data/board";
export type FlowName = keyof Board["flows"]["today"];
export { readRateItems, type RateTable } from "./data/rates";
export { up } from "@/live/source";

export function useBoard() {
  const route = useRoute();
  const router = useRouter();
  const filter = computed(() => filterOf(route.query));
  const board = shallowRef<Board | null>(null);
  const outlines = shallowRef<Outlines | null>(null);
  const error = shallowRef<unknown>(null);
  let drawn = "";

  async function read() {
    try {
      const next = await readBoard(filter.value);
      // What lies right at the scope itself is no part of the map: the areas below it are.
      const level = next.areas.at(-1)?.level;
      board.value = next;
      error.value = null;
      const { area: _, ...others } = filter.value;
      // Shapes do not move: they are read again only where other areas are looked at.
      const shapes = `${level}/${filter.value.area ?? ""}`;
      if (level && shapes !== drawn) {
        outlines.value = await readOutlines(level, filter.value.area, others).catch(() => null);
        drawn = outlines.value ? shapes : "";
      }
    } catch (refused) {
      error.value = refused;
    }
  }
  watch(filter, read, { immediate: true, deep: true });
  follow(read);

  const narrow = (part: Record<string, string | undefined>) => router.replace({ query: { ...route.query, ...part } });
  const listOf = (part: Record<string, string>) => ({ path: "/cases", query: { ...filter.value, ...part } });
  return { filter, board, outlines, error, read, narrow, listOf };
}

/** What changes slowly: read once the board stands, and again after a minute at the earliest. */
export function useSlow(board: { value: Board | null }) {
  const timing = shallowRef<Took[]>([]);
  const rates = shallowRef<RateTable | null>(null);
  const AGAIN_MS = 60_000;
  let last = -AGAIN_MS;
  async function read() {
    if (performance.now() - last < AGAIN_MS) return;
    last = performance.now();
    timing.value = (await readTiming().catch(() => ({ lines: [] }))).lines;
    rates.value = await readRateTable().catch(() => null);
  }
  // They are long walks for the engine: the board's own numbers come first.
  const stands = watch(() => board.value !== null, (is) => is && (void read(), stands()));
  follow(() => (board.value ? read() : Promise.resolve()));
  return { timing, rates };
}
