import { Agent, type Dispatcher } from "undici";
import type { AddressPolicy } from "./address-policy.ts";
import { boundResponses } from "./bound-responses.ts";
import { createConnector } from "./guarded-connector.ts";

/** Options for an HTTP client and its connections. */
export interface HttpClientOptions {
  readonly addressPolicy: AddressPolicy;
  readonly connectionsPerOrigin: number;
  /** Milliseconds from the request on the wire to the last byte of the response. */
  readonly timeoutMs: number;
}

/** Milliseconds after which an attempt to connect is given up. */
const MAX_CONNECT_MS = 10_000;

/** Opens the connections of an {@link HttpClient}. */
export function openAgent({ addressPolicy, connectionsPerOrigin, timeoutMs }: HttpClientOptions): Dispatcher {
  return new Agent({
    connect: boundResponses(createConnector(addressPolicy, Math.min(timeoutMs, MAX_CONNECT_MS))),
    connections: connectionsPerOrigin,
    pipelining: 1,
    // The exchange's own timer bounds both together.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
