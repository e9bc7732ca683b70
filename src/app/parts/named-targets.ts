import { parseConnectionString } from "../../codec/connection-string.ts";
import type { PartnerDestination, StorageAccount } from "../../destinations/index.ts";
import type { Config } from "../config/schema.ts";
import { Later } from "../lifecycle/later.ts";
import type { FunctionAppTarget, FunctionApps } from "./open-function-apps.ts";
import { EMULATOR_ACCOUNT, EMULATOR_KEY, EMULATOR_PORTS } from "./storage/emulator-account.ts";
import type { StorageAccounts } from "./storage/storage-accounts.ts";

type NamedInConfig = Pick<Config, "connections" | "partnerDestinations">;

/**
 * The targets that subscriptions name: connections and partner destinations of the configuration, storage accounts that
 * are served here, and function apps. Names are compared without regard to case.
 */
export class NamedTargets {
  /** Accounts that are served here: they come before connections of the same name. */
  readonly servedAccounts: Later<Pick<StorageAccounts, "find">> = new Later();
  readonly functionApps: Later<Pick<FunctionApps, "find">> = new Later();
  #connections: ReadonlyMap<string, string> = new Map();
  #partners: ReadonlyMap<string, PartnerDestination> = new Map();

  constructor(config: NamedInConfig) {
    this.configure(config);
  }

  /** Replaces the connections and partner destinations by those of another configuration. */
  configure({ connections, partnerDestinations }: NamedInConfig): void {
    this.#connections = new Map(
      connections.map(({ name, connectionString }) => [name.toLowerCase(), connectionString]),
    );
    this.#partners = new Map(partnerDestinations.map((partner) => [partner.name.toLowerCase(), partner]));
  }

  /** Returns the connection string under a name. A secret. */
  connection(name: string): string | undefined {
    return this.#connections.get(name.toLowerCase());
  }

  partnerDestination(name: string): PartnerDestination | undefined {
    return this.#partners.get(name.toLowerCase());
  }

  functionApp(name: string): FunctionAppTarget | undefined {
    return this.functionApps.part?.find(name);
  }

  /** Returns the storage account under a name: one that is served here, or that of a connection. */
  storageAccount(name: string): StorageAccount | undefined {
    const served = this.servedAccounts.part?.find(name);
    if (served !== undefined) {
      // Azurite serves the queues of these accounts itself.
      const queueEndpoint = served.otherEndpoints["QueueEndpoint"];
      return { ...served, ...(queueEndpoint !== undefined && { queueEndpoint }) };
    }
    const text = this.connection(name);
    return text === undefined ? undefined : storageAccountOf(text);
  }
}

/** Reads a storage account's connection string in any of Azure's forms with a key; `undefined` for any other text. */
export function storageAccountOf(text: string): StorageAccount | undefined {
  const parts = parseConnectionString(text);
  if (parts.get("usedevelopmentstorage") === "true") {
    const { blob, queue } = EMULATOR_PORTS;
    return {
      name: EMULATOR_ACCOUNT,
      key: EMULATOR_KEY,
      blobEndpoint: emulatorAt(blob),
      queueEndpoint: emulatorAt(queue),
    };
  }
  const name = parts.get("accountname");
  const key = parts.get("accountkey");
  if (name === undefined || key === undefined) return undefined;
  const protocol = parts.get("defaultendpointsprotocol") ?? "https";
  const suffix = parts.get("endpointsuffix") ?? "core.windows.net";
  return {
    name,
    key,
    blobEndpoint: parts.get("blobendpoint") ?? `${protocol}://${name}.blob.${suffix}`,
    queueEndpoint: parts.get("queueendpoint") ?? `${protocol}://${name}.queue.${suffix}`,
  };
}

function emulatorAt(port: number): string {
  return `http://127.0.0.1:${port}/${EMULATOR_ACCOUNT}`;
}
