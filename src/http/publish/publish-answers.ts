import type { IncomingMessage, ServerResponse } from "node:http";
import { API_VERSION, azureError } from "../../codec/azure-error.ts";
import { SCHEMA_WIRE_NAMES } from "../../codec/schema-wire-name.ts";
import { isServerFailure, type RingmainError } from "../../core/errors.ts";
import type { InputSchema } from "../../core/event.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Logger } from "../../ports/logger.ts";

/** A request, as far as its answer needs it. */
export interface Answerable {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** When it came. */
  readonly now: EpochMs;
  readonly requestId: string;
  /** The methods that its address takes. */
  readonly methods: readonly string[];
}

/** Every delivery is durable. [EG-PUBLISH-OK] */
export function answerPublished({ response, requestId }: Answerable): void {
  response.writeHead(200, {
    "api-supported-versions": API_VERSION,
    "content-length": "0",
    "x-ms-request-id": requestId,
  });
  response.end();
}

/** The topic takes events. [EG-HEALTH] */
export function answerHealthy({ response, requestId }: Answerable): void {
  response.writeHead(200, { "content-length": "0", "x-ms-request-id": requestId });
  response.end();
}

/** [EG-PUBLISH-OPTIONS] */
export function answerOptions({ response, requestId }: Answerable, schema: InputSchema): void {
  response.writeHead(200, {
    allow: "POST,OPTIONS",
    "api-supported-versions": API_VERSION,
    "aeg-input-event-schema": SCHEMA_WIRE_NAMES[schema],
    "content-length": "0",
    "x-ms-request-id": requestId,
  });
  response.end();
}

/** Answers with an error, and logs it. */
export function answerError(
  { response, now, requestId, methods }: Answerable,
  error: RingmainError,
  logger: Logger,
): void {
  const { status, headers, body } = azureError(error, { requestId, now });
  const fields = { requestId, code: error.code, status, error: error.message };
  // A full store may refuse thousands a second.
  const isFailure = isServerFailure(error.code) && error.code !== "store_full";
  if (isFailure) logger.error("publish_failed", { ...fields, cause: error.cause });
  else logger.debug("publish_refused", fields);
  if (response.headersSent || response.destroyed) return;
  const allow = error.code === "method_not_allowed" ? { allow: methods.join(", ") } : {};
  response.writeHead(status, { ...headers, ...allow, "content-length": String(Buffer.byteLength(body)) });
  // Node reads the rest of a body that is still coming and throws it away, so that the client gets to read the answer;
  // the listener bounds that.
  response.end(body);
}
