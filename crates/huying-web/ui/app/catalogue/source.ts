/** The city's lists: what each code is called. Read once; it changes only with the rules. */
import { readCatalogue, type AskForm, type Catalogue, type MatterClass, type Unit } from "./data/catalogue";
import type { Words } from "@/wire/data/http";
import { computed, shallowRef } from "vue";

export type { AskForm, Field, MatterClass, Named, Schema, Unit } from "./data/catalogue";
export type { Words } from "@/wire/data/http";

const held = shallowRef<Catalogue | null>(null);

export async function openCatalogue(): Promise<void> {
  held.value ??= await readCatalogue();
}

export const zone = computed(() => held.value?.zone ?? "Asia/Shanghai");
export const city = computed<Words>(() => held.value?.city ?? { zh: "城市", en: "City" });
export const classes = computed<MatterClass[]>(() => held.value?.classes ?? []);
export const units = computed<Unit[]>(() => held.value?.units ?? []);
export const label = computed(() => held.value?.label ?? "");
export const centre = computed(() => held.value?.centre ?? "");

export function list(name: string): (Words & { name: string })[] {
  return held.value?.lists[name] ?? [];
}

/** What a code of a list is called; the code itself where the list is unknown. */
export function named(of: string, code: string | null | undefined): Words {
  const found = list(of).find((one) => one.name === code);
  return found ?? { zh: code ?? "", en: (code ?? "").replaceAll("_", " ") };
}

export function unitWords(id: string | null | undefined): Words {
  return units.value.find((unit) => unit.id === id)?.words ?? { zh: id ?? "", en: id ?? "" };
}

export function formOf(ask: string): AskForm | undefined {
  return held.value?.lists.ask?.find((form) => form.name === ask);
}

export function bound(name: string, otherwise: number): number {
  return held.value?.bounds[name] ?? otherwise;
}
