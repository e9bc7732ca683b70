import { Agent } from "undici";
import type { AddressPolicy } from "./address-policy.ts";
import { createConnector } from "./guarded-connector.ts";
import { HttpExchange, type HttpReply } from "./http-exchange.ts";
import type { HttpTarget } from "./http-target.ts";

export interface HttpClientOptions {
  readonly addressPolicy: AddressPolicy;
  readonly connectionsPerOrigin: number;
  /** From the request on the wire to the last byte of the answer. */
  readonly timeoutMs: number;
}

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

/** A connection that does not come about in this time will not. */
const MAX_CONNECT_MS = 10_000;

/**
 * Sends requests over kept connections, one request at a time on each. Redirects are not followed; time, size of the
 * answer and number of connections are bounded.
 */
export class HttpClient {
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor({ addressPolicy, connectionsPerOrigin, timeoutMs }: HttpClientOptions) {
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({
      connect: createConnector(addressPolicy, Math.min(timeoutMs, MAX_CONNECT_MS)),
      connections: connectionsPerOrigin,
      pipelining: 1,
      // The exchange's own timer bounds both together.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Never rejects. */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    const { target, method, headers, body, keepBytes } = request;
    const shown = `${method} ${target.shown}`;
    if (signal.aborted) return { kind: "failed", outcome: "Aborted", detail: `${shown} was not sent.` };
    return new Promise<HttpReply>((done) => {
      const exchange = new HttpExchange({ shown, timeoutMs: this.#timeoutMs, keepBytes, signal }, done);
      this.#agent.dispatch({ origin: target.origin, path: target.path, method, headers, body: body ?? null }, exchange);
    });
  }

  /** Ends all connections; what is under way fails with outcome `Aborted`. Idempotent. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
