import { type ComponentType, lazy } from "react";
import type { Role } from "@/identity/session";

/** One page: a line here and a folder in `pages/`. Its code is loaded when somebody goes there. */
export interface PageRoute {
  path: string;
  /** what the browser's tab says, and the navigation unless `isHidden` */
  title: string;
  Page: ComponentType;
  /** who may see it; left out: everybody */
  roles?: readonly Role[];
  isHidden?: boolean;
}

export const ROUTES: readonly PageRoute[] = [
  { path: "/", title: "Subscribe", Page: lazy(() => import("@/pages/subscribe/SubscribePage")) },
  {
    path: "/reviews",
    title: "Reviews",
    Page: lazy(() => import("@/pages/reviews/ReviewsPage")),
    roles: ["reviewer", "admin"],
  },
  {
    path: "/signed-in",
    title: "Signing in",
    Page: lazy(() => import("@/identity/SignedInPage")),
    isHidden: true,
  },
];
