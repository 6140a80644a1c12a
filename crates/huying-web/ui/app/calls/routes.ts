import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [{ path: "/calls", component: () => import("./views/CallDesk.vue") }];
