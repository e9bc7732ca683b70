import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Bounds on the connections of one listener. */
export interface ConnectionLimits {
  /** Connections at one time; further ones are closed at once. */
  readonly connections: number;
  /** Milliseconds that a client may take to send a request, and may leave an answer untaken. */
  readonly timeoutMs: number;
  /**
   * Bodies may take any time as long as they move: `timeoutMs` then bounds how long a body may stand still. Unset, a
   * request must have arrived whole within `timeoutMs`.
   */
  readonly streamedBodies?: boolean;
}

/** Milliseconds between two looks at the connections, and at most this while the listener stops. */
const SWEEP_MS = 250;
const STOPPING_SWEEP_MS = 50;
/** A client has this many milliseconds to take the last answer and to close its side. */
const GRACE_MS = 1_000;
/** While the listener stops: milliseconds that a request has to arrive whole, and a client to take its last answer. */
const STOP_GRACE_MS = 300;
/** While the listener stops: a streamed body that stands still for so many milliseconds is not under way. */
const STOP_QUIET_MS = 600;
/** Bytes of an answered request that are read all the same, so that the client gets to read its answer. */
const DRAIN_BYTES = 16 * 1_048_576;

interface Connection {
  /** The socket that the HTTP server reads and writes: the TLS socket where there is TLS. */
  socket: Socket;
  state: "opening" | "serving" | "closing";
  /** When the state was entered. */
  since: number;
  /** The latest request, and its response. */
  request: IncomingMessage | undefined;
  response: ServerResponse | undefined;
  /** Bytes received at the last look, and when that number last changed. */
  received: number;
  receivedAt: number;
  /** Bytes of answers taken by the operating system at the last look, and when that number last changed. */
  taken: number;
  takenAt: number;
  /** Bytes received when the latest request was first seen answered but not complete, and when that was. */
  leftover: { readonly received: number; readonly at: number } | undefined;
}

/**
 * The open connections of one listener. Ends each one that its client has broken off, in whatever way: `end()` alone
 * would leave it to the client when a connection is over. [EG-HTTP-TIME] One timer looks at all connections four times a second; a
 * request costs two assignments.
 *
 * A connection is in one of three states.
 * - `opening`: entered by {@link open}; no byte of HTTP has come yet. Left by {@link serve}. Destroyed `timeoutMs` after
 *   it was accepted, also in the middle of a TLS handshake.
 * - `serving`: entered by {@link serve}; belongs to the HTTP server, which ends requests that do not arrive in time and
 *   kept connections without requests. Destroyed here when the client takes nothing of an answer for `timeoutMs`; when
 *   a streamed body stands still for that long; and, once the latest request is answered, when the rest of its body
 *   pauses for a second, exceeds 16 MiB or takes longer than `timeoutMs`.
 * - `closing`: entered by {@link closing}; the last answer has been written and the writing side is ended. Destroyed a
 *   second later.
 *
 * The time is the system's, whatever clock the server has: a socket must end in a test with a stopped clock as well.
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

  /** Takes a connection in. Returns `false`, and destroys it, when there is no room or the listener stops. */
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
   * Begins HTTP on an open connection. Returns `false` when the connection has been destroyed.
   * @param socket the one that was opened
   * @param spoken the one that HTTP is spoken on: another one over TLS
   */
  serve(socket: Socket, spoken: Socket): boolean {
    const connection = this.#open.get(socket);
    if (connection === undefined || socket.destroyed) return false;
    this.#enter(connection, "serving");
    this.#open.delete(socket);
    connection.socket = spoken;
    this.#open.set(spoken, connection);
    return true;
  }

  /** Notes the latest request of a connection. On the path of every request. */
  began(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#open.get(request.socket);
    if (connection === undefined) return;
    connection.request = request;
    connection.response = response;
  }

  /** Whether another answer, written now, would get into or in front of one that belongs to an earlier request. */
  isAnswering(socket: Socket): boolean {
    const { request, response } = this.#open.get(socket) ?? {};
    if (response === undefined || response.writableFinished) return false;
    // A request that is still arriving has failed itself. Its response has no socket as long as it waits for another.
    return request?.complete === true || response.headersSent || response.socket === null;
  }

  /** Whether a connection has had its last answer. */
  isClosing(socket: Socket): boolean {
    const connection = this.#open.get(socket);
    return connection === undefined || connection.state === "closing";
  }

  /** Notes that the last answer of a connection has been written. */
  closing(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection !== undefined) this.#enter(connection, "closing");
  }

  /**
   * Destroys every connection without a request under way, within 300 ms those whose request is still arriving,
   * and each of the others as soon as its request is answered. Takes no further ones. Idempotent. [EG-HTTP-STOPPING]
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

  /** Whether the client of a connection that is being served no longer takes part in it. */
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
    // A second more, so that a client whose body is not read because something behind this server is slow gets the
    // answer that says so.
    return streamedBodies === true && !isComplete && now - receivedAt >= timeoutMs + GRACE_MS;
  }

  /** Whether the listener stops and the connection has no request under way. */
  #isStopped({ request, response, receivedAt }: Connection, now: number): boolean {
    if (this.#stoppedAt === undefined) return false;
    const isAnswered = response === undefined || response.writableFinished;
    if (!isAnswered && request?.complete === true) {
      // Takes effect where the head of the answer is not written yet; the next look ends the others.
      response.shouldKeepAlive = false;
      return false;
    }
    // A streamed body is under way as long as it moves.
    if (!isAnswered && this.#limits.streamedBodies === true) return now - receivedAt >= STOP_QUIET_MS;
    return now - Math.min(receivedAt, this.#stoppedAt) >= STOP_GRACE_MS;
  }
}

/** Milliseconds between two looks: less than usual where the limits are shorter than a second. */
export function sweepMs({ timeoutMs }: ConnectionLimits): number {
  return Math.min(SWEEP_MS, Math.max(10, Math.ceil(timeoutMs / 4)));
}

/** Notes what has moved on a connection since the last look. */
function measure(connection: Connection, now: number): void {
  const { socket } = connection;
  const received = socket.bytesRead;
  if (received !== connection.received) {
    connection.received = received;
    connection.receivedAt = now;
  }
  // Most connections have nothing to send; summing up what has been written costs more than a look.
  const taken = socket.writableLength === 0 ? -1 : takenBytes(socket);
  if (taken !== connection.taken) {
    connection.taken = taken;
    connection.takenAt = now;
  }
}

/**
 * Returns how much of what was written the operating system has taken, give or take a constant. `writableLength` counts
 * a write until it is taken whole, so the progress of a single large one shows only in the queue of the socket's handle,
 * which Node's own `socket.setTimeout` goes by too.
 */
function takenBytes(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, "_handle");
  const queued: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "writeQueueSize") : 0;
  return socket.bytesWritten - socket.writableLength - (typeof queued === "number" ? queued : 0);
}
