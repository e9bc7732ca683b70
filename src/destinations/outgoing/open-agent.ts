import { Agent, type Dispatcher } from "undici";
import { createConnector } from "./guarded-connector.ts";
import type { HttpClientOptions } from "./http-client.ts";

/** A connection that does not come about in this time will not. */
const MAX_CONNECT_MS = 10_000;

/** Opens the connections of an {@link HttpClient}. */
export function openAgent({ addressPolicy, connectionsPerOrigin, timeoutMs }: HttpClientOptions): Dispatcher {
  return new Agent({
    connect: createConnector(addressPolicy, Math.min(timeoutMs, MAX_CONNECT_MS)),
    connections: connectionsPerOrigin,
    pipelining: 1,
    // The exchange's own timer bounds both together.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
