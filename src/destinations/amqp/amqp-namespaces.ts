import type * as Rhea from "rhea";
import type { DeliveryOutcome } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type { FindConnection } from "../find-connection.ts";
import { ENDPOINT_PARTS, namespaceEndpoint, type NamespaceEndpoint } from "../namespace-endpoint.ts";
import { attempt, unknownConnection } from "../outgoing/attempt.ts";
import { SharedConnections } from "../outgoing/shared-connections.ts";
import { AmqpConnection, type AmqpEndpoint } from "./amqp-connection.ts";
import type { AmqpMessage } from "./amqp-message.ts";

/** Options for {@link AmqpNamespaces}. */
export interface AmqpNamespacesOptions {
  readonly connection: FindConnection;
  /** Milliseconds for one message, from the start of the attempt to the peer's disposition. */
  readonly timeoutMs: number;
}

/** A message and its address. */
export interface AmqpSending {
  /** Name of the namespace's connection. */
  readonly namespace: string;
  /** Address of the entity in the namespace. */
  readonly address: string;
  readonly message: AmqpMessage;
}

/** Milliseconds after which an attempt to connect is given up. */
const MAX_CONNECT_MS = 10_000;
const PLAIN_PORT = 5_672;
const TLS_PORT = 5_671;

/**
 * The namespaces of Service Bus and Event Hubs in use, with one connection each, which all entities and subscriptions
 * share. The AMQP library is loaded for the first message.
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

  /** Makes one attempt to send a message. Never rejects. */
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

  /** Fails all messages in progress as `Aborted`. Idempotent. */
  async close(): Promise<void> {
    await this.#connections.close();
  }
}

/** Loads the AMQP library on first use, so that it does not slow down the start of Ringmain. */
async function loadRhea(): Promise<typeof Rhea> {
  return import("rhea");
}

function addressOf(connectionString: string): AmqpEndpoint {
  const found = namespaceEndpoint(connectionString);
  if (found === undefined) throw new TypeError("The connection string was read before.");
  return withDefaults(found);
}

/** Returns an endpoint with the default port and TLS setting. [EG-AMQP-CONNECTION] */
function withDefaults({ emulator, port, ...endpoint }: NamespaceEndpoint): AmqpEndpoint {
  return { ...endpoint, tls: !emulator, port: port ?? (emulator ? PLAIN_PORT : TLS_PORT) };
}
