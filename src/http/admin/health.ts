import { Hono } from "hono";

/** State of the process. It serves publishers only when it is `ready`. */
export type ProcessHealth = "starting" | "ready" | "stopping" | "failed";

/** State of the process. While it starts, `waitingFor` names what it waits for, such as `the storage accounts`. */
export interface Readiness {
  readonly health: ProcessHealth;
  readonly waitingFor: string;
}

/**
 * Returns the routes `/healthz`, which succeeds while the process runs, and `/readyz`, which succeeds while it
 * accepts requests. `/readyz` returns 503 with a reason while Ringmain starts or stops or has lost its store.
 * Neither needs credentials, so the reason only names the missing part.
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
      return `Ringmain is waiting for ${waitingFor}.`;
    case "stopping":
      return "Ringmain is stopping.";
    case "failed":
      return "Ringmain has lost its store and is stopping. See the log for the reason.";
    default:
      return health satisfies never;
  }
}
