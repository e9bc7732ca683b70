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
  /** Checks of Entra's tokens for management; absent if management accepts none. */
  readonly managementTokens?: ManagementTokens | undefined;
  readonly readiness: () => Readiness;
  readonly version: string;
  readonly makeBackup: MakeBackup;
  readonly metrics: MetricsRoute;
  /** Absent if no tokens are issued. */
  readonly identity?: Omit<IdentityDependencies, "bodies">;
  readonly streams: EventStreams;
  readonly alerts: () => readonly object[];
}

/** Creates the app with all routes except the publish path. It handles fetch requests, so tests need no socket. */
export function createApp(dependencies: AppDependencies): Hono {
  const app = new Hono();
  app.onError((thrown) => errorResponse(thrown, dependencies.logger));
  app.notFound((context) =>
    errorResponse(
      new RingmainError("not_found", `There is nothing at '${context.req.path}'. See 'ringmain --help'.`),
      dependencies.logger,
    ),
  );
  app.use("*", logRefusals(dependencies.logger, dependencies.clock));
  useArm(app, {
    ...dependencies,
    authorizeManagement: managementAccess(dependencies.admin, dependencies.managementTokens),
  });
  app.get("/", (context) => context.json({ name: "ringmain", version: dependencies.version }));
  app.route("/", healthRoutes(dependencies.readiness));
  app.route("/eventsubscriptions", handshakeRoutes(dependencies.engine.handshakes));
  app.route("/metrics", metricsRoutes(dependencies.metrics));
  // Mounted before the guard of the other routes: a stream may have its own token.
  app.route("/ringmain/streams", streamRoutes(dependencies));
  app.use("/ringmain/*", adminOnly(dependencies.admin));
  app.route("/ringmain", adminRoutes(dependencies.engine, dependencies.alerts));
  app.route("/ringmain/system-events", systemEventRoutes(dependencies));
  app.route("/ringmain/backup", backupRoutes(dependencies.makeBackup));
  const { identity, bodies } = dependencies;
  if (identity !== undefined) app.route("/", identityRoutes({ ...identity, bodies }));
  return app;
}
