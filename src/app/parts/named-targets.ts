import { parseConnectionString } from "../../codec/connection-string.ts";
import type { PartnerDestination, StorageAccount } from "../../destinations/index.ts";
import type { Config } from "../config/schema.ts";
import { Later } from "../lifecycle/later.ts";
import type { FunctionAppTarget, FunctionApps } from "./open-function-apps.ts";
import { EMULATOR_ACCOUNT, EMULATOR_KEY, EMULATOR_PORTS } from "./storage/emulator-account.ts";
import type { StorageAccounts } from "./storage/storage-accounts.ts";

type NamedInConfig = Pick<Config, "connections" | "partnerDestinations">;

/**
 * The targets that subscriptions refer to by name: connections and partner destinations of the configuration, storage
 * accounts that Ringmain serves, and function apps. Names are case-insensitive.
 */
export class NamedTargets {
  /** Accounts that Ringmain serves. They take precedence over connections with the same name. */
  readonly servedAccounts: Later<Pick<StorageAccounts, "find">> = new Later();
  readonly functionApps: Later<Pick<FunctionApps, "find">> = new Later();
  #connections: ReadonlyMap<string, string> = new Map();
  #partners: ReadonlyMap<string, PartnerDestination> = new Map();

  constructor(config: NamedInConfig) {
    this.configure(config);
  }

  /** Replaces the connections and partner destinations with those of another configuration. */
  configure({ connections, partnerDestinations }: NamedInConfig): void {
    this.#connections = new Map(
      connections.map(({ name, connectionString }) => [name.toLowerCase(), connectionString]),
    );
    this.#partners = new Map(partnerDestinations.map((partner) => [partner.name.toLowerCase(), partner]));
  }

  /** Returns the connection string with this name, which is a secret. */
  connection(name: string): string | undefined {
    return this.#connections.get(name.toLowerCase());
  }

  partnerDestination(name: string): PartnerDestination | undefined {
    return this.#partners.get(name.toLowerCase());
  }

  functionApp(name: string): FunctionAppTarget | undefined {
    return this.functionApps.part?.find(name);
  }

  /** Returns the storage account with this name: one that Ringmain serves, or the one of a connection. */
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

/**
 * Parses the connection string of a storage account. Accepts all of Azure's forms with a key; otherwise returns
 * `undefined`.
 */
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
