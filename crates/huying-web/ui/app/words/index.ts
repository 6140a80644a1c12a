/** The words of the pages: one catalogue, each entry in Chinese and English, so that neither can lack one. */
import { createI18n } from "vue-i18n";
import { catalogue } from "./catalogue";

type Pair = readonly [zh: string, en: string];
type Tree = { readonly [key: string]: Pair | Tree };
type Paths<T> = { [K in keyof T & string]: T[K] extends Pair ? K : `${K}.${Paths<T[K]>}` }[keyof T & string];

/** A key of the catalogue. */
export type Key = Paths<typeof catalogue>;
export type Lang = "zh-CN" | "en";
type Messages = { [key: string]: string | Messages };

const isPair = (entry: Pair | Tree): entry is Pair => Array.isArray(entry);

export function side(tree: Tree, of: 0 | 1): Messages {
  return Object.fromEntries(
    Object.entries(tree).map(([key, entry]) => [key, isPair(entry) ? entry[of] : side(entry, of)]),
  );
}

const REMEMBERED = "huying.lang";

function first(): Lang {
  const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(REMEMBERED);
  if (asked === "en" || asked === "zh-CN") return asked;
  return navigator.languages?.some((lang) => lang.startsWith("zh")) || !navigator.language.startsWith("en") ? "zh-CN" : "en";
}

export const i18n = createI18n({
  legacy: false,
  locale: first(),
  fallbackLocale: "zh-CN",
  messages: { "zh-CN": side(catalogue, 0), en: side(catalogue, 1) },
});

export function speak(lang: Lang): void {
  i18n.global.locale.value = lang;
  document.documentElement.lang = lang;
  localStorage.setItem(REMEMBERED, lang);
}
