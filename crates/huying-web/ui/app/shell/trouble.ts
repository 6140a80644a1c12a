/** What went wrong, in a sentence for the person before the screen. */
import { Refused, Unreachable } from "@/wire/data/http";
import { plainly, t } from "@/words/say";

export function sentence(error: unknown): string {
  if (error instanceof Refused) return plainly(error.words);
  if (error instanceof Unreachable) return t("trouble.unreachable");
  return t("trouble.unknown");
}
