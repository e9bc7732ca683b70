import { join } from "node:path";
import { RingmainError, toError } from "../../../core/errors.ts";
import type { Resource, StorageAccountResource } from "../../../core/resources/resources.ts";
import type { ResourceDirectory } from "../../../engine/directory/resource-directory.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { EventSink } from "../../../ports/event-source.ts";
import { startAzurite, type RunningAzurite } from "../../../sources/storage/azurite.ts";
import { createStorageSource, type StorageSource } from "../../../sources/storage/storage-source.ts";
import type { StartContext } from "../../lifecycle/start-context.ts";
import { childEnvironment } from "../../system/child-environment.ts";
import type { StorageAccountReport } from "../../report/ready-report.ts";
import { storeFolder } from "../open-store.ts";
import { EMULATOR_ACCOUNT, EMULATOR_PORTS } from "./emulator-account.ts";

/** The storage accounts that Ringmain serves. They follow the storage account resources, which can change at any time. */
export interface StorageAccounts {
  /** Returns a report of every served account, with connection strings if `secrets` is set. */
  reports(secrets: boolean): readonly StorageAccountReport[];
  /** Returns a served account. Dead letters are written to its address, so that they raise events like any other blob. */
  find(name: string): ServedAccount | undefined;
  /** Resolves with the account when it is served. Rejects with the reason if it cannot be served, or with `not_found`. */
  served(name: string): Promise<ServedAccount>;
  /** Environment variables that connect a hosted function app to the first account. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
}

/** Returns the endpoints of an account's services, by Resource Manager's names. */
export function endpointsOf({ blobEndpoint, otherEndpoints }: ServedAccount): Readonly<Record<string, string>> {
  const { QueueEndpoint: queue, TableEndpoint: table } = otherEndpoints;
  return {
    blob: `${blobEndpoint}/`,
    ...(queue === undefined ? {} : { queue: `${queue}/` }),
    ...(table === undefined ? {} : { table: `${table}/` }),
  };
}

/** A served account, with its key and addresses. */
export interface ServedAccount {
  readonly name: string;
  readonly key: string;
  readonly blobEndpoint: string;
  /** Endpoints of the services that Azurite serves directly, by their names in a connection string. */
  readonly otherEndpoints: Readonly<Record<string, string>>;
}

/** Dependencies of the storage accounts. */
interface Dependencies extends Pick<StartContext, "config" | "folder" | "logger" | "clock" | "random"> {
  readonly directory: ResourceDirectory;
  readonly sink: EventSink;
}

const STORAGE_ACCOUNT = "Microsoft.Storage/storageAccounts";

/**
 * Serves the blob endpoint of every storage account in front of Azurite, and follows changes of the accounts. Starts
 * Azurite if the configuration asks for it; otherwise, in development, with the first account. Rejects if an account of
 * the configuration cannot be served; for other accounts, logs the error. Azurite is a separate part, because deliveries
 * may need it after the accounts have stopped raising events.
 */
export async function openStorageAccounts(context: StartContext, engine: Engine): Promise<StorageAccounts> {
  const { config, folder, logger, clock, random, parts } = context;
  const { directory } = engine;
  const server = new StorageAccountServer({ config, folder, logger, clock, random, directory, sink: engine });
  parts.push("azurite", () => server.stopAzurite());
  parts.push("storage accounts", () => server.stop());
  await server.start();
  return server;
}

class StorageAccountServer implements StorageAccounts {
  readonly #dependencies: Dependencies;
  /** Sources by configured port. Accounts with the same port share a source. */
  readonly #sources = new Map<number, StorageSource>();
  /** Served accounts, by name. */
  readonly #served = new Map<string, ServedAccount & { readonly source: StorageSource }>();
  /** Reasons why accounts cannot be served, by name. */
  readonly #unserved = new Map<string, Error>();
  /** Resolves when the latest change has been applied. Changes are applied one after the other. */
  #changes: Promise<void> = Promise.resolve();
  #azurite: RunningAzurite | undefined;
  #isStopped = false;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  async start(): Promise<void> {
    const { directory, config } = this.#dependencies;
    directory.onChange((before, after) => this.#follow(before, after));
    if (config.azurite) await this.#runAzurite();
    for (const account of this.#accounts()) {
      await this.#serve(account);
      const failure = this.#unserved.get(account.name);
      if (failure !== undefined && account.managedBy === "config") throw failure;
    }
  }

  reports(secrets: boolean): readonly StorageAccountReport[] {
    return Array.from(this.#served.values(), (account) => report(account, secrets));
  }

  find(name: string): ServedAccount | undefined {
    return this.#served.get(name.toLowerCase());
  }

  async served(name: string): Promise<ServedAccount> {
    await this.#changes;
    const account = this.find(name);
    if (account !== undefined) return account;
    throw (
      this.#unserved.get(name.toLowerCase()) ??
      new RingmainError("not_found", `The storage account '${name}' is not available.`)
    );
  }

  get functionEnvironment(): Readonly<Record<string, string>> {
    const named = this.#dependencies.config.storageAccounts[0];
    const first = named === undefined ? [...this.#served.values()][0] : this.find(named.name);
    return first === undefined ? {} : { AzureWebJobsStorage: connectionString(first) };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#changes;
    await Promise.all(Array.from(this.#sources.values(), (source) => source.stop()));
  }

  async stopAzurite(): Promise<void> {
    await this.#azurite?.stop();
  }

  #accounts(): StorageAccountResource[] {
    return this.#dependencies.directory.ofKind(STORAGE_ACCOUNT);
  }

  #follow(before: Resource | undefined, after: Resource | undefined): void {
    // An id has one type, before and after.
    if ((after ?? before)?.type !== STORAGE_ACCOUNT) return;
    this.#changes = this.#change(this.#changes, before, after);
  }

  async #change(earlier: Promise<void>, before: Resource | undefined, after: Resource | undefined): Promise<void> {
    await earlier;
    if (this.#isStopped) return;
    if (after?.type === STORAGE_ACCOUNT) await this.#serve(after);
    else if (before !== undefined) await this.#drop(before.name);
  }

  async #serve(account: StorageAccountResource): Promise<void> {
    const { name } = account;
    try {
      const upstream = await this.#upstream();
      const source = await this.#sourceAt(portOf(account, this.#accounts()), upstream);
      const before = this.#served.get(name)?.source;
      if (before !== source) await before?.unwatch(name);
      source.watch({
        name,
        key: account.keys.key1,
        sourceId: account.id,
        urlForm: account.properties.urlForm ?? "production",
      });
      this.#served.set(name, { ...describeServed(account, source.address, this.#azurite), source });
      this.#unserved.delete(name);
    } catch (thrown) {
      this.#unserved.set(name, toError(thrown));
      this.#dependencies.logger.error("storage_account_failed", { account: name, error: toError(thrown).message });
    }
  }

  async #drop(name: string): Promise<void> {
    this.#unserved.delete(name);
    await this.#served.get(name)?.source.unwatch(name);
    this.#served.delete(name);
    await this.#azurite?.setAccounts(keysOf(this.#accounts()));
  }

  /** Returns Azurite's blob endpoint, after adding all accounts to an Azurite that Ringmain runs. */
  async #upstream(): Promise<URL> {
    const { azuriteUrl } = this.#dependencies.config;
    if (azuriteUrl !== undefined) return new URL(azuriteUrl);
    if (this.#azurite === undefined) {
      this.#allowAzurite();
      return (await this.#runAzurite()).blob;
    }
    await this.#azurite.setAccounts(keysOf(this.#accounts()));
    return this.#azurite.blob;
  }

  /**
   * Throws `not_supported` in production unless the configuration asks for Azurite: the permission to create storage
   * accounts must not start a process and open ports. In development, logs why Azurite starts. [ARM-STORAGE-AZURITE]
   */
  #allowAzurite(): void {
    const { config, logger } = this.#dependencies;
    if (config.azurite) return;
    const remedy = "Set 'azurite' in the configuration to start Azurite, or 'azuriteUrl' to use a running one.";
    if (config.mode === "production") {
      throw new RingmainError("not_supported", `Storage accounts need Azurite, which is not configured. ${remedy}`);
    }
    logger.warn("azurite_not_asked_for", {
      accounts: this.#accounts().map(({ name }) => name),
      consequence: `Ringmain starts Azurite for the storage account. ${remedy}`,
    });
  }

  /**
   * Starts Azurite on its default ports. If they are in use and the configuration does not ask for Azurite, starts it on
   * free ports, because no client expects it on the default ones.
   */
  async #runAzurite(): Promise<RunningAzurite> {
    // If the blob port may be any free port, the other ports may be too.
    const anyPort = portOf(undefined, this.#accounts()) === 0;
    try {
      return await this.#runAzuriteAt(anyPort);
    } catch (thrown) {
      if (anyPort || this.#dependencies.config.azurite || !isConflict(thrown)) throw thrown;
      return this.#runAzuriteAt(true);
    }
  }

  async #runAzuriteAt(anyPort: boolean): Promise<RunningAzurite> {
    const { config, folder, logger } = this.#dependencies;
    const accounts = this.#accounts();
    this.#azurite = await startAzurite({
      host: config.host,
      queuePort: anyPort ? 0 : EMULATOR_PORTS.queue,
      tablePort: anyPort ? 0 : EMULATOR_PORTS.table,
      accounts: keysOf(accounts),
      environment: childEnvironment(config.mode, process.env),
      logger,
      resolveFrom: folder,
      ...(config.memory ? {} : { dataFolder: join(storeFolder(config, folder), "azurite") }),
    });
    return this.#azurite;
  }

  async #sourceAt(port: number, upstream: URL): Promise<StorageSource> {
    const known = this.#sources.get(port);
    if (known !== undefined) return known;
    const { config, clock, random, logger, sink } = this.#dependencies;
    const sourceOn = async (listenPort: number): Promise<StorageSource> => {
      const source = createStorageSource({
        upstream: { host: upstream.hostname, port: Number(upstream.port === "" ? 80 : upstream.port) },
        listen: { host: config.host, port: listenPort },
        clock,
        random,
        logger,
      });
      await source.start(sink);
      return source;
    };
    const isAskedFor = config.azurite || config.azuriteUrl !== undefined;
    const source = await sourceOn(port).catch((thrown: unknown) => {
      if (isAskedFor || !isConflict(thrown)) throw cannotServe(thrown);
      return sourceOn(0);
    });
    this.#sources.set(port, source);
    return source;
  }
}

/** Returns the port of an account: its own, or the one of the emulator's account. */
function portOf(account: StorageAccountResource | undefined, accounts: readonly StorageAccountResource[]): number {
  const emulator = accounts.find(({ name }) => name === EMULATOR_ACCOUNT);
  return account?.properties.blobPort ?? emulator?.properties.blobPort ?? EMULATOR_PORTS.blob;
}

function keysOf(accounts: readonly StorageAccountResource[]): { name: string; keys: string[] }[] {
  return accounts.map(({ name, keys }) => ({ name, keys: [keys.key1, keys.key2] }));
}

function isConflict(thrown: unknown): boolean {
  return thrown instanceof RingmainError && thrown.code === "conflict";
}

function cannotServe(thrown: unknown): RingmainError {
  const hint = "If Azurite is already running, use it with '--azurite-url'. To use another port, set 'blobPort'.";
  return new RingmainError(
    "invalid_request",
    `Cannot listen on the port for blobs of storage accounts: ${toError(thrown).message}. ${hint}`,
    { cause: thrown },
  );
}

function describeServed(
  { name, keys }: StorageAccountResource,
  { host, port }: StorageSource["address"],
  azurite: RunningAzurite | undefined,
): ServedAccount {
  const at = (url: URL): string => `${url.origin}/${name}`;
  return {
    name,
    key: keys.key1,
    blobEndpoint: `http://${host}:${port}/${name}`,
    otherEndpoints: azurite === undefined ? {} : { QueueEndpoint: at(azurite.queue), TableEndpoint: at(azurite.table) },
  };
}

function connectionString({ name, key, blobEndpoint, otherEndpoints }: ServedAccount): string {
  const parts = {
    DefaultEndpointsProtocol: "http",
    AccountName: name,
    AccountKey: key,
    BlobEndpoint: blobEndpoint,
    ...otherEndpoints,
  };
  return Object.entries(parts)
    .map(([part, value]) => `${part}=${value};`)
    .join("");
}

function report(account: ServedAccount, secrets: boolean): StorageAccountReport {
  const { name, blobEndpoint } = account;
  return secrets ? { name, blobEndpoint, connectionString: connectionString(account) } : { name, blobEndpoint };
}
