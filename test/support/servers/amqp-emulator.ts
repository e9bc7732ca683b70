import { createHmac } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import {
  create_container,
  message as codec,
  types,
  type Connection,
  type EventContext,
  type Message,
  type Receiver,
  type Sender,
} from "rhea";

/** Name and value of the emulator's key. */
export const KEY_NAME = "RootManageSharedAccessKey";
export const KEY = "c2VjcmV0LWtleS1vZi10aGUtZW11bGF0b3I=";

/** Behavior of an entity when it receives messages. */
export type EntityBehaviour =
  | { readonly kind: "accept" }
  /** Receives messages without settling them. */
  | { readonly kind: "silent" }
  /** Grants no credit. */
  | { readonly kind: "no-credit" }
  | { readonly kind: "release" }
  | { readonly kind: "reject"; readonly condition: string; readonly description: string }
  /** Closes the sender's link. */
  | { readonly kind: "detach"; readonly condition: string; readonly description: string };

const ACCEPT: EntityBehaviour = { kind: "accept" };
const MAX_MESSAGE_BYTES = 262_144;
const LINK_CREDIT = 100;

/**
 * A namespace of Service Bus and Event Hubs in this process: AMQP 1.0 with SASL ANONYMOUS and PLAIN, tokens checked
 * at `$cbs`, entities with a settable behavior, and enough of both services' protocols for Microsoft's own clients
 * to receive.
 */
export class AmqpEmulator {
  /** Messages by entity, in the order of arrival. */
  readonly messages = new Map<string, Message[]>();
  /** Audiences that received a valid token, in order. */
  readonly tokens: string[] = [];
  connections = 0;
  readonly #entities: Map<string, EntityBehaviour>;
  readonly #server: Server;
  readonly #open = new Set<Connection>();
  readonly #readers: { readonly entity: string; readonly sender: Sender }[] = [];
  #waiting: (() => void)[] = [];

  private constructor(entities: readonly string[]) {
    this.#entities = new Map(entities.map((entity) => [entity, ACCEPT]));
    const container = create_container({ id: "emulator" });
    container.sasl_server_mechanisms.enable_anonymous();
    container.sasl_server_mechanisms.enable_plain(
      (user: string, password: string) => user === KEY_NAME && password === KEY,
    );
    container.on("connection_open", ({ connection }: EventContext) => {
      this.connections += 1;
      this.#open.add(connection);
    });
    for (const event of ["disconnected", "connection_close"]) {
      container.on(event, ({ connection }: EventContext) => void this.#open.delete(connection));
    }
    container.on("receiver_open", ({ receiver }: EventContext) => receiver && this.#onSender(receiver));
    container.on("sender_open", ({ sender }: EventContext) => sender && this.#onReceiver(sender));
    container.on("message", (context: EventContext) => this.#receive(context));
    // Disconnecting clients are part of the tests.
    for (const event of ["connection_error", "sender_error", "receiver_error", "session_error", "error"]) {
      container.on(event, () => {});
    }
    // Microsoft's clients do not send without a maximum message size. Credit and settlement are done by hand.
    const receiverOptions = { autoaccept: false, credit_window: 0, max_message_size: MAX_MESSAGE_BYTES };
    this.#server = container.listen({
      port: 0,
      host: "127.0.0.1",
      max_frame_size: 65_536,
      receiver_options: receiverOptions,
    } as Parameters<typeof container.listen>[0]);
  }

  /** @param entities names of queues, topics and event hubs */
  static async start(...entities: string[]): Promise<AmqpEmulator> {
    const emulator = new AmqpEmulator(entities);
    await once(emulator.#server, "listening");
    return emulator;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A connection string in the form that the official emulators' documentation shows. */
  get connectionString(): string {
    return (
      `Endpoint=sb://127.0.0.1:${this.port};SharedAccessKeyName=${KEY_NAME};` +
      `SharedAccessKey=${KEY};UseDevelopmentEmulator=true;`
    );
  }

  /** Changes an entity's behavior from the next message on; `undefined` deletes the entity. */
  set(entity: string, behaviour: EntityBehaviour | undefined): void {
    if (behaviour === undefined) this.#entities.delete(entity);
    else this.#entities.set(entity, behaviour);
  }

  /** Returns the latest message of an entity. */
  last(entity: string): Message {
    const found = this.messages.get(entity)?.at(-1);
    if (found === undefined) throw new Error(`Nothing came to '${entity}'.`);
    return found;
  }

  /** Resolves when the next message has arrived, whatever its outcome. */
  async nextMessage(): Promise<void> {
    await new Promise<void>((wake) => this.#waiting.push(wake));
  }

  /** Destroys all connections, as a network failure does. */
  cut(): void {
    for (const connection of this.#open) {
      (connection as unknown as { readonly socket: { destroy(): void } }).socket.destroy();
    }
    this.#open.clear();
  }

  /** Closes all connections, as a namespace under maintenance does. */
  forceClosed(): void {
    for (const connection of this.#open) {
      connection.close({ condition: "amqp:connection:forced", description: "maintenance" });
    }
  }

  async stop(): Promise<void> {
    this.cut();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  /** Handles a client that starts to send. */
  #onSender(receiver: Receiver): void {
    const address = addressOf(receiver.target);
    receiver.set_target({ address });
    if (address === "$cbs" || address === "$management") {
      receiver.add_credit(LINK_CREDIT);
      return;
    }
    const behaviour = this.#entities.get(address.replace(/\/Partitions\/\d+$/, ""));
    if (behaviour === undefined) {
      const description = `The messaging entity '${address}' could not be found.`;
      receiver.close({ condition: "amqp:not-found", description });
      return;
    }
    if (behaviour.kind !== "no-credit") receiver.add_credit(LINK_CREDIT);
  }

  /** Handles a client that starts to receive. */
  #onReceiver(sender: Sender): void {
    const address = addressOf(sender.source);
    sender.set_source({ address });
    if (address === "$cbs" || address === "$management") return;
    const entity = address.replace(/\/ConsumerGroups\/.*$/, "");
    this.#readers.push({ entity, sender });
    sender.on("sendable", () => this.#pass(entity));
    this.#pass(entity);
  }

  #receive({ receiver, delivery, message, connection }: EventContext): void {
    if (receiver === undefined || delivery === undefined || message === undefined) return;
    const address = addressOf(receiver.target);
    receiver.add_credit(1);
    if (address === "$cbs" || address === "$management") {
      delivery.accept();
      if (address === "$cbs") this.#permit(connection, message);
      else this.#describe(connection, message);
      return;
    }
    const behaviour = this.#entities.get(address) ?? ACCEPT;
    switch (behaviour.kind) {
      case "accept":
        this.messages.set(address, [...(this.messages.get(address) ?? []), message]);
        delivery.accept();
        this.#pass(address);
        break;
      case "reject":
        delivery.reject({ condition: behaviour.condition, description: behaviour.description });
        break;
      case "release":
        delivery.release();
        break;
      case "detach":
        receiver.close({ condition: behaviour.condition, description: behaviour.description });
        break;
      case "silent":
      case "no-credit":
      default:
    }
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Sends waiting messages to a receiving client. */
  #pass(entity: string): void {
    const reader = this.#readers.find(({ entity: other, sender }) => other === entity && sender.sendable());
    const waiting = this.messages.get(entity) ?? [];
    while (reader?.sender.sendable() === true) {
      const message = waiting.shift();
      if (message === undefined) return;
      const at = {
        "x-opt-sequence-number": types.wrap_long(0),
        "x-opt-offset": "0",
        "x-opt-enqueued-time": new Date(),
      };
      reader.sender.send({
        ...message,
        message_annotations: { ...message.message_annotations, ...at },
        body: codec.data_section(contentOf(message)),
      });
    }
  }

  #permit(connection: Connection, message: Message): void {
    const { name } = message.application_properties as { readonly name: string };
    const good = isSigned(String(message.body), name);
    if (good) this.tokens.push(name);
    const answer = good ? [202, "Accepted"] : [401, "InvalidSignature: The token has an invalid signature."];
    reply(connection, "$cbs", {
      correlation_id: message.message_id,
      application_properties: { "status-code": answer[0], "status-description": answer[1] },
      body: undefined,
    });
  }

  #describe(connection: Connection, message: Message): void {
    const { name, partition } = message.application_properties as {
      readonly name: string;
      readonly partition?: string;
    };
    const described =
      partition === undefined
        ? { name, type: "com.microsoft:eventhub", created_at: new Date(), partition_ids: ["0"], partition_count: 1 }
        : {
            name,
            type: "com.microsoft:partition",
            partition,
            begin_sequence_number: 0,
            last_enqueued_sequence_number: 0,
            last_enqueued_offset: "0",
            last_enqueued_time_utc: new Date(),
            is_partition_empty: false,
          };
    reply(connection, "$management", {
      correlation_id: message.message_id,
      application_properties: { "status-code": 200, "status-description": "OK" },
      body: described,
    });
  }
}

/** Returns the bytes of a message's data section. */
export function contentOf({ body }: Message): Buffer {
  const { content } = body as { readonly content?: Buffer };
  return content ?? Buffer.from(String(body));
}

function reply(connection: Connection, node: string, answer: object): void {
  const link = connection.find_sender((sender: Sender) => addressOf(sender.source) === node);
  link?.send(answer as Message);
}

function addressOf(terminus: unknown): string {
  return (terminus as { readonly address?: string } | undefined)?.address ?? "";
}

function isSigned(token: string, audience: string): boolean {
  const fields = new URLSearchParams(token.replace(/^SharedAccessSignature /, "").replaceAll("+", "%2B"));
  const resource = fields.get("sr") ?? "";
  const text = `${encodeURIComponent(resource)}\n${fields.get("se")}`;
  const signature = createHmac("sha256", KEY).update(text).digest("base64");
  return fields.get("skn") === KEY_NAME && fields.get("sig") === signature && audience.startsWith(resource);
}
