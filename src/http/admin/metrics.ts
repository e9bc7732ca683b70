import { Hono } from "hono";
import { adminOnly, type AdminAccess } from "./admin-only.ts";

/** What `GET /metrics` answers, and to whom. */
export interface MetricsRoute {
  readonly access: AdminAccess;
  readonly contentType: string;
  readonly text: () => Promise<string>;
}

/** Prometheus' route, guarded as management is: names of topics and subscriptions are nobody else's business. */
export function metricsRoutes({ access, contentType, text }: MetricsRoute): Hono {
  const routes = new Hono();
  routes.use(adminOnly(access, { what: "Metrics", setting: "metrics.key" }));
  routes.get("/", async (context) => context.body(await text(), 200, { "content-type": contentType }));
  return routes;
}
