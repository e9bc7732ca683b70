import type * as Rhea from "rhea";
import type { DeliveryOutcome } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type { FindConnection } from "../find-connection.ts";
import { ENDPOINT_PARTS, namespaceEndpoint, type NamespaceEndpoint } from "../namespace-endpoint.ts";
import { attempt, unknownConnection } from "../outgoing/attempt.ts";
import { SharedConnections } from "../outgoing/shared-connections.ts";
import { AmqpConnection, type AmqpEndpoint } from "./amqp-connection.ts";
import type { AmqpMessage } from "./amqp-message.ts";

export interface AmqpNamespacesOptions {
  readonly connection: FindConnection;
  /** For one message, from the attempt's begin to the peer's answer. */
  readonly timeoutMs: number;
}

/** A message and where it goes. */
export interface AmqpSending {
  /** Of the namespace: the name of its connection. */
  readonly namespace: string;
  /** The entity's address in it. */
  readonly address: string;
  readonly message: AmqpMessage;
}

/** A connection that does not come about in this time will not. */
const MAX_CONNECT_MS = 10_000;
const PLAIN_PORT = 5_672;
const TLS_PORT = 5_671;

/**
 * The namespaces of Service Bus and Event Hubs that are in use: one connection for each, shared by all entities and
 * subscriptions. The AMQP library is loaded with the first message.
 */
export class AmqpNamespaces {
  readonly #options: AmqpNamespacesOptions;
  readonly #connections: SharedConnections<AmqpConnection>;

  constructor(options: AmqpNamespacesOptions) {
    this.#options = options;
    const timeoutMs = Math.min(options.timeoutMs, MAX_CONNECT_MS);
    this.#connections = new SharedConnections(async (connectionString) => {
      const { create_container: createContainer } = await loadRhea();
      return AmqpConnection.open(createContainer(), addressOf(connectionString), timeoutMs);
    });
  }

  /** One attempt at one message. Never rejects. */
  async send(
    { namespace, address, message }: AmqpSending,
    now: EpochMs,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const connectionString = this.#options.connection(namespace);
    const found = connectionString === undefined ? undefined : namespaceEndpoint(connectionString);
    if (connectionString === undefined || found === undefined) return unknownConnection(namespace, ENDPOINT_PARTS);
    const { host, port, tls } = withDefaults(found);
    const shown = `Sending to amqp${tls ? "s" : ""}://${host}:${port}/${address}`;
    return attempt({ shown, timeoutMs: this.#options.timeoutMs, signal }, async (over) => {
      const { message: codec } = await loadRhea();
      const connection = await this.#connections.get(namespace, connectionString);
      const encoded = codec.encode({ ...message, body: codec.data_section(message.body) });
      await connection.send(address, encoded, now, over);
    });
  }

  /** Ends everything under way as `Aborted`. Idempotent. */
  async close(): Promise<void> {
    await this.#connections.close();
  }
}

/** A start of Ringmain does not pay for it. */
async function loadRhea(): Promise<typeof Rhea> {
  return import("rhea");
}

function addressOf(connectionString: string): AmqpEndpoint {
  const found = namespaceEndpoint(connectionString);
  if (found === undefined) throw new TypeError("The connection string was read before.");
  return withDefaults(found);
}

/** [EG-AMQP-CONNECTION] */
function withDefaults({ emulator, port, ...endpoint }: NamespaceEndpoint): AmqpEndpoint {
  return { ...endpoint, tls: !emulator, port: port ?? (emulator ? PLAIN_PORT : TLS_PORT) };
}
