import { Hono } from "hono";
import { adminOnly, type AdminAccess } from "../access/admin-only.ts";

/** Options for `GET /metrics`: the content, and the access to it. */
export interface MetricsRoute {
  readonly access: AdminAccess;
  readonly contentType: string;
  readonly text: () => Promise<string>;
}

/**
 * Returns the route for Prometheus. It is protected like management calls, since the names of topics and
 * subscriptions are confidential.
 */
export function metricsRoutes({ access, contentType, text }: MetricsRoute): Hono {
  const routes = new Hono();
  routes.use(
    adminOnly(access, { calls: "Requests for metrics", setting: "metrics.key", variable: "RINGMAIN_METRICS_KEY" }),
  );
  routes.get("/", async (context) => context.body(await text(), 200, { "content-type": contentType }));
  return routes;
}
