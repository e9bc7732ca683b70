import { parseConnectionString } from "../../codec/connection-string.ts";
import type { PartnerDestination, StorageAccount } from "../../destinations/index.ts";
import type { Config } from "../config/schema.ts";
import { EMULATOR_ACCOUNT, EMULATOR_KEY, EMULATOR_PORTS } from "./emulator-account.ts";

type Connected = Pick<Config, "connections" | "partnerDestinations">;

/** What destinations reach by the names in the configuration; names do not care for case. */
export interface Connections {
  /** The connection string under this name. */
  find(name: string): string | undefined;
  /** The storage account under this name. */
  storageAccount(name: string): StorageAccount | undefined;
  partnerDestination(name: string): PartnerDestination | undefined;
  /** Takes over another configuration. */
  replace(config: Connected): void;
}

export function createConnections(config: Connected): Connections {
  let current = byName(config);
  const find = (name: string): string | undefined => current.connections.get(name.toLowerCase())?.connectionString;
  return {
    find,
    storageAccount: (name) => {
      const text = find(name);
      return text === undefined ? undefined : storageAccountOf(text);
    },
    partnerDestination: (name) => current.partners.get(name.toLowerCase()),
    replace: (next) => {
      current = byName(next);
    },
  };
}

function byName({ connections, partnerDestinations }: Connected) {
  return {
    connections: new Map(connections.map((connection) => [connection.name.toLowerCase(), connection])),
    partners: new Map(partnerDestinations.map((partner) => [partner.name.toLowerCase(), partner])),
  };
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
