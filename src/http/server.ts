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

/** Limits on the resources that clients can use. */
export interface ServerLimits {
  /** Maximum number of open connections. Further connections are closed at once. */
  readonly connections: number;
  /** Maximum bytes of request bodies in memory at one time. */
  readonly bodyBytesInFlight: number;
  /** Milliseconds within which a request must have arrived completely. */
  readonly requestTimeoutMs: number;
  /** If true, Azure's rate limit for topics is off. */
  readonly relaxed?: boolean;
}

export interface ServerDependencies extends Omit<AppDependencies, "bodies"> {
  readonly limits: ServerLimits;
  readonly tls: TlsSource;
  readonly tokenAccess: TokenAccess;
  /** Unset if tracing is off. */
  readonly tracer?: Tracer | undefined;
}

/** Address at which the server listens. */
export interface ServerAddress {
  readonly host: string;
  /** The IP address that `host` resolves to. */
  readonly address: string;
  readonly port: number;
  /** For example `http://127.0.0.1:6500`. */
  readonly url: string;
}

/**
 * The server for everything, on one port over HTTP and HTTPS. The publish path uses Node's own interface; all other
 * routes are in the app. A topic may have a further port, at which `/api/events` is the topic's own address.
 */
export class HttpServer {
  readonly #listener: HttpListener;
  /** Ports of topics by the topic's name. */
  readonly #topicPorts = new Map<string, { readonly requested: number; readonly port: Port }>();
  #stopping = false;

  constructor(dependencies: ServerDependencies) {
    const { limits, logger, tls } = dependencies;
    const bodies = new BodyBudget(limits.bodyBytesInFlight);
    const publish = createPublishHandler({
      directory: dependencies.engine.directory,
      publish: dependencies.engine.publish,
      clock: dependencies.clock,
      random: dependencies.random,
      logger,
      bodies,
      ingress: limits.relaxed === true ? undefined : new IngressLimit(),
      ready: () => dependencies.readiness().health === "ready",
      tokenAccess: dependencies.tokenAccess,
      topicOfPort: (port) => this.#topicOfPort(port),
      notify: (event) => dependencies.engine.notify(event),
      tracer: dependencies.tracer,
    });
    let rest: Promise<Listener> | undefined;
    this.#listener = new HttpListener({
      limits: { connections: limits.connections, timeoutMs: limits.requestTimeoutMs },
      logger,
      tls,
      describe,
      serve: (request, response) => {
        if (publish(request, response)) return;
        rest ??= loadRest({ ...dependencies, bodies });
        void rest.then((listener) => listener(request, response));
      },
    });
  }

  /** Starts listening. Rejects if the port is taken. Port 0 takes a free one. */
  async listen(host: string, port: number): Promise<ServerAddress> {
    return addressOf(await this.#listener.listen(host, port), host);
  }

  /**
   * Opens the ports of topics, and closes those that are no longer listed. Rejects if a port is taken; the ports
   * before it are open by then.
   * @param ports ports by the topic's name; port 0 takes a free one
   * @returns the addresses of the topics by name
   */
  async listenForTopics(host: string, ports: ReadonlyMap<string, number>): Promise<Map<string, ServerAddress>> {
    for (const [name, { requested, port }] of this.#topicPorts) {
      if (ports.get(name) === requested) continue;
      this.#topicPorts.delete(name);
      port.close();
    }
    for (const [name, requested] of ports) {
      if (this.#stopping || this.#topicPorts.has(name)) continue;
      this.#topicPorts.set(name, { requested, port: await this.#listener.listenAlso(host, requested) });
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
   * Stops accepting requests. Resolves when those in progress are answered. Destroys the remaining connections when
   * `deadline` is aborted. Idempotent.
   */
  async close(deadline: AbortSignal): Promise<void> {
    this.#stopping = true;
    await this.#listener.close(deadline);
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Loads the code for everything except publishing. It is not needed to start, and loading takes an eighth of the
 * start time.
 * Measured in docs/hot-path.md.
 */
async function loadRest(dependencies: AppDependencies): Promise<Listener> {
  const [{ getRequestListener, RequestError }, { createApp }] = await Promise.all([
    import("@hono/node-server"),
    import("./app.ts"),
  ]);
  // Requests with an invalid target are refused before they reach the app.
  const errorHandler = (thrown: unknown): Response =>
    errorResponse(
      thrown instanceof RequestError
        ? new RingmainError("invalid_request", `The request's target is not valid: ${thrown.message}.`)
        : thrown,
      dependencies.logger,
    );
  return getRequestListener(createApp(dependencies).fetch, { errorHandler });
}

/** Returns the body for a request that is refused before it is served, in the format of all other errors. */
function describe({ code, message }: HttpProblem): ProblemBody {
  const body = JSON.stringify({ error: { code, message, details: [{ code, message }] } });
  return { contentType: "application/json; charset=utf-8", body };
}

function addressOf(server: Port, host: string): ServerAddress {
  const { address, family, port } = server.address() as AddressInfo;
  const shown = family === "IPv6" ? `[${address}]` : address;
  return { host, address, port, url: `http://${shown}:${port}` };
}
