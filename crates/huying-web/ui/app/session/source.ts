/** Who is signed in, and where their day begins. */
import { onSessionLost, Refused } from "@/wire/data/http";
import { computed, shallowRef } from "vue";
import { beginSession, endSession, readSession, type Session } from "./data/session";

export { beginTotp, changePassword, confirmTotp, readWays, type Ways } from "./data/session";

/** What of a session a device without network may still know: who was here, never a secret. */
const REMEMBERED = "huying.last-session";
const held = shallowRef<Session | null>(null);
/** The session comes from this device's memory: nobody has answered yet. */
export const remembered = shallowRef(false);

export const session = computed(() => held.value);
/** Whether this person sees cases: everybody but an operator alone. */
export const seesCases = computed(() => held.value?.roles.some((role) => role !== "operator") ?? false);

export async function openSession(): Promise<void> {
  onSessionLost(() => {
    held.value = null;
    localStorage.removeItem(REMEMBERED);
  });
  try {
    take(await readSession());
  } catch (error) {
    const last = localStorage.getItem(REMEMBERED);
    if (error instanceof Refused || !last) return;
    held.value = { ...(JSON.parse(last) as Session), csrf: "" };
    remembered.value = true;
  }
}

export async function signIn(account: string, password: string, code?: string): Promise<void> {
  take(await beginSession(account, password, code));
}

/** Signs out; says where the provider signs somebody out too, if one vouched for them. */
export async function signOut(): Promise<string | null> {
  localStorage.removeItem(REMEMBERED);
  const leave = await endSession().catch(() => null);
  held.value = null;
  return leave;
}

function take(session: Session): void {
  held.value = session;
  remembered.value = false;
  localStorage.setItem(REMEMBERED, JSON.stringify({ ...session, csrf: "" }));
}

export function has(...roles: string[]): boolean {
  return roles.some((role) => held.value?.roles.includes(role));
}

/** Where somebody with these roles begins. */
export function home(): string {
  if (!held.value) return "/";
  if (has("supervisor", "auditor")) return "/board";
  if (has("call_taker")) return "/calls";
  if (has("handler")) return "/work";
  if (has("operator")) return "/operator";
  return "/cases";
}
