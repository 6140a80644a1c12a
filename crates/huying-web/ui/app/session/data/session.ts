import { ask, carry, type Words } from "@/wire/data/http";

export interface Session {
  account: string;
  words: Words;
  unit: string;
  unit_words: Words;
  roles: string[];
  scope: { area: string | null; words: Words; whole: boolean };
  tags: string[];
  asks: string[];
  csrf: string;
  until: string;
  demo: boolean;
}

export interface Ways {
  local: boolean;
  oidc: { name: string; words: Words; start: string }[];
  demo?: { account: string; password: string; words: Words; roles?: string[] }[];
}

function kept(session: Session): Session {
  carry(session.csrf);
  return session;
}

export async function readWays(): Promise<Ways> {
  const told = await ask<Partial<Ways>>("GET", "/v1/sign-in");
  return { local: true, oidc: [], ...told };
}
export const readSession = async () => kept(await ask<Session>("GET", "/v1/session"));
export const beginSession = async (account: string, password: string, code?: string) =>
  kept(await ask<Session>("POST", "/v1/session", { body: { account, password, ...(code ? { code } : {}) } }));

/** Signs out; says where the provider signs somebody out too, if one vouched for them. */
export async function endSession(): Promise<string | null> {
  const told = await ask<{ leave: string } | undefined>("DELETE", "/v1/session");
  carry("");
  return told?.leave ?? null;
}

export const changePassword = (old: string, next: string) =>
  ask<void>("POST", "/v1/session/password", { body: { old, new: next } });
export const beginTotp = () => ask<{ secret: string; uri: string }>("POST", "/v1/session/totp", { body: {} });
export const confirmTotp = (code: string) => ask<void>("POST", "/v1/session/totp", { body: { code } });
