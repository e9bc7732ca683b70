import { RoleAssignments } from "../auth/role-assignments.ts";
import { SECOND_MS } from "../core/time.ts";
import type { ResourceDirectory } from "../engine/directory/resource-directory.ts";
import type { Engine } from "../engine/engine.ts";
import { warnOfAccess } from "./access/access-warnings.ts";
import { createLocalIssuer, followRoles } from "./access/token-access.ts";
import type { Config } from "./config/schema.ts";
import { Later } from "./lifecycle/later.ts";
import { createStartContext, type RingmainOptions, type StartContext } from "./lifecycle/start-context.ts";
import { applyConfiguration } from "./parts/apply-configuration.ts";
import { NamedTargets } from "./parts/named-targets.ts";
import { openDestinations } from "./parts/open-destinations.ts";
import { openEngine } from "./parts/open-engine.ts";
import { openFunctionApps } from "./parts/open-function-apps.ts";
import { openServer } from "./parts/open-server.ts";
import { openStore } from "./parts/open-store.ts";
import { observeEngine, openDiagnostics } from "./parts/open-telemetry.ts";
import { openTracing } from "./parts/open-tracing.ts";
import { openStorageAccounts, type StorageAccounts } from "./parts/storage/storage-accounts.ts";
import { createReadyReport } from "./report/create-ready-report.ts";
import { OwnAddress } from "./report/own-address.ts";
import type { ReadyReport } from "./report/ready-report.ts";

/** A Ringmain that runs in this process. */
export interface Ringmain {
  readonly report: ReadyReport;
  readonly engine: Engine;
  readonly storage: StorageAccounts;
  /**
   * Resolves with the reason when Ringmain has failed. It then refuses publishers, and must be stopped. Never rejects.
   */
  readonly failed: Promise<Error>;
  /** Replaces the declared resources with those of another configuration. Settings do not change. */
  reconfigure(config: Config): Promise<void>;
  /** Refuses new work, waits for work in progress up to the configured time, and releases every part. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts Ringmain. This is the only module that knows every adapter. Resolves when all parts are ready. Rejects when a
 * part does not start or the signal is aborted; by then, the parts that were open have been released.
 */
export async function startRingmain(options: RingmainOptions): Promise<Ringmain> {
  const context = createStartContext(options);
  const { config, parts, state } = context;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    state.stop();
    stopping ??= parts.release(config.server.stopSeconds * SECOND_MS);
    return stopping;
  };
  try {
    return { ...(await start(context)), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/**
 * Opens the parts one after the other. Each part pushes its release to the stack, so a stop or a failed start releases
 * them in reverse order. Two rules determine the order in which parts are opened: resources are loaded and configured
 * before anything can raise an event, because the event would find no subscription; and deliveries begin last, when
 * their destinations are available.
 */
async function start(context: StartContext): Promise<Omit<Ringmain, "stop">> {
  const { config, clock, random, logger, parts, signal, state, retry } = context;
  const targets = new NamedTargets(config);
  const ownAddress = new OwnAddress();
  const roles = new RoleAssignments();
  const directory = new Later<ResourceDirectory>();
  const accounts = new Later<StorageAccounts>();

  const store = await openStore(context);
  signal.throwIfAborted();
  // The servers of a shared store may still be electing leaders: a request that they refuse now can succeed a moment
  // later.
  const settling: typeof retry = store.queue.capabilities.shared ? retry : (attempt) => attempt();
  const issuer = await settling(() => createLocalIssuer(config, store.secrets, clock, random));
  const tracer = await openTracing(context);
  const diagnostics = openDiagnostics(context);
  const destinations = openDestinations(context, { targets, issuer, directory, ownAddress });
  const engine = openEngine(context, { store, destinations, tracer, ownAddress });
  directory.set(engine.directory);
  followRoles(roles, engine.directory);
  const metrics = observeEngine(context, { engine, store, diagnostics });
  await engine.load();

  const serverParts = { engine, store, destinations, metrics, tracer, issuer, roles, storage: accounts };
  const { server, address } = await openServer(context, serverParts);
  ownAddress.set(address);
  warnOfAccess(config, address.address, logger);
  state.waitFor("the configured topics and subscriptions");
  const configure = (wanted: Config) => applyConfiguration(context, { engine, server, roles, targets }, wanted);
  const topicAddresses = await settling(() => configure(config));
  signal.throwIfAborted();
  engine.handshakes.resume();

  state.waitFor("the storage accounts");
  const storage = await openStorageAccounts(context, engine);
  accounts.set(storage);
  targets.servedAccounts.set(storage);
  signal.throwIfAborted();
  state.waitFor("the function apps");
  const functionApps = await openFunctionApps(context, storage);
  targets.functionApps.set(functionApps);
  signal.throwIfAborted();

  state.waitFor("the waiting deliveries");
  // Deliveries begin now. A stop closes the sources of new work first: the server, then the storage accounts, then the
  // engine. Function apps, Azurite and the other parts that deliveries need are released after the engine.
  parts.raise("engine");
  parts.raise("storage accounts");
  parts.raise("server");
  await settling(() => engine.start());
  signal.throwIfAborted();
  state.becomeReady();
  return {
    engine,
    storage,
    report: createReadyReport(context, { address, topicAddresses, directory: engine.directory, storage, functionApps }),
    failed: store.failed ?? new Promise<never>(() => {}),
    reconfigure: async (wanted) => {
      await configure(wanted);
    },
  };
}
