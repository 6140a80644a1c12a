import { ask, type Words } from "@/wire/data/http";
import type { Counts } from "@/board/source";

export interface UnitLine {
  unit: string;
  words: Words;
  area: string | null;
  parent: string | null;
  staff: number;
  on_duty: boolean;
  vacant: boolean;
  open: Counts;
  unaccepted: number;
  delivery: { sent: number; delivered: number; acked: number; oldest_unaccepted_s: number | null } | null;
  silent: { case: string; since: string; due: string } | null;
}

export interface Policy {
  label: string;
  name?: Words | string;
  source?: string;
  ladder?: unknown;
  limits?: Record<string, string>;
  holds?: Record<string, string>;
  classes?: number;
  findings: { weight: string; words: Words }[];
  files?: { file: string; hash: string }[];
}

export interface AuditRecord {
  seq: number;
  at: string;
  actor: { unit: string; person?: string | null } | string;
  by: string;
  command?: string;
  parts: { subject: string; events: string[] }[];
}

export interface Account {
  account: string;
  words?: Words;
  unit: string;
  roles: string[];
  locked?: boolean;
  totp?: boolean;
}

export interface ImportDifference {
  added: unknown[];
  changed: { unit: string; field: string; from: unknown; to: unknown }[];
  removed: unknown[];
  findings: { line?: number; words: Words; weight?: string }[];
}

export const readUnits = () => ask<{ units: UnitLine[]; more: boolean; seq: number; now: string }>("GET", "/v1/units");
export const setDuty = (unit: string, on_duty: boolean, key: string) => ask<unknown>("POST", `/v1/units/${encodeURIComponent(unit)}/duty`, { body: { on_duty }, key });
export const importUnits = (file: Blob, dry: boolean, key: string) =>
  ask<ImportDifference>("POST", "/v1/units/import", { query: { dry_run: dry }, bytes: new Blob([file], { type: file.type || "text/csv" }), key });
export const readPolicy = () => ask<Policy>("GET", "/v1/policy");
export const readCalendars = () => ask<{ calendars: Record<string, unknown>[] }>("GET", "/v1/calendars");
export const readKeys = () => ask<{ keys: { source: string; channels?: string[]; channel?: string; since?: string }[] }>("GET", "/v1/keys");
export const makeKey = (source: string, channel: string, key: string) => ask<{ key: string }>("POST", "/v1/keys", { body: { source, channel }, key });
export const dropKey = (source: string) => ask<void>("DELETE", `/v1/keys/${encodeURIComponent(source)}`);
export const readAccounts = () => ask<{ accounts: Account[] }>("GET", "/v1/accounts");
export const lockAccount = (name: string, lock: boolean) => ask<void>("POST", `/v1/accounts/${encodeURIComponent(name)}/${lock ? "lock" : "unlock"}`, { body: {} });
export const readAudit = (query: Record<string, string>) => ask<{ records: AuditRecord[]; after: number | null; seq: number }>("GET", "/v1/audit", { query });
export const readSystem = () => ask<Record<string, unknown>>("GET", "/v1/system");
