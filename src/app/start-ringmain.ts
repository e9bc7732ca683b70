import type { LocalIssuer } from "../auth/local-issuer/local-issuer.ts";
import { RoleAssignments } from "../auth/role-assignments.ts";
import { join } from "node:path";
import { encodeSystemEvents } from "../codec/system-event.ts";
import { RingmainError, toError } from "../core/errors.ts";
import { kindOf } from "../core/kinds/index.ts";
import type { DesiredResource } from "../core/resources/resources.ts";
import { SECOND_MS, type EpochMs } from "../core/time.ts";
import { createDestinations, type Destinations, type StorageAccount } from "../destinations/index.ts";
import { Engine } from "../engine/engine.ts";
import type { Health } from "../http/admin/health.ts";
import type { MetricsRoute } from "../http/admin/metrics.ts";
import { HttpServer, type ServerAddress } from "../http/server.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Random } from "../ports/random.ts";
import type { Store } from "../ports/store.ts";
import { TemplateThreads } from "../template-threads/template-threads.ts";
import type { ExportingTracer } from "../telemetry/tracing/open-telemetry-tracer.ts";
import { warnOfAccess } from "./access/access-warnings.ts";
import { createServerAccess } from "./access/server-access.ts";
import { createBackupMaker } from "./parts/backup-maker.ts";
import { ownAudienceCheck } from "./access/own-audiences.ts";
import { createTlsSource } from "./access/certificates.ts";
import { deliverySchedule } from "./config/delivery-schedule.ts";
import type { Config } from "./config/schema.ts";
import { createConnections, type Connections } from "./parts/connections.ts";
import { toResources } from "./config/to-resources.ts";
import { createDeliveryTokens } from "./access/delivery-identity.ts";
import { startFunctionApps, type FunctionApps } from "./parts/function-apps.ts";
import { openStore, storeFolder, storePlace } from "./parts/open-store.ts";
import { openTelemetry, type Telemetry } from "./parts/open-telemetry.ts";
import { openTracing } from "./parts/open-tracing.ts";
import { createRetryUnavailable, type RetryUnavailable } from "./parts/retry-unavailable.ts";
import type { ReadyReport } from "./report/ready-report.ts";
import { ownOrigin, validationUrl } from "./report/own-addresses.ts";
import { reportEndpoints } from "./report/report-endpoints.ts";
import { reportTopics } from "./report/report-topics.ts";
import { startStorageAccounts, type StorageAccounts } from "./parts/storage-accounts.ts";
import { createStorageServices } from "./parts/storage-calls.ts";
import { childEnvironment } from "./system/child-environment.ts";
import { systemClock } from "./system/system-clock.ts";
import { systemRandom } from "./system/system-random.ts";
import { assignRoles, createLocalIssuer, followRoles } from "./access/token-access.ts";
import { VERSION } from "./system/version.ts";

export interface RingmainOptions {
  readonly config: Config;
  /** What relative paths in the configuration are relative to. */
  readonly folder: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Ends a start under way when aborted: it releases what was made and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A whole Ringmain, running in this process. */
export interface Ringmain {
  readonly report: ReadyReport;
  readonly engine: Engine;
  readonly storage: StorageAccounts;
  /** Resolves with the reason when it cannot go on, and refuses publishers: it is to be stopped. Never rejects. */
  readonly failed: Promise<Error>;
  /** Makes the declared resources those of another configuration; the settings stay as they are. */
  reconfigure(config: Config): Promise<void>;
  /** Takes no more, lets what is under way end within the configured time, releases everything. Idempotent. */
  stop(): Promise<void>;
}

/** The parts of a Ringmain, as far as they have been made. */
interface Parts {
  health: Health;
  /** The part that the start waits for, as `/readyz` reports it. */
  waitingFor: string;
  readonly roles: RoleAssignments;
  issuer?: LocalIssuer | undefined;
  readonly connections: Connections;
  readonly templates: TemplateThreads;
  store?: Store;
  tracer?: ExportingTracer | undefined;
  engine?: Engine;
  telemetry?: Telemetry;
  destinations?: Destinations;
  server?: HttpServer;
  address?: ServerAddress;
  storage?: StorageAccounts;
  functionApps?: FunctionApps;
}

type Options = Required<RingmainOptions>;

/** A collector that is away holds the end up no longer. */
const LAST_TRACES_MS: number = 2 * SECOND_MS;
/** A lock lasts for this many attempts that run into their time limit. */
const ATTEMPTS_PER_LOCK = 4;

/**
 * Puts Ringmain together and starts it: the one place that knows every adapter. Resolves when everything is served;
 * when a part does not start, the others are released and it rejects.
 */
export async function startRingmain(given: RingmainOptions): Promise<Ringmain> {
  const options: Options = {
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
    ...given,
  };
  const connections = createConnections(options.config);
  const parts: Parts = {
    health: "starting",
    waitingFor: "the store",
    roles: new RoleAssignments(),
    connections,
    templates: new TemplateThreads(),
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= release(parts, options);
    return stopping;
  };
  try {
    const { engine, storage, report } = await start(parts, options);
    const reconfigure = async (config: Config): Promise<void> => {
      await configure(parts, engine, config, options);
    };
    const failed = parts.store?.failed ?? new Promise<never>(() => {});
    return { report, engine, storage, failed, stop, reconfigure };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/**
 * The order matters twice. Resources are loaded and configured before anything can raise an event, or the event would
 * find no subscription; and deliveries begin last, when the places they go to are there.
 */
async function start(parts: Parts, options: Options): Promise<Pick<Ringmain, "engine" | "storage" | "report">> {
  const { config, folder, logger, clock, random, signal } = options;
  const retry = createRetryUnavailable({ clock, logger, signal });
  const store = await openStore(config, folder, { logger, clock, retry });
  parts.store = store;
  void followFailure(parts, store, logger);
  signal.throwIfAborted();
  // Servers that the store is on may still choose leaders: what they refuse now they take a moment later.
  const settling: RetryUnavailable = store.queue.capabilities.shared ? retry : (attempt) => attempt();
  parts.issuer = await settling(() => createLocalIssuer(config, store.secrets, clock, random));
  parts.tracer = await openTracing(process.env, logger);
  const destinations = openDestinations(parts, options);
  parts.destinations = destinations;
  const engine = createEngine(parts, options, { store, destinations });
  parts.engine = engine;
  followRoles(parts.roles, engine.directory);
  parts.telemetry = openTelemetry({ config, folder, logger, clock, engine, store });
  await engine.load();
  const { metrics } = parts.telemetry;
  parts.server = createServer(parts, options, { engine, store, destinations, metrics });
  const address = await listen(parts.server, config);
  parts.address = address;
  warnOfAccess(config, address.address, logger);
  parts.waitingFor = "the configured topics and subscriptions";
  const topicAddresses = await settling(() => configure(parts, engine, config, options));
  signal.throwIfAborted();
  engine.handshakes.resume();
  parts.waitingFor = "the storage accounts";
  const storage = await startStorageAccounts({
    config,
    data: storeFolder(config, folder),
    folder,
    directory: engine.directory,
    logger,
    clock,
    random,
    sink: engine,
  });
  parts.storage = storage;
  signal.throwIfAborted();
  parts.waitingFor = "the function apps";
  parts.functionApps = await startFunctionApps({
    apps: config.functionApps,
    folder,
    mode: config.mode,
    environment: { ...childEnvironment(config.mode, process.env), ...storage.functionEnvironment },
    requestTimeoutSeconds: config.server.requestTimeoutSeconds,
    logger,
    random,
  });
  signal.throwIfAborted();
  parts.waitingFor = "the waiting deliveries";
  await settling(() => engine.start());
  if (parts.health === "starting") parts.health = "ready";
  const secrets = config.mode === "dev";
  const data = storePlace(config, folder);
  return {
    engine,
    storage,
    report: {
      http: address.url,
      https: address.url.replace(/^http:/, "https:"),
      version: VERSION,
      mode: config.mode,
      ...(data === undefined ? {} : { data }),
      topics: reportTopics(engine.directory, address.url, topicAddresses, secrets),
      domains: reportEndpoints(engine.directory, "Microsoft.EventGrid/domains", address.url, secrets),
      partnerNamespaces: reportEndpoints(
        engine.directory,
        "Microsoft.EventGrid/partnerNamespaces",
        address.url,
        secrets,
      ),
      storageAccounts: storage.reports(secrets),
      functionApps: parts.functionApps.reports,
    },
  };
}

/** Refuses publishers once the store has lost what it keeps. */
async function followFailure(parts: Parts, { failed }: Store, logger: Logger): Promise<void> {
  if (failed === undefined) return;
  const reason = await failed;
  if (parts.health === "stopping") return;
  parts.health = "failed";
  logger.error("store_lost", { error: reason.message });
}

/** Releases what was made: first whatever lets work in, then what does it, last what remembers it. */
async function release(parts: Parts, { config, logger }: Options): Promise<void> {
  parts.health = "stopping";
  const deadline = AbortSignal.timeout(config.server.stopSeconds * SECOND_MS);
  const steps: readonly (readonly [name: string, release: () => Promise<void> | undefined])[] = [
    ["streams", async () => parts.destinations?.endStreams()],
    ["templates", async () => parts.templates.close()],
    ["server", () => parts.server?.close(deadline)],
    ["storage accounts", () => parts.storage?.stop()],
    ["engine", () => parts.engine?.stop(deadline)],
    ["function apps", () => parts.functionApps?.stop()],
    ["azurite", () => parts.storage?.stopAzurite()],
    ["destinations", () => parts.destinations?.close()],
    ["telemetry", () => parts.telemetry?.close()],
    ["tracing", () => parts.tracer?.close(AbortSignal.any([deadline, AbortSignal.timeout(LAST_TRACES_MS)]))],
    ["store", () => parts.store?.close()],
  ];
  for (const [name, releaseOne] of steps) {
    try {
      await releaseOne();
    } catch (thrown) {
      logger.error("release_failed", { part: name, error: toError(thrown).message });
    }
  }
}

function openDestinations(parts: Parts, { config, folder, clock, random }: Options): Destinations {
  const { delivery, mode } = config;
  return createDestinations({
    webhookTimeoutMs: delivery.timeoutSeconds * SECOND_MS,
    connectionsPerOrigin: delivery.attempts,
    addressPolicy: mode === "dev" ? "any" : { allowedHosts: delivery.allowedHosts },
    functionApp: (name) => parts.functionApps?.find(name),
    storageAccount: (name) => servedAccount(parts, name) ?? parts.connections.storageAccount(name),
    connection: (name) => parts.connections.find(name),
    partnerDestination: (name) => parts.connections.partnerDestination(name),
    queueMessageEncoding: delivery.queueMessageEncoding,
    eventHubBody: delivery.eventHubBody,
    webhookIdentity: {
      tokens: createDeliveryTokens({
        config,
        clock,
        issuer: parts.issuer,
        directory: () => parts.engine?.directory,
        origin: () => ownOrigin(parts.address),
      }),
      now: () => clock.now(),
    },
    folder,
    ...(!config.memory && { alertsFile: join(storeFolder(config, folder), "alerts.jsonl") }),
    newId: () => random.uuid(),
  });
}

function createEngine(
  parts: Parts,
  { config, logger, clock, random }: Options,
  { store, destinations }: { readonly store: Store; readonly destinations: Destinations },
): Engine {
  const { delivery, mode } = config;
  return new Engine({
    store,
    clock,
    random,
    logger,
    destinations,
    limits: {
      attempts: delivery.attempts,
      attemptsPerSubscription: delivery.attemptsPerSubscription,
      lockMs: ATTEMPTS_PER_LOCK * delivery.timeoutSeconds * SECOND_MS,
    },
    relaxedLimits: config.limits === "relaxed",
    isOwnAudience: ownAudienceCheck(config),
    enforceHandshake: mode === "production",
    maxWaitingDeliveries: config.server.maxWaitingDeliveries,
    ...deliverySchedule(config),
    retryForbidden: delivery.retryForbidden,
    validationUrl: (subscriptionName, code) => validationUrl(parts.address, subscriptionName, code),
    encodeSystemEvents: (sourceId, events) =>
      encodeSystemEvents(sourceId, events, { now: clock.now(), newId: () => random.uuid() }),
    tracer: parts.tracer,
  });
}

function createServer(
  parts: Parts,
  options: Options,
  made: {
    readonly engine: Engine;
    readonly store: Store;
    readonly destinations: Destinations;
    readonly metrics: MetricsRoute;
  },
): HttpServer {
  const { engine, store, destinations, metrics } = made;
  const { config, folder, logger, clock, random } = options;
  return new HttpServer({
    engine,
    clock,
    random,
    logger,
    version: VERSION,
    ...createServerAccess(config, { issuer: parts.issuer, roles: parts.roles, clock, random }),
    readiness: () => parts,
    tls: createTlsSource(config, folder, clock, logger),
    templates: parts.templates,
    storage: createStorageServices(() => parts.storage, clock),
    metrics,
    tracer: parts.tracer,
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

/** An account whose blobs are served here; its queues are Azurite's own. */
function servedAccount({ storage }: Parts, name: string): StorageAccount | undefined {
  const account = storage?.find(name);
  const queueEndpoint = account?.otherEndpoints["QueueEndpoint"];
  return account && { ...account, ...(queueEndpoint !== undefined && { queueEndpoint }) };
}

async function listen(server: HttpServer, { host, port }: Config): Promise<ServerAddress> {
  try {
    return await server.listen(host, port);
  } catch (thrown) {
    throw cannotListen(`${host}:${port}`, thrown, "Is another Ringmain running? '--port 0' takes any free port.");
  }
}

function cannotListen(where: string, thrown: unknown, hint: string): RingmainError {
  const message = `Cannot listen on ${where}: ${toError(thrown).message}. ${hint}`;
  return new RingmainError("invalid_request", message, { cause: thrown });
}

/** Makes resources and ports those of a configuration; answers where the topics with a port of their own are. */
async function configure(
  { server, roles, connections }: Parts,
  engine: Engine,
  config: Config,
  { clock, logger }: Options,
): Promise<Map<string, ServerAddress>> {
  assignRoles(roles, config);
  connections.replace(config);
  const declared = toResources(config).filter(({ resource, at }) => {
    if (!isPast(resource, clock.now())) return true;
    // [EG-SUBSCRIPTION-EXPIRY] A file that was right yesterday must not keep Ringmain from starting.
    logger.warn("subscription_expired", { at, name: resource.name });
    return false;
  });
  const wanted = declared.map(({ resource }) => resource);
  await engine.controlPlane.applyConfiguration(wanted, config.configName);
  const ports = config.topics.flatMap(({ name, port }) => (port === undefined ? [] : [[name, port] as const]));
  if (server === undefined) return new Map();
  try {
    return await server.listenForTopics(config.host, new Map(ports));
  } catch (thrown) {
    throw cannotListen(`${config.host} for a topic`, thrown, "Another program has the topic's 'port'.");
  }
}

function isPast(resource: DesiredResource, now: EpochMs): boolean {
  const endsAt = kindOf(resource).endsAt(resource);
  return endsAt !== undefined && endsAt <= now;
}
