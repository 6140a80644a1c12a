/** Tables of units and people: out as files, in as a difference that is looked at before anything is done. */
import { address, ask, type Words } from "@/wire/data/http";

export type TableOf = "units" | "people";

export interface FieldChange {
  field: string;
  was?: string;
  is?: string;
}

export interface Changed {
  line?: number;
  key: string;
  fields: FieldChange[];
  note?: Words;
}

export interface Problem {
  line?: number;
  key: string;
  field?: string;
  code: string;
  words: Words;
}

export interface Difference {
  counts: { added: number; changed: number; gone: number; same: number; refused: number };
  added: Changed[];
  changed: Changed[];
  gone: Changed[];
  refused: Problem[];
}

export interface Shown {
  name: string;
  saw?: number;
  difference: Difference;
  applied?: { seq?: number };
}

const bytes = (file: Blob) => new Blob([file], { type: "application/octet-stream" });

export const tableFile = (of: TableOf, form: "csv" | "xlsx") => address(`/v1/${of}/file/${form}`);
export const showTable = (of: TableOf, file: Blob) => ask<Shown>("POST", `/v1/${of}/import`, { bytes: bytes(file) });
/** Does what was shown, and nothing else; sent again under the same key it happens once. */
export const applyTable = (of: TableOf, file: Blob, shown: Shown, key: string) =>
  ask<Shown>("POST", `/v1/${of}/import`, { bytes: bytes(file), query: { apply: shown.name, saw: shown.saw }, key });
