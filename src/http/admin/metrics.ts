import { Hono } from "hono";
import { adminOnly, type AdminAccess } from "../access/admin-only.ts";

/** What `GET /metrics` answers, and to whom. */
export interface MetricsRoute {
  readonly access: AdminAccess;
  readonly contentType: string;
  readonly text: () => Promise<string>;
}

/** Prometheus' route, guarded as management is: names of topics and subscriptions are nobody else's business. */
export function metricsRoutes({ access, contentType, text }: MetricsRoute): Hono {
  const routes = new Hono();
  routes.use(
    adminOnly(access, { calls: "Requests for metrics", setting: "metrics.key", variable: "RINGMAIN_METRICS_KEY" }),
  );
  routes.get("/", async (context) => context.body(await text(), 200, { "content-type": contentType }));
  return routes;
}
