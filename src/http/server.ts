import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Server as Port } from "node:net";
import type { TokenAccess } from "../auth/authenticate-publisher.ts";
import { RingmainError } from "../core/errors.ts";
import { IngressLimit } from "../core/ingress-limit.ts";
import { HttpListener, type ProblemBody } from "../listen/http-listener.ts";
import type { HttpProblem } from "../listen/http-problem.ts";
import type { TlsSource } from "../listen/intake.ts";
import type { AppDependencies } from "./app.ts";
import { errorResponse } from "./error-response.ts";
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
  readonly #listener: HttpListener;
  /** By the topic's name. */
  readonly #topicPorts = new Map<string, { readonly wanted: number; readonly port: Port }>();
  #stopping = false;

  constructor(deps: ServerDependencies) {
    const { limits, logger, tls } = deps;
    const bodies = new BodyBudget(limits.bodyBytesInFlight);
    const publish = createPublishHandler({
      directory: deps.engine.directory,
      publish: deps.engine.publish,
      clock: deps.clock,
      random: deps.random,
      logger,
      bodies,
      ingress: limits.relaxed === true ? undefined : new IngressLimit(),
      ready: () => deps.readiness().health === "ready",
      tokenAccess: deps.tokenAccess,
      topicOfPort: (port) => this.#topicOfPort(port),
      tell: (event) => deps.engine.tell(event),
      tracer: deps.tracer,
    });
    let rest: Promise<Listener> | undefined;
    this.#listener = new HttpListener({
      limits: { connections: limits.connections, timeoutMs: limits.requestTimeoutMs },
      logger,
      tls,
      describe,
      serve: (request, response) => {
        if (publish(request, response)) return;
        rest ??= loadRest({ ...deps, bodies });
        void rest.then((listener) => listener(request, response));
      },
    });
  }

  /** Listens; rejects when the port is taken. Port 0 takes any free one. */
  async listen(host: string, port: number): Promise<ServerAddress> {
    return addressOf(await this.#listener.listen(host, port), host);
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
      this.#topicPorts.set(name, { wanted, port: await this.#listener.listenAlso(host, wanted) });
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
   * is destroyed. Idempotent.
   */
  async close(deadline: AbortSignal): Promise<void> {
    this.#stopping = true;
    await this.#listener.close(deadline);
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Loads what serves everything but publishing: not needed to start, and an eighth of the time that takes.
 * Measured in docs/hot-path.md.
 */
async function loadRest(deps: AppDependencies): Promise<Listener> {
  const [{ getRequestListener, RequestError }, { createApp }] = await Promise.all([
    import("@hono/node-server"),
    import("./app.ts"),
  ]);
  // A target that makes no URL never reaches the app.
  const errorHandler = (thrown: unknown): Response =>
    errorResponse(
      thrown instanceof RequestError
        ? new RingmainError("invalid_request", `The request's target is not valid: ${thrown.message}.`)
        : thrown,
      deps.logger,
    );
  return getRequestListener(createApp(deps).fetch, { errorHandler });
}

/** Requests that are refused before they are served get a response of the same shape as all others. */
function describe({ code, message }: HttpProblem): ProblemBody {
  const body = JSON.stringify({ error: { code, message, details: [{ code, message }] } });
  return { contentType: "application/json; charset=utf-8", body };
}

function addressOf(server: Port, host: string): ServerAddress {
  const { address, family, port } = server.address() as AddressInfo;
  const shown = family === "IPv6" ? `[${address}]` : address;
  return { host, address, port, url: `http://${shown}:${port}` };
}
