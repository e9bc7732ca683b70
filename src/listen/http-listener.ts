import { once } from "node:events";
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createPort, type Server as Port, type Socket } from "node:net";
import type { Logger } from "../ports/logger.ts";
import { Connections, sweepMs, type ConnectionLimits } from "./connections.ts";
import {
  NO_TUNNEL,
  problemOf,
  problemOfError,
  STOPPING,
  UNKNOWN_EXPECTATION,
  type HttpProblem,
} from "./http-problem.ts";
import { Intake, type TlsSource } from "./intake.ts";

/** Options for a listener: the handler of its requests, and the bounds it keeps. */
export interface HttpListenerOptions {
  readonly limits: ConnectionLimits;
  readonly logger: Logger;
  /** Milliseconds that a connection is kept for its next request. 5 seconds unless set. */
  readonly keepAliveMs?: number;
  /** Bytes of a request's head. 16 KiB unless set. */
  readonly maxHeadBytes?: number;
  /** Where HTTPS is served on the same port. */
  readonly tls?: TlsSource;
  /** Answers a request that is valid and was not refused. Must not throw. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
  /** As `serve`, for a request whose client waits to be told to continue. Unset, every client is told so at once. */
  readonly serveExpectant?: (request: IncomingMessage, response: ServerResponse) => void;
  /** The body of the answer to a request that is refused before it is served. */
  readonly describe: (problem: HttpProblem) => ProblemBody;
}

/** The body of an answer, and further headers of it. */
export interface ProblemBody {
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Served = (request: IncomingMessage, response: ServerResponse) => void;

/** Heads may take as long as whole requests, but at most this. */
const MAX_HEAD_MS = 60_000;

/**
 * An HTTP server whose connections end, see {@link Connections}, and whose requests can be relied on: one `Host`, a path
 * as target, no coding but `chunked`. Every listening part of Ringmain is one of these.
 */
export class HttpListener {
  readonly #options: HttpListenerOptions;
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #intake: Intake | undefined;
  readonly #ports = new Set<Port>();
  /** The HTTP server's own way to begin on a connection. */
  readonly #begin: (socket: Socket) => void;

  constructor(options: HttpListenerOptions) {
    const { limits, logger, tls, serve, serveExpectant, keepAliveMs = 5_000, maxHeadBytes = 16_384 } = options;
    // Node takes whole milliseconds only.
    const timeout = Math.ceil(limits.timeoutMs);
    const streamed = limits.streamedBodies === true;
    this.#options = options;
    this.#connections = new Connections(limits);
    this.#server = createServer({
      headersTimeout: streamed ? Math.min(timeout, MAX_HEAD_MS) : timeout,
      requestTimeout: streamed ? 0 : timeout,
      connectionsCheckingInterval: sweepMs(limits),
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: maxHeadBytes,
      // Checked with everything else, so that its answer has a body.
      requireHostHeader: false,
    });
    // Node drops headers beyond 2,000 in silence, the body's length among them; the head's size is the bound.
    this.#server.maxHeadersCount = 0;
    const [begin] = this.#server.listeners("connection");
    this.#begin = (socket) => begin?.call(this.#server, socket);
    this.#server.removeAllListeners("connection").on("connection", (socket) => this.#accept(socket));
    this.#server.on("request", (request, response) => this.#take(request, response, serve));
    if (serveExpectant !== undefined) {
      this.#server.on("checkContinue", (request, response) => this.#take(request, response, serveExpectant));
    }
    this.#server.on("checkExpectation", ({ socket }) => this.#refuse(socket, UNKNOWN_EXPECTATION));
    this.#server.on("connect", (_request, socket: Socket) => this.#refuse(socket.on("error", ignore), NO_TUNNEL));
    this.#server.on("clientError", (error, socket: Socket) => this.#refuse(socket, problemOfError(error)));
    if (tls !== undefined) {
      const hand = (socket: Socket, spoken: Socket): void => this.#hand(socket, spoken);
      this.#intake = new Intake({ connections: this.#connections, tls, logger, hand });
    }
  }

  /** Listens; rejects when the port is taken. Port 0 takes any free one. */
  async listen(host: string, port: number): Promise<Port> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    return this.#server;
  }

  /** Listens on a further port, as `listen`, until the returned port is closed. */
  async listenAlso(host: string, port: number): Promise<Port> {
    const further = createPort({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    further.listen(port, host);
    await once(further, "listening");
    this.#ports.add(further);
    further.once("close", () => this.#ports.delete(further));
    // The listener has been closed in the meantime.
    if (this.#connections.stopping) further.close();
    return further;
  }

  /**
   * Takes no new requests; resolves when those under way are answered and every connection has ended. What is still
   * open when `deadline` is aborted is destroyed. Idempotent.
   */
  async close(deadline: AbortSignal): Promise<void> {
    if (!this.#server.listening) return;
    const servers: readonly Port[] = [this.#server, ...this.#ports];
    const closed = Promise.all(servers.map((server) => once(server, "close")));
    for (const server of servers) server.close();
    this.#connections.stop();
    const destroy = (): void => this.#connections.destroy();
    if (deadline.aborted) destroy();
    deadline.addEventListener("abort", destroy, { once: true });
    await closed;
    deadline.removeEventListener("abort", destroy);
  }

  #accept(socket: Socket): void {
    if (this.#intake !== undefined) this.#intake.accept(socket);
    else if (this.#connections.open(socket)) this.#hand(socket, socket);
  }

  #hand(socket: Socket, spoken: Socket): void {
    if (this.#connections.serve(socket, spoken)) this.#begin(spoken);
    else spoken.destroy();
  }

  #take(request: IncomingMessage, response: ServerResponse, serve: Served): void {
    const problem = this.#connections.stopping ? STOPPING : problemOf(request);
    if (problem === undefined && !this.#connections.isClosing(request.socket)) {
      // A response without a socket waits for the one before it. Node never tells it that the connection has closed, so
      // whatever serves it would wait for ever: it is served when it has its socket. [EG-HTTP-PIPELINED]
      if (response.socket === null) response.once("socket", () => this.#serve(request, response, serve));
      else this.#serve(request, response, serve);
      return;
    }
    // Read to its end, so that the connection is not reset before the client has read the answer.
    request.on("error", ignore).resume();
    this.#refuse(request.socket, problem, request.method);
  }

  #serve(request: IncomingMessage, response: ServerResponse, serve: Served): void {
    this.#connections.began(request, response);
    serve(request, response);
  }

  /**
   * Gives a connection its last answer, and ends it. Without an answer where the connection has failed, and where the
   * answer would stand in the middle of another one.
   */
  #refuse(socket: Socket, problem: HttpProblem | undefined, method?: string): void {
    if (this.#connections.isClosing(socket)) return;
    if (problem === undefined || !socket.writable || this.#connections.isAnswering(socket)) {
      socket.destroy();
      return;
    }
    this.#options.logger.debug("request_refused", { status: problem.status, reason: problem.message });
    this.#connections.closing(socket);
    socket.end(responseText(problem, this.#options.describe(problem), method));
  }
}

const ignore = (): void => {};

function responseText(problem: HttpProblem, { contentType, body, headers }: ProblemBody, method?: string): string {
  const lines = {
    "Content-Type": contentType,
    "Content-Length": String(Buffer.byteLength(body)),
    ...problem.headers,
    ...headers,
    Connection: "close",
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}\r\n${head.join("")}\r\n`;
  return method === "HEAD" ? text : text + body;
}
