/**
 * The pages of Huying. A noun has a folder: its `routes.ts` says where it is found, its `views/` what is seen, its
 * `source.ts` what views may read and ask; only its `data/` knows how the engine writes things down.
 */
import { openCatalogue } from "@/catalogue/source";
import { openSession } from "@/session/source";
import { i18n, speak, type Lang } from "@/words";
import "@/look/tokens.css";
import "@/look/base.css";
import { createApp } from "vue";
import App from "./App.vue";
import { router } from "./router";

async function start(): Promise<void> {
  speak(i18n.global.locale.value as Lang);
  await Promise.allSettled([openCatalogue(), openSession()]);
  createApp(App).use(i18n).use(router).mount("#app");
  if ("serviceWorker" in navigator && import.meta.env.PROD) void navigator.serviceWorker.register("/sw.js");
}

void start();
