import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Limits on the connections of one listener. */
export interface ConnectionLimits {
  /** Maximum number of open connections. Further connections are closed at once. */
  readonly connections: number;
  /** Time in milliseconds that a client has to send a request, and to read more of a response. */
  readonly timeoutMs: number;
  /**
   * If true, a body may take any time while it progresses, and `timeoutMs` limits how long it may pause. Otherwise,
   * a request must arrive completely within `timeoutMs`.
   */
  readonly streamedBodies?: boolean;
}

/** Milliseconds between two sweeps over the connections: in general, and the maximum while the listener stops. */
const SWEEP_MS = 250;
const STOPPING_SWEEP_MS = 50;
/** Milliseconds that a client has to read the last response and to close its side. */
const GRACE_MS = 1_000;
/**
 * While the listener stops: milliseconds that a request has to arrive completely, and a client to read its last
 * response.
 */
const STOP_GRACE_MS = 300;
/** While the listener stops: pause in milliseconds after which a streamed body counts as broken off. */
const STOP_QUIET_MS = 600;
/** Maximum bytes of an answered request that are still read, so that the client can read the response. */
const DRAIN_BYTES = 16 * 1_048_576;

interface Connection {
  /** The socket that the HTTP server uses. With TLS, the TLS socket. */
  socket: Socket;
  state: "opening" | "serving" | "closing";
  /** Time at which the state was entered. */
  since: number;
  /** The latest request and its response. */
  request: IncomingMessage | undefined;
  response: ServerResponse | undefined;
  /** Bytes received as of the last sweep, and the time of the last change. */
  received: number;
  receivedAt: number;
  /** Response bytes accepted by the operating system as of the last sweep, and the time of the last change. */
  taken: number;
  takenAt: number;
  /** Bytes received when the latest request was first seen answered but incomplete, and the time of that. */
  leftover: { readonly received: number; readonly at: number } | undefined;
}

/**
 * The open connections of one listener. Destroys each connection that its client has broken off in any way: `end()`
 * alone would let the client decide when a connection ends. [EG-HTTP-TIME] One timer sweeps all connections four
 * times a second; a request costs two assignments.
 *
 * A connection is in one of three states.
 * - `opening`: entered by {@link open}; no byte of HTTP has arrived. Left by {@link serve}. Destroyed `timeoutMs`
 *   after the connection was accepted, also during a TLS handshake.
 * - `serving`: entered by {@link serve}. The connection belongs to the HTTP server, which closes it if a request
 *   does not arrive in time or if it stays idle. Destroyed here if the client reads nothing of a response for
 *   `timeoutMs`; if a streamed body pauses for that long; and, once the latest request is answered, if the rest of
 *   its body pauses for a second, exceeds 16 MiB or takes longer than `timeoutMs`.
 * - `closing`: entered by {@link closing}; the last response has been written and the writing side is ended.
 *   Destroyed one second later.
 *
 * The times are the system's, not those of the server's clock: sockets must close in tests with a stopped clock, too.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #open = new Map<Socket, Connection>();
  #sweeper: NodeJS.Timeout | undefined;
  #stoppedAt: number | undefined;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Whether {@link stop} has been called. */
  get stopping(): boolean {
    return this.#stoppedAt !== undefined;
  }

  /** Registers a new connection. Destroys it and returns `false` if there is no room or the listener stops. */
  open(socket: Socket): boolean {
    if (this.stopping || this.#open.size >= this.#limits.connections) {
      socket.destroy();
      return false;
    }
    const now = performance.now();
    const connection: Connection = {
      socket,
      state: "opening",
      since: now,
      request: undefined,
      response: undefined,
      received: 0,
      receivedAt: now,
      taken: 0,
      takenAt: now,
      leftover: undefined,
    };
    this.#open.set(socket, connection);
    socket.once("close", () => this.#remove(connection));
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs(this.#limits)).unref();
    return true;
  }

  /**
   * Starts HTTP on an open connection. Returns `false` if the connection has been destroyed.
   * @param socket socket that was passed to {@link open}
   * @param httpSocket socket that carries HTTP; with TLS, the one that decrypts
   */
  serve(socket: Socket, httpSocket: Socket): boolean {
    const connection = this.#open.get(socket);
    if (connection === undefined || socket.destroyed) return false;
    this.#enter(connection, "serving");
    this.#open.delete(socket);
    connection.socket = httpSocket;
    this.#open.set(httpSocket, connection);
    return true;
  }

  /** Records the latest request of a connection. Called for every request. */
  began(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#open.get(request.socket);
    if (connection === undefined) return;
    connection.request = request;
    connection.response = response;
  }

  /** Returns whether a response written now would end up inside or before the response to an earlier request. */
  isAnswering(socket: Socket): boolean {
    const { request, response } = this.#open.get(socket) ?? {};
    if (response === undefined || response.writableFinished) return false;
    // The incomplete request is the one that failed. A response without a socket waits for an earlier response.
    return request?.complete === true || response.headersSent || response.socket === null;
  }

  /**
   * Returns whether the latest request has been answered before it arrived completely. What arrives now still belongs
   * to it, so a further response would be a second one.
   */
  isAnswered(socket: Socket): boolean {
    const { request, response } = this.#open.get(socket) ?? {};
    return response?.writableFinished === true && request?.complete === false;
  }

  /** Returns whether a connection has received its last response. */
  isClosing(socket: Socket): boolean {
    const connection = this.#open.get(socket);
    return connection === undefined || connection.state === "closing";
  }

  /** Records that the last response of a connection has been written. */
  closing(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection !== undefined) this.#enter(connection, "closing");
  }

  /**
   * Destroys every connection without a request in progress. Destroys the others as soon as their request is answered,
   * or after 300 ms if it has not arrived completely. Accepts no further connections. Idempotent. [EG-HTTP-STOPPING]
   */
  stop(): void {
    if (this.stopping) return;
    this.#stoppedAt = performance.now();
    clearInterval(this.#sweeper);
    this.#sweep();
    if (this.#open.size > 0) this.#sweeper = setInterval(() => this.#sweep(), STOPPING_SWEEP_MS).unref();
  }

  /** Destroys every connection. */
  destroy(): void {
    for (const { socket } of this.#open.values()) socket.destroy();
  }

  #enter(connection: Connection, state: Connection["state"]): void {
    connection.state = state;
    connection.since = performance.now();
  }

  #remove({ socket }: Connection): void {
    this.#open.delete(socket);
    if (this.#open.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#open.values()) {
      if (this.#isOver(connection, now)) connection.socket.destroy();
    }
  }

  #isOver(connection: Connection, now: number): boolean {
    const age = now - connection.since;
    switch (connection.state) {
      case "opening":
        return this.stopping || age >= this.#limits.timeoutMs;
      case "closing":
        return age >= (this.stopping ? STOP_GRACE_MS : GRACE_MS);
      case "serving":
        measure(connection, now);
        return this.#isBrokenOff(connection, now) || this.#isStopped(connection, now);
      default:
        return connection.state satisfies never;
    }
  }

  /** Returns whether the client of a connection in the state `serving` has broken off. */
  #isBrokenOff(connection: Connection, now: number): boolean {
    const { socket, request, response, receivedAt, takenAt } = connection;
    const { timeoutMs, streamedBodies } = this.#limits;
    if (socket.writableLength > 0) return now - takenAt >= timeoutMs;
    const isAnswered = response?.writableFinished === true;
    const isComplete = request?.complete !== false;
    if (socket.writableEnded || (isAnswered && !isComplete)) {
      connection.leftover ??= { received: connection.received, at: now };
      const { received, at } = connection.leftover;
      const quietSince = Math.max(receivedAt, at);
      return now - quietSince >= GRACE_MS || now - at >= timeoutMs || connection.received - received > DRAIN_BYTES;
    }
    connection.leftover = undefined;
    // Waits one second longer: if something behind this server is slow and the body is not read, the client can
    // then still get the response that says so.
    return streamedBodies === true && !isComplete && now - receivedAt >= timeoutMs + GRACE_MS;
  }

  /** Returns whether the listener stops and the connection has no request in progress. */
  #isStopped({ request, response, receivedAt }: Connection, now: number): boolean {
    if (this.#stoppedAt === undefined) return false;
    const isAnswered = response === undefined || response.writableFinished;
    if (!isAnswered && request?.complete === true) {
      // Effective if the head of the response is not written yet. Otherwise the next sweep closes the connection.
      response.shouldKeepAlive = false;
      return false;
    }
    // A streamed body is in progress as long as it moves.
    if (!isAnswered && this.#limits.streamedBodies === true) return now - receivedAt >= STOP_QUIET_MS;
    return now - Math.min(receivedAt, this.#stoppedAt) >= STOP_GRACE_MS;
  }
}

/** Returns the milliseconds between two sweeps, which are fewer if `timeoutMs` is shorter than a second. */
export function sweepMs({ timeoutMs }: ConnectionLimits): number {
  return Math.min(SWEEP_MS, Math.max(10, Math.ceil(timeoutMs / 4)));
}

/** Records the progress of a connection since the last sweep. */
function measure(connection: Connection, now: number): void {
  const { socket } = connection;
  const received = socket.bytesRead;
  if (received !== connection.received) {
    connection.received = received;
    connection.receivedAt = now;
  }
  // Most connections have nothing to send, and the calculation costs more than this check.
  const taken = socket.writableLength === 0 ? -1 : takenBytes(socket);
  if (taken !== connection.taken) {
    connection.taken = taken;
    connection.takenAt = now;
  }
}

/**
 * Returns the number of written bytes that the operating system has accepted, up to a constant. `writableLength`
 * counts a write until it is accepted completely, so the progress of a single large write shows only in the queue
 * of the socket's handle. Node's own `socket.setTimeout` uses that queue, too.
 */
function takenBytes(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, "_handle");
  const queued: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "writeQueueSize") : 0;
  return socket.bytesWritten - socket.writableLength - (typeof queued === "number" ? queued : 0);
}
