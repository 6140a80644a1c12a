import vue from "@vitejs/plugin-vue";
import { fileURLToPath } from "node:url";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vite";

/** The engine that answers while the pages are being written. */
const ENGINE = process.env.HUYING_ENGINE ?? "http://127.0.0.1:8311";
const proxied = { target: ENGINE, changeOrigin: false };
const PROXIED = { "/v1": proxied, "/openapi.json": proxied, "/healthz": proxied };

export default defineConfig({
  plugins: [
    vue(),
    VitePWA({
      registerType: "prompt",
      injectRegister: false,
      filename: "sw.js",
      manifest: {
        name: "呼应 Huying",
        short_name: "呼应",
        lang: "zh-CN",
        start_url: "/work",
        display: "standalone",
        background_color: "#f4f6f5",
        theme_color: "#0d5c63",
        icons: [{ src: "/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any maskable" }],
      },
      workbox: {
        inlineWorkboxRuntime: true,
        globPatterns: ["**/*.{js,css,html,svg,webmanifest}"],
        navigateFallback: "/index.html",
        navigateFallbackDenylist: [/^\/(v1|open311|docs)\//, /^\/(openapi\.json|healthz|readyz|metrics)$/],
        cleanupOutdatedCaches: true,
        // The city's lists hold nothing of anybody; without them a handler without network could not read a card.
        runtimeCaching: [{ urlPattern: /\/v1\/catalogue$/, handler: "NetworkFirst", options: { cacheName: "catalogue", networkTimeoutSeconds: 3 } }],
      },
    }),
  ],
  resolve: { alias: { "@": fileURLToPath(new URL("./app", import.meta.url)) } },
  define: { __VUE_I18N_FULL_INSTALL__: false, __VUE_I18N_LEGACY_API__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  build: { target: "es2022", sourcemap: false, chunkSizeWarningLimit: 700 },
  server: { proxy: PROXIED },
  preview: { proxy: PROXIED },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
