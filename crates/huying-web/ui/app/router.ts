import { home, session } from "@/session/source";
import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";
import { routes as board } from "./board/routes";
import { routes as calls } from "./calls/routes";
import { routes as cases } from "./cases/routes";
import { routes as operator } from "./operator/routes";
import { routes as resident } from "./resident/routes";
import { routes as people } from "./session/routes";
import { routes as work } from "./work/routes";

declare module "vue-router" {
  interface RouteMeta {
    /** Anybody may look at it. */
    open?: boolean;
    /** No bar above it. */
    bare?: boolean;
  }
}

const routes: RouteRecordRaw[] = [
  ...resident, ...people, ...board, ...calls, ...cases, ...work, ...operator,
  { path: "/:elsewhere(.*)*", redirect: () => home() },
];

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.beforeEach((to) => {
  if (to.meta.open || session.value) return true;
  return { path: "/sign-in", query: { to: to.fullPath } };
});
