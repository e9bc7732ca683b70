import { Hono } from "hono";

/** The state of the process; it serves publishers only when it is ready. */
export type Health = "starting" | "ready" | "stopping" | "failed";

/** `/healthz`: the process lives. `/readyz`: it takes requests; 503 while it starts, stops, or has lost its store. */
export function healthRoutes(health: () => Health): Hono {
  const routes = new Hono();
  routes.get("/healthz", (context) => context.json({ status: "ok" }));
  routes.get("/readyz", (context) => {
    const status = health();
    return context.json({ status }, status === "ready" ? 200 : 503);
  });
  return routes;
}
