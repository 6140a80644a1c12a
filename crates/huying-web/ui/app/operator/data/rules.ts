/** Rule files: what is in force, what another one would mean, bringing it into force. */
import { address, ask, type Words } from "@/wire/data/http";

export type RuleFileName = "calendar" | "policy" | "duty";

export interface Stretch {
  from: string;
  to: string | null;
  zh: string;
  en: string;
}

export interface Calendar {
  name: string;
  words: Words;
  source: string;
  zone: string;
  continuous: boolean;
  week: Record<string, string[]>;
  days: string | null;
  published_until: string | null;
  units: number;
  of_policy: boolean;
}

export interface Calendars {
  version: number;
  calendars: Calendar[];
  days: { name: string; source: string; published_from: string | null; off: Stretch[]; workdays: string[] }[];
  now: string;
}

export interface Moves {
  case: string;
  clock: string;
  was: string;
  due: string;
  provisional: boolean;
}

export interface Foreseen {
  hash: string;
  version: number;
  same: boolean;
  valid_from: string | null;
  open: number;
  late_now: number;
  late_at_once: number;
  loses_target: number;
  moved_cases: number;
  moved_clocks: number;
  moves: Moves[];
  late: Moves[];
}

export interface Published {
  seq: number;
  version: number;
  left: number;
  repeat: boolean;
}

const bytes = (file: Blob) => new Blob([file], { type: "application/octet-stream" });

export const readCalendars = () => ask<Calendars>("GET", "/v1/calendars");
export const ruleFile = (file: RuleFileName) => address(`/v1/rules/${file}`);
export const foreseeRules = (file: RuleFileName, text: Blob) => ask<Foreseen>("POST", `/v1/rules/${file}/preview`, { bytes: bytes(text) });
export const publishRules = (file: RuleFileName, text: Blob, saw: number, key: string) => ask<Published>("POST", `/v1/rules/${file}`, { bytes: bytes(text), query: { saw }, key });
