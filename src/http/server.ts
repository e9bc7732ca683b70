import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createPort, type AddressInfo, type Server as Port, type Socket } from "node:net";
import type { TokenAccess } from "../auth/authenticate-publisher.ts";
import { IngressLimit } from "../core/ingress-limit.ts";
import type { AppDependencies } from "./app.ts";
import { Intake, type TlsSource } from "./intake.ts";
import { createPublishHandler } from "./publish/publish-handler.ts";
import { BodyBudget } from "./read-body.ts";
import type { Tracer } from "../ports/tracer.ts";

/** Bounds on what clients may make the server hold. */
export interface ServerLimits {
  /** Connections at one time; further ones are closed at once. */
  readonly connections: number;
  /** Bytes of request bodies in memory at one time. */
  readonly bodyBytesInFlight: number;
  /** A request must have arrived whole within this many milliseconds. */
  readonly requestTimeoutMs: number;
  /** Without Azure's limit on what a topic takes in a second. */
  readonly relaxed?: boolean;
}

export interface ServerDependencies extends Omit<AppDependencies, "bodies"> {
  readonly limits: ServerLimits;
  readonly tls: TlsSource;
  readonly tokenAccess: TokenAccess;
  /** Unset where nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

/** Where the server listens. */
export interface ServerAddress {
  readonly host: string;
  /** The IP address that `host` stands for. */
  readonly address: string;
  readonly port: number;
  /** For example `http://127.0.0.1:6500`. */
  readonly url: string;
}

/**
 * One port for everything, over HTTP and HTTPS: the publish path on Node's own interface, the rest through the app. A
 * topic may have a further port, where `/api/events` is the topic's own address.
 */
export class HttpServer {
  readonly #server: Server;
  readonly #intake: Intake;
  /** By the topic's name. */
  readonly #topicPorts = new Map<string, { readonly wanted: number; readonly port: Port }>();
  #stopping = false;

  constructor(deps: ServerDependencies) {
    const bodies = new BodyBudget(deps.limits.bodyBytesInFlight);
    const publish = createPublishHandler({
      directory: deps.engine.directory,
      publish: deps.engine.publish,
      clock: deps.clock,
      random: deps.random,
      logger: deps.logger,
      bodies,
      ingress: deps.limits.relaxed === true ? undefined : new IngressLimit(),
      ready: () => deps.health() === "ready",
      tokenAccess: deps.tokenAccess,
      topicOfPort: (port) => this.#topicOfPort(port),
      tell: (event) => deps.engine.tell(event),
      tracer: deps.tracer,
    });
    let rest: Promise<Listener> | undefined;
    this.#server = createServer(
      { requestTimeout: deps.limits.requestTimeoutMs, headersTimeout: deps.limits.requestTimeoutMs },
      (request, response) => {
        if (this.#stopping) refuse(request, response);
        else if (!publish(request, response)) {
          rest ??= loadRest({ ...deps, bodies });
          void rest.then((listener) => listener(request, response));
        }
      },
    );
    this.#server.on("clientError", answerBrokenRequest);
    this.#intake = new Intake({
      http: this.#server,
      tls: deps.tls,
      logger: deps.logger,
      connections: deps.limits.connections,
      firstByteMs: deps.limits.requestTimeoutMs,
    });
  }

  /** Listens; rejects when the port is taken. Port 0 takes any free one. */
  async listen(host: string, port: number): Promise<ServerAddress> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    return addressOf(this.#server, host);
  }

  /**
   * Gives topics ports of their own, and takes away those they had and should have no more. Rejects when a port is
   * taken; the topics before it have theirs by then.
   * @param ports by the topic's name; port 0 takes any free one
   * @returns where each topic is, by its name
   */
  async listenForTopics(host: string, ports: ReadonlyMap<string, number>): Promise<Map<string, ServerAddress>> {
    for (const [name, { wanted, port }] of this.#topicPorts) {
      if (ports.get(name) === wanted) continue;
      this.#topicPorts.delete(name);
      port.close();
    }
    for (const [name, wanted] of ports) {
      if (this.#stopping || this.#topicPorts.has(name)) continue;
      const port = createPort({ allowHalfOpen: true, noDelay: true }, (socket) => this.#intake.accept(socket));
      port.listen(wanted, host);
      await once(port, "listening");
      this.#topicPorts.set(name, { wanted, port });
    }
    return new Map(Array.from(this.#topicPorts, ([name, { port }]) => [name, addressOf(port, host)]));
  }

  #topicOfPort(port: number): string | undefined {
    for (const [name, { port: own }] of this.#topicPorts) {
      if ((own.address() as AddressInfo | null)?.port === port) return name;
    }
    return undefined;
  }

  /**
   * Takes no new requests; resolves when those under way are answered. What is still open when `deadline` is aborted
   * is broken off. Idempotent.
   */
  async close(deadline: AbortSignal): Promise<void> {
    if (!this.#server.listening) return;
    this.#stopping = true;
    const servers = [this.#server, ...Array.from(this.#topicPorts.values(), ({ port }) => port)];
    const closed = Promise.all(servers.map((server) => once(server, "close")));
    for (const server of servers) server.close();
    this.#intake.close();
    this.#server.closeIdleConnections();
    const breakOff = (): void => this.#intake.breakOff();
    if (deadline.aborted) breakOff();
    deadline.addEventListener("abort", breakOff, { once: true });
    await closed;
    deadline.removeEventListener("abort", breakOff);
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Loads what serves everything but publishing: not needed to start, and an eighth of the time that takes. */
async function loadRest(deps: AppDependencies): Promise<Listener> {
  const [{ getRequestListener }, { createApp }] = await Promise.all([import("@hono/node-server"), import("./app.ts")]);
  return getRequestListener(createApp(deps).fetch);
}

function addressOf(server: Port, host: string): ServerAddress {
  const { address, family, port } = server.address() as AddressInfo;
  const shown = family === "IPv6" ? `[${address}]` : address;
  return { host, address, port, url: `http://${shown}:${port}` };
}

/** A request on a kept connection while the server stops. */
function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const body = JSON.stringify({
    error: { code: "ServiceUnavailable", message: "Ringmain is stopping. Send the request again." },
  });
  response.writeHead(503, {
    connection: "close",
    "content-type": "application/json; charset=utf-8",
    "retry-after": "1",
  });
  response.end(body);
}

const BROKEN_REQUESTS: Readonly<Record<string, readonly [status: string, code: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "RequestHeaderFieldsTooLarge",
    "The headers are too large.",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "RequestTimeout", "The request did not arrive in time."],
};

/** What could not be parsed as HTTP gets an answer in the same shape as everything else. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message] = BROKEN_REQUESTS[error.code ?? ""] ?? [
    "400 Bad Request",
    "BadRequest",
    "The request is not valid HTTP.",
  ];
  const body = JSON.stringify({ error: { code, message, details: [{ code, message }] } });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
