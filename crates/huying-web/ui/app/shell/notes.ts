/** Short messages that are said once: "saved", "sent". Refusals stay where they arose. */
import { ref } from "vue";

/** How long a note stays, in milliseconds. */
const NOTE_MS = 6_000;

export interface Note {
  id: number;
  text: string;
  bad: boolean;
}

let next = 0;
export const notes = ref<Note[]>([]);

export function note(text: string, bad = false): void {
  const id = (next += 1);
  notes.value = [...notes.value, { id, text, bad }].slice(-3);
  setTimeout(() => drop(id), NOTE_MS);
}

export function drop(id: number): void {
  notes.value = notes.value.filter((one) => one.id !== id);
}
