import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [
  { path: "/", component: () => import("./views/FrontDoor.vue"), meta: { open: true } },
  { path: "/report", component: () => import("./views/NewReport.vue"), meta: { open: true } },
  { path: "/status/:token", component: () => import("./views/MyCase.vue"), meta: { open: true }, props: true },
];
