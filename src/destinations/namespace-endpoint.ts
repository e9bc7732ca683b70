import { parseConnectionString } from "../codec/connection-string.ts";

/** Address and key of a namespace of Service Bus, Event Hubs or Relay. */
export interface NamespaceEndpoint {
  readonly host: string;
  /** Port; `undefined` for the protocol's default. */
  readonly port: number | undefined;
  /** Whether the namespace is an emulator, which does not use TLS. */
  readonly emulator: boolean;
  readonly keyName: string;
  /** A secret. */
  readonly key: string;
}

/** Required parts of a connection string, for error messages. */
export const ENDPOINT_PARTS = "with Endpoint=sb://…, SharedAccessKeyName and SharedAccessKey";

/** Parses a connection string from Azure. Returns `undefined` if it has no endpoint or key. [EG-AMQP-CONNECTION] */
export function namespaceEndpoint(connectionString: string): NamespaceEndpoint | undefined {
  const parts = parseConnectionString(connectionString);
  const [, host, port] = /^sb:\/\/([^/:]+|\[[\da-f:.]+\])(?::(\d{1,5}))?\/?$/i.exec(parts.get("endpoint") ?? "") ?? [];
  const keyName = parts.get("sharedaccesskeyname");
  const key = parts.get("sharedaccesskey");
  if (host === undefined || keyName === undefined || key === undefined) return undefined;
  const emulator = parts.get("usedevelopmentemulator")?.toLowerCase() === "true";
  return { host, port: port === undefined ? undefined : Number(port), emulator, keyName, key };
}
