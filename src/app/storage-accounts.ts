import { resolve } from "node:path";
import { RingmainError, toError } from "../core/errors.ts";
import { storageAccountId } from "../core/resource-id.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventSink } from "../ports/event-source.ts";
import type { Logger } from "../ports/logger.ts";
import type { Random } from "../ports/random.ts";
import { startAzurite, type RunningAzurite } from "../sources/storage/azurite.ts";
import { createStorageSource, type StorageSource } from "../sources/storage/storage-source.ts";
import type { StorageAccountConfig } from "./config/resources-schema.ts";
import type { Config } from "./config/schema.ts";
import { EMULATOR_ACCOUNT, EMULATOR_KEY, EMULATOR_PORTS } from "./emulator-account.ts";
import type { StorageAccountReport } from "./ready-report.ts";

/** The storage accounts that are served. */
export interface StorageAccounts {
  reports(secrets: boolean): readonly StorageAccountReport[];
  /** Where dead letters for an account are written to: its served address, so that they raise events like any blob. */
  find(name: string): ServedAccount | undefined;
  /** What a hosted function application needs to reach the first account. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  /** Stops serving the accounts. */
  stop(): Promise<void>;
  /** Stops Azurite, if it was started; apart, since deliveries may need it to their end. */
  stopAzurite(): Promise<void>;
}

/** An account as it can be reached. */
interface ServedAccount {
  readonly name: string;
  readonly key: string;
  readonly blobEndpoint: string;
  /** Of the services that Azurite serves itself, by the name they have in a connection string. */
  readonly otherEndpoints: Readonly<Record<string, string>>;
}

export interface StorageAccountsOptions {
  readonly config: Pick<Config, "azurite" | "azuriteUrl" | "host" | "memory" | "storageAccounts">;
  /** The data folder. */
  readonly data: string;
  /** Where to look for Azurite: the folder of the user's project. */
  readonly folder: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: EventSink;
}

/**
 * Starts Azurite if that is asked for, and stands in front of the blob endpoint of every configured account. Without
 * a configured account the emulator's own is served; without Azurite, accounts are known but not served.
 */
export async function startStorageAccounts(options: StorageAccountsOptions): Promise<StorageAccounts> {
  const { config } = options;
  const accounts = config.storageAccounts.length > 0 ? config.storageAccounts : [{ name: EMULATOR_ACCOUNT }];
  const azurite = config.azurite ? await runAzurite(options, accounts) : undefined;
  const upstream = azurite?.blob ?? (config.azuriteUrl === undefined ? undefined : new URL(config.azuriteUrl));
  const sources: StorageSource[] = [];
  const served: ServedAccount[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(sources.map((source) => source.stop()));
  };
  const stopAzurite = async (): Promise<void> => azurite?.stop();
  try {
    for (const account of upstream === undefined ? [] : accounts) {
      const source = createSource(options, account, upstream as URL);
      await startSource(source, options.sink, account);
      sources.push(source);
      served.push(describeServed(account, source.address, azurite));
    }
  } catch (thrown) {
    await stop();
    await stopAzurite();
    throw thrown;
  }
  const [first] = served;
  return {
    reports: (secrets) => served.map((account) => report(account, secrets)),
    find: (name) => served.find((account) => account.name === name.toLowerCase()),
    functionEnvironment: first === undefined ? {} : { AzureWebJobsStorage: connectionString(first) },
    stop,
    stopAzurite,
  };
}

/** The account's key: the public one of the emulator's account, else the configured one. */
function keyOf({ name, key }: StorageAccountConfig): string {
  if (key !== undefined) return key;
  if (name === EMULATOR_ACCOUNT) return EMULATOR_KEY;
  throw new RingmainError("invalid_request", `The storage account '${name}' needs its 'key' in the configuration.`);
}

function runAzurite(
  { config, data, folder, logger }: StorageAccountsOptions,
  accounts: readonly StorageAccountConfig[],
): Promise<RunningAzurite> {
  const emulator = accounts.find(({ name }) => name === EMULATOR_ACCOUNT);
  // Whoever asked for any free blob port has asked for no fixed ports at all.
  const anyPort = emulator === undefined || emulator.blobPort === 0;
  return startAzurite({
    host: config.host,
    queuePort: anyPort ? 0 : EMULATOR_PORTS.queue,
    tablePort: anyPort ? 0 : EMULATOR_PORTS.table,
    accounts: accounts.map((account) => ({ name: account.name, key: keyOf(account) })),
    logger,
    resolveFrom: folder,
    ...(config.memory ? {} : { dataFolder: resolve(data, "azurite") }),
  });
}

function createSource(
  { config, logger, clock, random }: StorageAccountsOptions,
  account: StorageAccountConfig,
  upstream: URL,
): StorageSource {
  return createStorageSource({
    account: { name: account.name, key: keyOf(account) },
    upstream: { host: upstream.hostname, port: Number(upstream.port === "" ? 80 : upstream.port) },
    listen: {
      host: config.host,
      port: account.blobPort ?? (account.name === EMULATOR_ACCOUNT ? EMULATOR_PORTS.blob : 0),
    },
    sourceId: storageAccountId(account.name),
    urlForm: account.urlForm ?? "production",
    clock,
    random,
    logger,
  });
}

async function startSource(source: StorageSource, sink: EventSink, { name }: StorageAccountConfig): Promise<void> {
  try {
    await source.start(sink);
  } catch (thrown) {
    const hint =
      "Is Azurite running already? Then '--azurite-url' stands in front of it; 'blobPort' chooses another port.";
    throw new RingmainError(
      "invalid_request",
      `The blobs of storage account '${name}' cannot be served: ${toError(thrown).message}. ${hint}`,
      { cause: thrown },
    );
  }
}

function describeServed(
  account: StorageAccountConfig,
  { host, port }: StorageSource["address"],
  azurite: RunningAzurite | undefined,
): ServedAccount {
  const { name } = account;
  const at = (url: URL): string => `${url.origin}/${name}`;
  return {
    name,
    key: keyOf(account),
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
