import { Hono } from "hono";

/** What the process is fit for. */
export type Health = "starting" | "ready" | "stopping";

/** `/healthz`: the process lives. `/readyz`: it takes requests; 503 while it starts or stops. */
export function healthRoutes(health: () => Health): Hono {
  const routes = new Hono();
  routes.get("/healthz", (context) => context.json({ status: "ok" }));
  routes.get("/readyz", (context) => {
    const status = health();
    return context.json({ status }, status === "ready" ? 200 : 503);
  });
  return routes;
}
