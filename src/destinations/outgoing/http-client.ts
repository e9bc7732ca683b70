import type { Dispatcher } from "undici";
import { HttpExchange, type HttpReply } from "./http-exchange.ts";
import type { HttpTarget } from "./http-target.ts";
import type { HttpClientOptions } from "./open-agent.ts";

/** A request of an {@link HttpClient}. */
export interface HttpRequest {
  readonly target: HttpTarget;
  readonly method: "OPTIONS" | "POST" | "PUT";
  /** Alternating names and values. */
  readonly headers: string[];
  readonly body?: Uint8Array;
  /** Returns the id of the content for its signature; it is the same when the content is sent again. */
  readonly messageId?: () => string;
  /** Bytes of the response body to keep. */
  readonly keepBytes: number;
}

/** The sending part of an {@link HttpClient}. */
export type HttpSender = Pick<HttpClient, "send">;

/**
 * HTTP client with persistent connections, which carry one request at a time. It does not follow redirects, and limits
 * the time, the size of responses and the number of connections.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  #opening: Promise<Dispatcher> | undefined;
  #agent: Dispatcher | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /** Sends a request. Never rejects. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    const agent = this.#agent;
    return agent === undefined
      ? this.#open().then((opened) => this.#exchange(opened, request, signal))
      : this.#exchange(agent, request, signal);
  }

  /** Closes all connections. Requests in progress fail with outcome `Aborted`. Idempotent. */
  async close(): Promise<void> {
    const agent = await this.#opening;
    await agent?.destroy();
  }

  #exchange(
    agent: Dispatcher,
    { target, method, headers, body, keepBytes }: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpReply> {
    return new Promise((done) => {
      const shown = `${method} ${target.shown}`;
      if (signal.aborted) {
        done({ kind: "failed", outcome: "Aborted", detail: `${shown} was not sent.` });
        return;
      }
      const { addressPolicy, timeoutMs } = this.#options;
      const hidesAddresses = addressPolicy !== "any";
      const exchange = new HttpExchange({ shown, timeoutMs, keepBytes, signal, hidesAddresses }, done);
      agent.dispatch({ origin: target.origin, path: target.path, method, headers, body: body ?? null }, exchange);
    });
  }

  /** Loads the library for the first request, because loading takes longer than the rest of Ringmain's start. */
  #open(): Promise<Dispatcher> {
    this.#opening ??= import("./open-agent.ts").then(({ openAgent }) => (this.#agent = openAgent(this.#options)));
    return this.#opening;
  }
}
