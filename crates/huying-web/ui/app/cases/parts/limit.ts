/** A limit as people say it: `15um` is fifteen minutes that run always, `5wd` five working days. */
import { at, t } from "@/words/say";

const FORM = /^(\d+)(us|um|uh|ws|wm|wh|wd|nd)$/;

/** A sentence of the engine's with the limits in it as people say them. */
export const limitsSaid = (text: string): string => text.replace(/([（(])(\d+(?:us|um|uh|ws|wm|wh|wd|nd))([）)])/g, (_, open: string, limit: string, close: string) => `${open}${limitText(limit)}${close}`);

export function limitText(limit: string): string {
  if (limit.startsWith("@")) return at(limit.slice(1));
  const [, n, unit] = FORM.exec(limit) ?? [];
  return n && unit ? t(`limit.${unit}` as "limit.uh", { n }) : limit;
}
