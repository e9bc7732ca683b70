import { Hono } from "hono";

/** The state of the process; it serves publishers only when it is ready. */
export type ProcessHealth = "starting" | "ready" | "stopping" | "failed";

/** State of the process, and what it waits for while it starts, for example `the storage accounts`. */
export interface Readiness {
  readonly health: ProcessHealth;
  readonly waitingFor: string;
}

/**
 * `/healthz`: the process lives. `/readyz`: it takes requests; 503, with the reason, while it starts, stops, or has lost
 * its store. Both without credentials, so the reason says no more than which part is missing.
 */
export function healthRoutes(readiness: () => Readiness): Hono {
  const routes = new Hono();
  routes.get("/healthz", (context) => context.json({ status: "ok" }));
  routes.get("/readyz", (context) => {
    const { health, waitingFor } = readiness();
    if (health === "ready") return context.json({ status: health });
    return context.json({ status: health, reason: reasonOf(health, waitingFor) }, 503);
  });
  return routes;
}

function reasonOf(health: Exclude<ProcessHealth, "ready">, waitingFor: string): string {
  switch (health) {
    case "starting":
      return `Ringmain waits for ${waitingFor}.`;
    case "stopping":
      return "Ringmain is stopping.";
    case "failed":
      return "The store is lost; the log says why. Ringmain ends.";
    default:
      return health satisfies never;
  }
}
