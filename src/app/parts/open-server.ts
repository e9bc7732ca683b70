import type { LocalIssuer } from "../../auth/local-issuer/local-issuer.ts";
import type { RoleAssignments } from "../../auth/role-assignments.ts";
import { RingmainError, toError } from "../../core/errors.ts";
import { SECOND_MS } from "../../core/time.ts";
import type { Destinations } from "../../destinations/index.ts";
import type { Engine } from "../../engine/engine.ts";
import type { MetricsRoute } from "../../http/admin/metrics.ts";
import { HttpServer, type ServerAddress } from "../../http/server.ts";
import type { Store } from "../../ports/store.ts";
import type { Tracer } from "../../ports/tracer.ts";
import { TemplateThreads } from "../../template-threads/template-threads.ts";
import { createTlsSource } from "../access/certificates.ts";
import { createServerAccess } from "../access/server-access.ts";
import type { Later } from "../lifecycle/later.ts";
import type { StartContext } from "../lifecycle/start-context.ts";
import { VERSION } from "../system/version.ts";
import { createBackupMaker } from "./backup-maker.ts";
import { storeFolder } from "./open-store.ts";
import type { StorageAccounts } from "./storage/storage-accounts.ts";
import { createStorageServices } from "./storage/storage-calls.ts";

/** The parts that a server uses. */
export interface ServerParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly destinations: Destinations;
  readonly metrics: MetricsRoute;
  readonly tracer: Tracer | undefined;
  readonly issuer: LocalIssuer | undefined;
  readonly roles: RoleAssignments;
  readonly storage: Later<StorageAccounts>;
}

/** A listening server with its address. */
export interface ListeningServer {
  readonly server: HttpServer;
  readonly address: ServerAddress;
}

/**
 * Opens the server's port. Publishers get 503 until the process is ready. The release ends streams and the evaluation of
 * templates, which would keep their requests open, and waits for the responses to all other requests.
 */
export async function openServer(context: StartContext, serverParts: ServerParts): Promise<ListeningServer> {
  const { config, parts } = context;
  const templates = new TemplateThreads();
  const server = createServer(context, serverParts, templates);
  parts.push("server", async (deadline) => {
    serverParts.destinations.endStreams();
    templates.close();
    await server.close(deadline);
  });
  const { host, port } = config;
  try {
    return { server, address: await server.listen(host, port) };
  } catch (thrown) {
    throw cannotListen(
      `${host}:${port}`,
      thrown,
      "Check whether another Ringmain is running, or use '--port 0' for a free port.",
    );
  }
}

/** Returns the error for a port that cannot be opened. */
export function cannotListen(where: string, thrown: unknown, hint: string): RingmainError {
  const message = `Cannot listen on ${where}: ${toError(thrown).message}. ${hint}`;
  return new RingmainError("invalid_request", message, { cause: thrown });
}

function createServer(
  { config, folder, logger, clock, random, state }: StartContext,
  { engine, store, destinations, metrics, tracer, issuer, roles, storage }: ServerParts,
  templates: TemplateThreads,
): HttpServer {
  return new HttpServer({
    engine,
    clock,
    random,
    logger,
    version: VERSION,
    ...createServerAccess(config, { issuer, roles, clock, random }),
    readiness: () => state,
    tls: createTlsSource(config, folder, clock, logger),
    templates,
    storage: createStorageServices(() => storage.part, clock),
    metrics,
    tracer,
    streams: destinations.streams,
    alerts: () => destinations.alerts(),
    makeBackup: createBackupMaker(store, storeFolder(config, folder)),
    limits: {
      connections: config.server.connections,
      bodyBytesInFlight: config.server.bodyMegabytesInFlight * 1_000_000,
      requestTimeoutMs: config.server.requestTimeoutSeconds * SECOND_MS,
      relaxed: config.limits === "relaxed",
    },
  });
}
