import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [{ path: "/board", component: () => import("./views/CityBoard.vue") }];
