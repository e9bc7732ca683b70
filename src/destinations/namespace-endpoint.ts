import { parseConnectionString } from "../codec/connection-string.ts";

/** Where a namespace of Service Bus, Event Hubs or Relay answers, and with what key. */
export interface NamespaceEndpoint {
  readonly host: string;
  /** Unset: that of the protocol. */
  readonly port: number | undefined;
  /** An emulator: spoken to without TLS. */
  readonly emulator: boolean;
  readonly keyName: string;
  /** A secret. */
  readonly key: string;
}

/** What a connection string must hold, for messages. */
export const ENDPOINT_PARTS = "with Endpoint=sb://…, SharedAccessKeyName and SharedAccessKey";

/** Reads a connection string as Azure shows it; `undefined` when it names no endpoint or no key. [EG-AMQP-CONNECTION] */
export function namespaceEndpoint(connectionString: string): NamespaceEndpoint | undefined {
  const parts = parseConnectionString(connectionString);
  const [, host, port] = /^sb:\/\/([^/:]+|\[[\da-f:.]+\])(?::(\d{1,5}))?\/?$/i.exec(parts.get("endpoint") ?? "") ?? [];
  const keyName = parts.get("sharedaccesskeyname");
  const key = parts.get("sharedaccesskey");
  if (host === undefined || keyName === undefined || key === undefined) return undefined;
  const emulator = parts.get("usedevelopmentemulator")?.toLowerCase() === "true";
  return { host, port: port === undefined ? undefined : Number(port), emulator, keyName, key };
}
