import { Hono } from "hono";
import { RingmainError } from "../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventStreams } from "../ports/event-streams.ts";
import type { Logger } from "../ports/logger.ts";
import type { Random } from "../ports/random.ts";
import { adminOnly, type AdminAccess } from "./access/admin-only.ts";
import { logRefusals } from "./access/refusal-log.ts";
import { errorResponse } from "./error-response.ts";
import { useArm, type ArmDependencies } from "./arm/index.ts";
import { managementAccess, type ManagementTokens } from "./arm/access/management-access.ts";
import { adminRoutes } from "./admin/admin.ts";
import { backupRoutes, type MakeBackup } from "./admin/backup.ts";
import { handshakeRoutes } from "./publish/handshake.ts";
import { identityRoutes, type IdentityDependencies } from "./identity/identity.ts";
import { streamRoutes } from "./admin/streams.ts";
import { healthRoutes, type Readiness } from "./admin/health.ts";
import { metricsRoutes, type MetricsRoute } from "./admin/metrics.ts";
import { systemEventRoutes } from "./admin/system-events.ts";

export interface AppDependencies extends Omit<ArmDependencies, "authorizeManagement"> {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly admin: AdminAccess;
  /** Absent where management asks for no tokens of Entra. */
  readonly managementTokens?: ManagementTokens | undefined;
  readonly readiness: () => Readiness;
  readonly version: string;
  readonly makeBackup: MakeBackup;
  readonly metrics: MetricsRoute;
  /** Absent where no tokens are issued. */
  readonly identity?: IdentityDependencies;
  readonly streams: EventStreams;
  readonly alerts: () => readonly object[];
}

/** Everything but the publish path, as a fetch-shaped app: testable without a socket. */
export function createApp(deps: AppDependencies): Hono {
  const app = new Hono();
  app.onError((thrown) => errorResponse(thrown, deps.logger));
  app.notFound((context) =>
    errorResponse(
      new RingmainError("not_found", `There is nothing at '${context.req.path}'. See 'ringmain --help'.`),
      deps.logger,
    ),
  );
  app.use("*", logRefusals(deps.logger, deps.clock));
  useArm(app, { ...deps, authorizeManagement: managementAccess(deps.admin, deps.managementTokens) });
  app.get("/", (context) => context.json({ name: "ringmain", version: deps.version }));
  app.route("/", healthRoutes(deps.readiness));
  app.route("/eventsubscriptions", handshakeRoutes(deps.engine.handshakes));
  app.route("/metrics", metricsRoutes(deps.metrics));
  // Before the guard of the others: a stream may have a token of its own.
  app.route("/ringmain/streams", streamRoutes(deps));
  app.use("/ringmain/*", adminOnly(deps.admin));
  app.route("/ringmain", adminRoutes(deps.engine, deps.alerts));
  app.route("/ringmain/system-events", systemEventRoutes(deps));
  app.route("/ringmain/backup", backupRoutes(deps.makeBackup));
  if (deps.identity !== undefined) app.route("/", identityRoutes(deps.identity));
  return app;
}
