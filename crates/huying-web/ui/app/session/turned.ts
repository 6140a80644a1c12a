/** Why somebody who came back from an identity provider was not let in: the engine says the code, the page the words. */
import { catalogue } from "@/words/catalogue";
import { t } from "@/words/say";

type Turned = keyof typeof catalogue.turned;

/** The code as it stands in the address; anybody may have written that address, so only known codes are said. */
export function turned(code: unknown): Turned | null {
  if (typeof code !== "string" || code === "") return null;
  if (/^token_[a-z_]{1,20}$/.test(code)) return "token";
  return Object.hasOwn(catalogue.turned, code) ? (code as Turned) : "other";
}

export function reason(code: unknown): string | null {
  const known = turned(code);
  return known && t(`turned.${known}`);
}
