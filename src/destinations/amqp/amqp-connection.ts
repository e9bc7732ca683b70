import { isIP, type Socket } from "node:net";
import type { Connection, ConnectionOptions, Container } from "rhea";
import type { EpochMs } from "../../core/time.ts";
import { AttemptError } from "../outgoing/attempt.ts";
import { connectionFailure } from "./amqp-failure.ts";
import { AmqpSender } from "./amqp-sender.ts";
import { Cbs } from "./cbs.ts";

/** Address and key of a namespace. */
export interface AmqpEndpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly keyName: string;
  /** A secret. */
  readonly key: string;
}

/** Milliseconds without data after which the peer must send a heartbeat. After twice this time the connection fails. */
const IDLE_MS = 30_000;
/** Milliseconds that a peer may take to close its side. */
const CLOSE_MS = 500;

/**
 * One connection to a namespace, with a link for each entity in use.
 *
 * States: *open* from the peer's answer to the open frame; *failed* after an error, after the peer has closed it, or
 * after `close()`. A failed connection stays failed, and its user opens another one. While it is open, heartbeats run
 * every `IDLE_MS` at most; the timer of `open()` ends with the first state change.
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
        if (opened === undefined) void closeConnection(connection);
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

  /** Fails all messages in progress with this error, and closes the connection. */
  fail(error: AttemptError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#cbs.fail(error);
    for (const sender of this.#senders.values()) sender.fail(error);
    this.#closed = closeConnection(this.#connection);
  }

  /** Fails all messages in progress as `Aborted`, and closes the connection as AMQP specifies. */
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
    // A user without a password means SASL ANONYMOUS. The client authenticates at `$cbs`.
    username: keyName,
    container_id: `ringmain-${process.pid}`,
    reconnect: false,
    idle_time_out: IDLE_MS,
  };
  // TLS allows host names as server names, but not IP addresses.
  return tls
    ? { ...shared, transport: "tls", servername: isIP(host) === 0 ? host : "" }
    : { ...shared, transport: "tcp" };
}

/** Closes a connection, with a closing handshake if the peer takes part. Resolves when the socket is closed. */
async function closeConnection(connection: Connection): Promise<void> {
  const { socket } = connection as unknown as { readonly socket?: Socket };
  if (socket === undefined || socket.destroyed) return;
  const gone = new Promise<void>((done) => {
    socket.once("close", () => done());
  });
  // The library stops its timers only if the socket ends with an error.
  const cut = (): void => void socket.destroy(new Error("closed"));
  const limit = setTimeout(cut, connection.is_open() ? CLOSE_MS : 0);
  if (connection.is_open()) connection.close();
  await gone;
  clearTimeout(limit);
}
