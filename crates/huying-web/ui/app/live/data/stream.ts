export interface Moved {
  seq: number;
  now: string;
  cases: { case: string; seq: number; stage: string; holder: string }[];
  gone?: string[];
  more: boolean;
  alarm?: boolean;
  /** A call rings at this person's seat. */
  ring?: boolean;
  /** The stream begins, perhaps anew. */
  hello?: boolean;
}

/** How long to wait before a closed stream is opened anew, in milliseconds. */
const AGAIN_MS = 3_000;

/** Listens to what moves; the browser itself comes back after a short loss, this after a long one. */
export function listen(moved: (told: Moved) => void, state: (up: boolean) => void): () => void {
  let source: EventSource | null = null;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource("/v1/live");
    source.onopen = () => state(true);
    source.addEventListener("hello", (event) => {
      state(true);
      moved({ ...(JSON.parse(event.data) as Moved), more: true, hello: true });
    });
    source.addEventListener("moved", (event) => moved(JSON.parse(event.data) as Moved));
    source.addEventListener("ring", () => moved({ seq: 0, now: "", cases: [], more: false, ring: true }));
    source.addEventListener("alarm", (event) => moved({ seq: 0, now: "", cases: [], more: false, ...JSON.parse(event.data), alarm: true }));
    source.onerror = () => {
      state(false);
      if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS);
    };
  };
  open();
  return () => {
    clearTimeout(again);
    source?.close();
  };
}
