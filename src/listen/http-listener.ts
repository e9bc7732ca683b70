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

/** Options for a listener: the handler of its requests, and its limits. */
export interface HttpListenerOptions {
  readonly limits: ConnectionLimits;
  readonly logger: Logger;
  /** Milliseconds for which a connection is kept for its next request. Default: 5 seconds. */
  readonly keepAliveMs?: number;
  /** Maximum bytes of a request's head. Default: 16 KiB. */
  readonly maxHeadBytes?: number;
  /** Source of certificates. If set, HTTPS is served on the same port. */
  readonly tls?: TlsSource;
  /** Handles a valid request. Must not throw. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
  /** Handles a request whose client waits for 100 Continue. If unset, every client gets 100 Continue at once. */
  readonly serveExpectant?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Returns the body of the response to a request that is refused before it is served. */
  readonly describe: (problem: HttpProblem) => ProblemBody;
}

/** Body of a response, and further headers for it. */
export interface ProblemBody {
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Maximum milliseconds for a request's head. The limit for whole requests applies, too. */
const MAX_HEAD_MS = 60_000;

/**
 * An HTTP server whose connections are guaranteed to end (see {@link Connections}) and whose requests are
 * guaranteed to have one valid `Host`, a path as target, and no transfer coding except `chunked`. All listening
 * parts of Ringmain use this class.
 */
export class HttpListener {
  readonly #options: HttpListenerOptions;
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #intake: Intake | undefined;
  readonly #ports = new Set<Port>();
  /** Starts the HTTP server on a connection. */
  readonly #begin: (socket: Socket) => void;

  constructor(options: HttpListenerOptions) {
    const { limits, logger, tls, serve, serveExpectant, keepAliveMs = 5_000, maxHeadBytes = 16_384 } = options;
    // Node accepts only whole milliseconds.
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
      // Checked with the other conditions, so that the response has a body.
      requireHostHeader: false,
    });
    // Node silently drops headers beyond 2,000, perhaps including the body's length. The head's size is the limit.
    this.#server.maxHeadersCount = 0;
    const [begin] = this.#server.listeners("connection");
    this.#begin = (socket) => begin?.call(this.#server, socket);
    this.#server.removeAllListeners("connection").on("connection", (socket) => this.#accept(socket));
    this.#server.on("request", (request, response) => this.#onRequest(request, response, serve));
    if (serveExpectant !== undefined) {
      this.#server.on("checkContinue", (request, response) => this.#onRequest(request, response, serveExpectant));
    }
    this.#server.on("checkExpectation", ({ socket }) => this.#refuse(socket, UNKNOWN_EXPECTATION));
    this.#server.on("connect", (_request, socket: Socket) => this.#refuse(socket.on("error", ignore), NO_TUNNEL));
    this.#server.on("clientError", (error, socket: Socket) => this.#refuse(socket, problemOfError(error)));
    if (tls !== undefined) {
      const beginHttp = (socket: Socket, httpSocket: Socket): void => this.#beginHttp(socket, httpSocket);
      this.#intake = new Intake({ connections: this.#connections, tls, logger, beginHttp });
    }
  }

  /** Starts listening. Rejects if the port is taken. Port 0 takes a free one. */
  async listen(host: string, port: number): Promise<Port> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    return this.#server;
  }

  /** Listens on a further port until the returned port is closed. */
  async listenAlso(host: string, port: number): Promise<Port> {
    const further = createPort({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    further.listen(port, host);
    await once(further, "listening");
    this.#ports.add(further);
    further.once("close", () => this.#ports.delete(further));
    // The listener has been closed meanwhile.
    if (this.#connections.stopping) further.close();
    return further;
  }

  /**
   * Stops accepting requests. Resolves when those in progress are answered and every connection has ended. Destroys
   * the remaining connections when `deadline` is aborted. Idempotent.
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
    else if (this.#connections.open(socket)) this.#beginHttp(socket, socket);
  }

  #beginHttp(socket: Socket, httpSocket: Socket): void {
    if (this.#connections.serve(socket, httpSocket)) this.#begin(httpSocket);
    else httpSocket.destroy();
  }

  #onRequest(request: IncomingMessage, response: ServerResponse, serve: RequestHandler): void {
    const problem = this.#connections.stopping ? STOPPING : problemOf(request);
    if (problem === undefined && !this.#connections.isClosing(request.socket)) {
      // A response without a socket waits for an earlier response. Node does not notify it when the connection closes,
      // so its handler could wait forever. It is therefore served only when it has its socket. [EG-HTTP-PIPELINED]
      if (response.socket === null) response.once("socket", () => this.#serve(request, response, serve));
      else this.#serve(request, response, serve);
      return;
    }
    // Reads the request to its end, so that the connection is not reset before the client has read the response.
    request.on("error", ignore).resume();
    this.#refuse(request.socket, problem, request.method);
  }

  #serve(request: IncomingMessage, response: ServerResponse, serve: RequestHandler): void {
    this.#connections.began(request, response);
    serve(request, response);
  }

  /**
   * Sends the last response on a connection and ends it. Sends no response if the connection has failed, if the
   * request has had its response, or if the response would end up in the middle of another one.
   */
  #refuse(socket: Socket, problem: HttpProblem | undefined, method?: string): void {
    if (this.#connections.isClosing(socket)) return;
    if (problem === undefined || !socket.writable || this.#connections.isAnswering(socket)) {
      socket.destroy();
      return;
    }
    const isAnswered = this.#connections.isAnswered(socket);
    this.#connections.closing(socket);
    if (isAnswered) {
      socket.end();
      return;
    }
    this.#options.logger.debug("request_refused", { status: problem.status, reason: problem.message });
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
