/** Reads off the form of an act which control each field wants, and what was said in the form that the engine reads. */
import type { Field, Schema } from "@/catalogue/source";

export type Said = Record<string, unknown>;
export type Control =
  | { kind: "text"; long: boolean }
  | { kind: "choice"; list: string; codes: string[] }
  | { kind: "unit" } | { kind: "units" } | { kind: "area" } | { kind: "flag" } | { kind: "instant" }
  | { kind: "class" } | { kind: "condition" } | { kind: "count" } | { kind: "point" } | { kind: "photos" } | { kind: "verdict" } | { kind: "tasks" } | { kind: "case" } | { kind: "lists"; list: string };

/** Fields that mean the same wherever they stand. */
const KNOWN: Record<string, Control> = {
  holder: { kind: "unit" }, lead: { kind: "unit" }, proposed: { kind: "unit" }, accused: { kind: "unit" },
  co_handlers: { kind: "units" }, told: { kind: "units" }, units: { kind: "units" }, helpers: { kind: "units" },
  participants: { kind: "units" }, to: { kind: "area" }, area: { kind: "area" },
  place: { kind: "point" }, point: { kind: "point" }, evidence: { kind: "photos" }, verdict: { kind: "verdict" }, tasks: { kind: "tasks" }, into: { kind: "case" }, text: { kind: "text", long: true },
  reason: { kind: "text", long: true }, note: { kind: "text", long: true }, result: { kind: "text", long: true },
  when: { kind: "instant" }, class: { kind: "class" }, condition: { kind: "condition" },
  done: { kind: "text", long: true }, guide: { kind: "text", long: true }, summary: { kind: "text", long: true }, decision: { kind: "text", long: true },
};
/** Which list a field's codes come from; `ground` and `condition` differ from act to act. */
const LISTS: Record<string, string> = { rung: "rung", kind: "kind", line: "emergency_line", solved: "solved", grade: "grade", outcome: "outcome" };
const OF_ACT: Record<string, string> = {
  "refuse.ground": "refusal_ground", "return.ground": "return_ground", "cancel.ground": "cancel_ground",
  "escalate.ground": "escalation_ground", "close.condition": "close_condition", "exempt.ground": "exempt_ground",
  "suspend.ground": "suspension_ground", "terminate.ground": "termination_ground", "appeal.ground": "exempt_ground",
  "whistle.kind": "whistle_kind", "look_again.kind": "look_kind", "call_back.way": "call_back_way",
  "supervise.degree": "supervision_degree", "supervise.ground": "supervision_ground",
  "appeal.clock": "clock", "exempt.clock": "clock",
};
/** Where a caller is pointed to: the number of an earlier case, or anything else in words. */
const CASE_NUMBER = /^\d+-\d+$/;

function guide(said: string): Said {
  return CASE_NUMBER.test(said.trim()) ? { to: "earlier", what: said.trim() } : { to: "way", what: said };
}

function codes(schema: Schema | undefined): string[] {
  if (!schema) return [];
  const own = [...(schema.enum ?? []), ...(schema.const === undefined ? [] : [String(schema.const)])];
  const below = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(codes);
  return [...own, ...below].filter((code): code is string => typeof code === "string");
}

function isA(schema: Schema | undefined, type: string): boolean {
  if (!schema) return false;
  return schema.type === type || (Array.isArray(schema.type) && schema.type.includes(type)) || [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].some((one) => isA(one, type));
}

export function controlOf(ask: string, field: Field): Control {
  const listed = OF_ACT[`${ask}.${field.name}`] ?? LISTS[field.name];
  if (field.name === "tags") return { kind: "lists", list: "tag" };
  const offered = codes(field.schema);
  if (listed || offered.length) return { kind: "choice", list: listed ?? field.name, codes: offered };
  const known = KNOWN[field.name];
  if (known) return known;
  if (isA(field.schema, "boolean")) return { kind: "flag" };
  if (isA(field.schema, "integer")) return { kind: "count" };
  if (field.schema?.format === "date-time" || /(^|_)(at|until|due|from|end)$/.test(field.name)) return { kind: "instant" };
  return { kind: "text", long: false };
}

/** Fields in the order in which people think of them: what and until when, then why, then photographs. */
export function inOrder(ask: string, fields: Field[]): Field[] {
  const rank = (field: Field) => {
    const control = controlOf(ask, field);
    return control.kind === "photos" ? 2 : control.kind === "text" && control.long ? 1 : 0;
  };
  return [...fields].sort((a, b) => rank(a) - rank(b));
}

/** An instant as the control for instants shows it: on this device's wall, to the minute. */
export function wallOf(instant: string | undefined): string {
  if (!instant) return "";
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Acts about a breach name its clock and its very instant; nobody types these. */
export const ABOUT_A_BREACH = ["appeal", "exempt"];

export interface Breach {
  clock: string;
  due: string;
  exempted: boolean;
  holder: string | null;
}

/** The breaches of a case, as its clocks tell them. */
export function breachesOf(clocks: { clock: string; due: string | null; breached: boolean | string | null; exempted: boolean | string | null; holder: string | null }[]): Breach[] {
  return clocks.flatMap(({ clock, due, breached, exempted, holder }) => (breached && due ? [{ clock, due, exempted: Boolean(exempted), holder }] : []));
}

/** What was said, without what was left empty and is not asked for. */
export function formed(fields: Field[], said: Said): Said {
  const entries = fields.flatMap(({ name, required, schema }): [string, unknown][] => {
    const value = said[name];
    const empty = value === undefined || value === null || value === "";
    if (!empty) return [[name, name === "guide" ? guide(String(value)) : value]];
    if (!required) return [];
    if (isA(schema, "array")) return [[name, []]];
    if (isA(schema, "boolean")) return [[name, false]];
    return isA(schema, "null") ? [[name, null]] : [];
  });
  return Object.fromEntries(entries);
}
