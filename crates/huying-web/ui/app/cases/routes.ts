import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [
  { path: "/cases", component: () => import("./views/CaseList.vue") },
  { path: "/cases/:id", component: () => import("./views/CasePage.vue"), props: true },
];
