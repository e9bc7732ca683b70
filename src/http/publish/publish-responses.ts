import type { IncomingMessage, ServerResponse } from "node:http";
import { API_VERSION, azureError } from "../../codec/azure-error.ts";
import { SCHEMA_WIRE_NAMES } from "../../codec/schema-wire-name.ts";
import { isServerFailure, type RingmainError } from "../../core/errors.ts";
import type { InputSchema } from "../../core/event.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Logger } from "../../ports/logger.ts";

/** The parts of a request that its response depends on. */
export interface PublishExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Time at which the request arrived. */
  readonly now: EpochMs;
  readonly requestId: string;
  /** Methods that the request's address accepts. */
  readonly methods: readonly string[];
}

/** Responds that every delivery is durable. [EG-PUBLISH-OK] */
export function sendPublished({ response, requestId }: PublishExchange): void {
  response.writeHead(200, {
    "api-supported-versions": API_VERSION,
    "content-length": "0",
    "x-ms-request-id": requestId,
  });
  response.end();
}

/** Responds that the topic accepts events. [EG-HEALTH] */
export function sendHealthy({ response, requestId }: PublishExchange): void {
  response.writeHead(200, { "content-length": "0", "x-ms-request-id": requestId });
  response.end();
}

/** Responds to OPTIONS. [EG-PUBLISH-OPTIONS] */
export function sendOptions({ response, requestId }: PublishExchange, schema: InputSchema): void {
  response.writeHead(200, {
    allow: "POST,OPTIONS",
    "api-supported-versions": API_VERSION,
    "aeg-input-event-schema": SCHEMA_WIRE_NAMES[schema],
    "content-length": "0",
    "x-ms-request-id": requestId,
  });
  response.end();
}

/** Responds with an error and logs it. */
export function sendPublishError(
  { response, now, requestId, methods }: PublishExchange,
  error: RingmainError,
  logger: Logger,
): void {
  const { status, headers, body } = azureError(error, { requestId, now });
  const fields = { requestId, code: error.code, status, error: error.message };
  // A full store is not logged as an error: it may refuse thousands of requests a second.
  const isFailure = isServerFailure(error.code) && error.code !== "store_full";
  if (isFailure) logger.error("publish_failed", { ...fields, cause: error.cause });
  else logger.debug("publish_refused", fields);
  if (response.headersSent || response.destroyed) return;
  const allow = error.code === "method_not_allowed" ? { allow: methods.join(", ") } : {};
  response.writeHead(status, { ...headers, ...allow, "content-length": String(Buffer.byteLength(body)) });
  // Node reads and discards the rest of the body, up to the listener's limit, so that the client can read the response.
  response.end(body);
}
