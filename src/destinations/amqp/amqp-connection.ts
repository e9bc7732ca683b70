import { isIP, type Socket } from "node:net";
import type { Connection, ConnectionOptions, Container } from "rhea";
import type { EpochMs } from "../../core/time.ts";
import { AttemptError } from "../outgoing/attempt.ts";
import { connectionFailure } from "./amqp-failure.ts";
import { AmqpSender } from "./amqp-sender.ts";
import { Cbs } from "./cbs.ts";

/** Where a namespace answers, and with what key. */
export interface AmqpEndpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly keyName: string;
  /** A secret. */
  readonly key: string;
}

/** A peer from which nothing comes for twice this time is gone: it is asked for signs of life in between. */
const IDLE_MS = 30_000;
/** How long a peer may take over its part of closing. */
const CLOSE_MS = 500;

/**
 * One connection to a namespace, with a link for each entity that is used. Once it has failed it stays so: whoever
 * needs one makes another.
 */
export class AmqpConnection {
  readonly #connection: Connection;
  readonly #cbs: Cbs;
  readonly #senders = new Map<string, AmqpSender>();
  #closed: Promise<void> = Promise.resolve();
  #failure: AttemptError | undefined;

  private constructor(connection: Connection, endpoint: AmqpEndpoint) {
    this.#connection = connection;
    this.#cbs = new Cbs(connection, endpoint);
  }

  /** Resolves when the peer has opened the connection; rejects with `AttemptError`. */
  static open(container: Container, endpoint: AmqpEndpoint, timeoutMs: number): Promise<AmqpConnection> {
    return new Promise((resolve, reject) => {
      const connection = container.create_connection(connectionOptions(endpoint));
      let opened: AmqpConnection | undefined;
      const timer = setTimeout(() => {
        fail(new AttemptError("TimedOut", `no AMQP connection within ${timeoutMs / 1_000} s`));
      }, timeoutMs);
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        const failure = connectionFailure(error);
        if (opened === undefined) void letGo(connection);
        opened?.fail(failure);
        reject(failure);
      };
      connection.on("connection_open", () => {
        clearTimeout(timer);
        opened = new AmqpConnection(connection, endpoint);
        resolve(opened);
      });
      connection.on("connection_error", () => fail(connection.get_error() ?? connection.error));
      connection.on("connection_close", () => fail(connection.error));
      connection.on("disconnected", ({ error }) => fail(error));
      connection.on("protocol_error", (error: Error) => fail(new AttemptError("SocketError", error.message)));
      connection.on("error", fail);
      connection.connect();
    });
  }

  get usable(): boolean {
    return this.#failure === undefined;
  }

  /** Resolves when the entity has accepted the message; rejects with `AttemptError`. */
  async send(address: string, message: Buffer, now: EpochMs, signal: AbortSignal): Promise<void> {
    await this.#cbs.permit(address, now);
    if (this.#failure !== undefined) throw this.#failure;
    if (signal.aborted) return;
    const held = this.#senders.get(address);
    const sender = held?.usable === true ? held : new AmqpSender(this.#connection.create_session(), address);
    this.#senders.set(address, sender);
    await sender.send(message, signal);
  }

  /** Ends everything under way with this error, and the connection. */
  fail(error: AttemptError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#cbs.fail(error);
    for (const sender of this.#senders.values()) sender.fail(error);
    this.#closed = letGo(this.#connection);
  }

  /** Ends everything under way as `Aborted`, and closes as AMQP asks for. */
  async close(): Promise<void> {
    this.fail(new AttemptError("Aborted", "given up: Ringmain is stopping"));
    await this.#closed;
  }
}

function connectionOptions({ host, port, tls, keyName }: AmqpEndpoint): ConnectionOptions {
  const shared = {
    host,
    hostname: host,
    port,
    // SASL ANONYMOUS: who it is, is told to `$cbs`.
    username: keyName,
    container_id: `ringmain-${process.pid}`,
    reconnect: false,
    idle_time_out: IDLE_MS,
  };
  // Names alone may be told to a server before the handshake, not addresses.
  return tls
    ? { ...shared, transport: "tls", servername: isIP(host) === 0 ? host : "" }
    : { ...shared, transport: "tcp" };
}

/** Closes a connection, politely where the peer plays along; resolves when its socket is gone. */
async function letGo(connection: Connection): Promise<void> {
  const { socket } = connection as unknown as { readonly socket?: Socket };
  if (socket === undefined || socket.destroyed) return;
  const gone = new Promise<void>((done) => {
    socket.once("close", () => done());
  });
  // Ending it with an error is what makes the library stop its timers.
  const cut = (): void => void socket.destroy(new Error("closed"));
  const limit = setTimeout(cut, connection.is_open() ? CLOSE_MS : 0);
  if (connection.is_open()) connection.close();
  await gone;
  clearTimeout(limit);
}
