import type { Dispatcher } from "undici";
import { HttpExchange, type HttpReply } from "./http-exchange.ts";
import type { HttpTarget } from "./http-target.ts";
import type { HttpClientOptions } from "./open-agent.ts";

export interface HttpRequest {
  readonly target: HttpTarget;
  readonly method: "OPTIONS" | "POST" | "PUT";
  /** Name and value by turns. */
  readonly headers: string[];
  readonly body?: Uint8Array;
  /** Names what is sent, the same when it is sent again; for who signs it. */
  readonly messageId?: () => string;
  /** How much of the answer's body is kept. */
  readonly keepBytes: number;
}

/** Whoever sends requests like a client does. */
export type HttpSender = Pick<HttpClient, "send">;

/**
 * Sends requests over kept connections, one request at a time on each. Redirects are not followed; time, size of the
 * answer and number of connections are bounded.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  #opening: Promise<Dispatcher> | undefined;
  #agent: Dispatcher | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    const agent = this.#agent;
    return agent === undefined
      ? this.#open().then((opened) => this.#exchange(opened, request, signal))
      : this.#exchange(agent, request, signal);
  }

  /** Ends all connections; what is under way fails with outcome `Aborted`. Idempotent. */
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

  /** The library is loaded for the first request: that takes longer than all else that Ringmain does to start. */
  #open(): Promise<Dispatcher> {
    this.#opening ??= import("./open-agent.ts").then(({ openAgent }) => (this.#agent = openAgent(this.#options)));
    return this.#opening;
  }
}
