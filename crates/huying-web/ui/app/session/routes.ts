import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [
  { path: "/sign-in", component: () => import("./views/SignIn.vue"), meta: { open: true } },
  { path: "/me", component: () => import("./views/Account.vue") },
];
