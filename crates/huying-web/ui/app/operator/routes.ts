import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [{ path: "/operator/:tab?", component: () => import("./views/Operations.vue"), props: true }];
