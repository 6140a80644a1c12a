/**
 * What somebody has begun to write for an act. It outlives a reload and a crash of the page, stays in its window, and
 * is gone with it: a note may hold what is nobody else's to read on a shared device.
 */
const PREFIX = "huying.act";
const name = (account: string, id: string, ask: string) => `${PREFIX}/${account}/${id}/${ask}`;

export function keepSaid(account: string, id: string, ask: string, said: Record<string, unknown>): void {
  const written = Object.values(said).some((value) => value !== undefined && value !== "" && value !== null);
  try {
    if (written) sessionStorage.setItem(name(account, id, ask), JSON.stringify(said));
    else sessionStorage.removeItem(name(account, id, ask));
  } catch {
    /* A browser that keeps nothing still sends what stands on the page. */
  }
}

export function keptSaid(account: string, id: string, ask: string): Record<string, unknown> | null {
  try {
    return JSON.parse(sessionStorage.getItem(name(account, id, ask)) ?? "null") as Record<string, unknown> | null;
  } catch {
    return null;
  }
}

export const dropSaid = (account: string, id: string, ask: string): void => sessionStorage.removeItem(name(account, id, ask));

/** The acts of a case for which somebody has begun to write. */
export function asksKept(account: string, id: string): string[] {
  const begin = name(account, id, "");
  return Object.keys(sessionStorage).filter((key) => key.startsWith(begin)).map((key) => key.slice(begin.length));
}
