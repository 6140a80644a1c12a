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
  ladder: string[];
  units: number;
  areas: number;
  returns_max: number;
  reopenings_max: number;
  calendar: string;
  limits: { clock: string; limit: string }[];
  holds: { rung: string; limit: string; share: number | null }[];
  classes?: number;
  findings: { weight: string; words: Words }[];
}

export interface AuditRecord {
  seq: number;
  at: string;
  unit_words: Words;
  person: string | null;
  by: string;
  sealed: boolean;
  parts: { subject: string; events: string[]; words: Words[] }[];
}

export interface Account {
  account: string;
  words?: Words;
  unit: string;
  roles: string[];
  locked?: boolean;
  totp?: boolean;
}

export const readUnits = () => ask<{ units: UnitLine[]; more: boolean; seq: number; now: string }>("GET", "/v1/units");
export const setDuty = (unit: string, on_duty: boolean, key: string) => ask<unknown>("POST", `/v1/units/${encodeURIComponent(unit)}/duty`, { body: { on_duty }, key });
export const readPolicy = () => ask<Policy>("GET", "/v1/policy");
export const readKeys = () => ask<{ keys: { source: string; channels: string[] }[] }>("GET", "/v1/keys");
export const makeKey = (source: string, channels: string[]) => ask<{ source: string; key: string }>("POST", "/v1/keys", { body: { source, channels } });
export const revokeKeys = (source: string) => ask<void>("DELETE", `/v1/keys/${encodeURIComponent(source)}`);
export const readAccounts = () => ask<Account[]>("GET", "/v1/accounts");
export const lockAccount = (name: string, lock: boolean) => ask<void>("POST", `/v1/accounts/${encodeURIComponent(name)}/${lock ? "lock" : "unlock"}`, { body: {} });
export const drawPassword = (name: string) => ask<{ account: string; password: string }>("POST", `/v1/accounts/${encodeURIComponent(name)}/password`, { body: {} });
export const readAudit = (query: Record<string, string>) => ask<{ records: AuditRecord[]; next: number | null; seq: number }>("GET", "/v1/audit", { query });
export interface Provider {
  name: string;
  words: Words;
  issuer: string;
  client_id: string;
  has_secret: boolean;
  scopes: string[];
  account_claim: string;
  group_claim: string;
  groups: { group: string; unit: string; unit_words: Words; unit_known: boolean; roles: string[] }[];
  accounts: number;
  last: { account: string; at: string } | null;
}

export const readProviders = () => ask<{ providers: Provider[]; public: string }>("GET", "/v1/providers");
export const readSystem = () => ask<Record<string, unknown>>("GET", "/v1/system");
