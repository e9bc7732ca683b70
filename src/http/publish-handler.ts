import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticatePublisher, type TokenAccess } from "../auth/authenticate-publisher.ts";
import { API_VERSION, azureError } from "../codec/azure-error.ts";
import { decodePublishRequest } from "../codec/decode/decode-publish-request.ts";
import type { DecodeContext } from "../codec/decode/publish-body.ts";
import { SCHEMA_WIRE_NAMES } from "../codec/schema-wire-name.ts";
import { RingmainError, toError } from "../core/errors.ts";
import type { IngressLimit } from "../core/ingress-limit.ts";
import type { PublishTarget } from "../core/resources.ts";
import type { EpochMs } from "../core/time.ts";
import { readTraceContext } from "../core/trace-context.ts";
import type { Engine } from "../engine/engine.ts";
import type { Publish } from "../engine/publish.ts";
import type { ResourceDirectory } from "../engine/resource-directory.ts";
import type { Clock } from "../ports/clock.ts";
import type { PublishFailure } from "../ports/engine-events.ts";
import type { Logger } from "../ports/logger.ts";
import type { Random } from "../ports/random.ts";
import type { Tracer } from "../ports/tracer.ts";
import { findTopic } from "./find-topic.ts";
import { inputSchemaOf, publishContext } from "./publish-context.ts";
import { tracePublish } from "./publish-trace.ts";
import { publisherOf } from "./publisher.ts";
import { readBody, type BodyBudget } from "./read-body.ts";

export interface PublishHandlerDependencies {
  readonly directory: ResourceDirectory;
  readonly publish: Publish;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly bodies: BodyBudget;
  /** Unset where Azure's limits are relaxed. */
  readonly ingress: IngressLimit | undefined;
  /** Until then topics may be missing that are about to be there. */
  readonly ready: () => boolean;
  /** Who may publish without a key. */
  readonly tokenAccess: TokenAccess;
  /** Name of the topic whose own port this is. */
  readonly topicOfPort: (port: number) => string | undefined;
  /** Told of every answer to a publisher. */
  readonly tell: Engine["tell"];
  /** Unset where nothing is traced. */
  readonly tracer: Tracer | undefined;
}

/** Answers a request to a publish address; `false` when it is to none. */
export type PublishHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * The publish endpoint, on Node's own HTTP interface because it is the hot path.
 *
 * In order: method, topic, credentials, API version, and only then the body. An answer of 200 means that every
 * delivery is durable. [EG-PUBLISH-OK]
 */
export function createPublishHandler(deps: PublishHandlerDependencies): PublishHandler {
  return (request, response) => {
    const { path, query } = splitUrl(request.url ?? "/");
    const host = request.headers.host ?? "";
    const address = findTopic(deps.directory, path, host, () => deps.topicOfPort(request.socket.localPort ?? 0));
    if (address.kind === "elsewhere") return false;
    const now = deps.clock.now();
    const requestId = deps.random.uuid();
    if (request.method === "HEAD") {
      response.writeHead(404).end();
      return true;
    }
    const respond = async (): Promise<void> => {
      if (!deps.ready()) throw new RingmainError("not_ready", "Ringmain is starting. Send the request again.");
      checkMethod(request.method);
      if (address.kind === "unknown-topic") {
        throw new RingmainError("not_found", `There is no topic at '${path}'${host === "" ? "" : ` on '${host}'`}.`);
      }
      const remoteAddress = request.socket.remoteAddress ?? "";
      const presented = { header: headerOf(request), query, host, path, remoteAddress };
      // A key is checked at once: its publisher does not wait for the next turn.
      const pending = authenticatePublisher(presented, address.topic, now, deps.tokenAccess);
      if (pending !== undefined) await pending;
      checkVersion(query);
      if (request.method === "OPTIONS") answerOptions(response, address.topic, requestId);
      else await publishBody(deps, request, response, address.topic, now, requestId);
    };
    respond().catch((thrown: unknown) => {
      const error = toRingmainError(thrown);
      answerError(deps.logger, request, response, error, now, requestId);
      const topic = address.kind === "topic" ? address.topic : undefined;
      tellAnswered(deps, request, topic, now, publishFailure(request, error));
    });
    return true;
  };
}

async function publishBody(
  deps: PublishHandlerDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  topic: PublishTarget,
  now: EpochMs,
  requestId: string,
): Promise<void> {
  const { bytes, release } = await readBody(request, deps.bodies);
  const { traceparent, tracestate } = request.headers;
  const schema = inputSchemaOf(topic);
  const trace = tracePublish(deps.tracer, { id: topic.id, schema }, now, readTraceContext(traceparent, tracestate));
  try {
    const { count, published } = publishEvents(deps, request, bytes, topic, now, trace.traceOf);
    await published;
    trace.end(deps.clock.now(), { kind: "published", events: count });
  } catch (thrown) {
    trace.end(deps.clock.now(), { kind: "failed", code: toRingmainError(thrown).code });
    throw thrown;
  } finally {
    // Only now: while the store is slow, what waits for it is in memory.
    release();
  }
  response.writeHead(200, {
    "api-supported-versions": API_VERSION,
    "content-length": "0",
    "x-ms-request-id": requestId,
  });
  response.end();
  tellAnswered(deps, request, topic, now);
}

/** Not asynchronous, so that nothing keeps the parsed events in memory while the store writes. */
function publishEvents(
  deps: PublishHandlerDependencies,
  request: IncomingMessage,
  bytes: Uint8Array,
  topic: PublishTarget,
  now: EpochMs,
  traceOf: DecodeContext["traceOf"],
): { readonly count: number; readonly published: Promise<void> } {
  const header = headerOf(request);
  const events = decodePublishRequest(
    {
      contentType: request.headers["content-type"],
      header,
      headerNames: () => Object.keys(request.headers),
      bytes,
    },
    publishContext(deps.directory, topic, header, { now, newId: () => deps.random.uuid(), traceOf }),
  );
  deps.ingress?.take(topic.id, events.length, bytes.byteLength, now);
  return { count: events.length, published: deps.publish(topic.id, events) };
}

function tellAnswered(
  deps: PublishHandlerDependencies,
  request: IncomingMessage,
  topic: PublishTarget | undefined,
  since: EpochMs,
  failure?: PublishFailure,
): void {
  const at = deps.clock.now();
  deps.tell({
    kind: "publish-answered",
    at,
    durationMs: at - since,
    publisher: publisherOf(request, splitUrl(request.url ?? "/").query),
    topic: topic && { id: topic.id, inputSchema: inputSchemaOf(topic) },
    failure,
  });
}

/** What may be told of a failure: the query is left out, since a key may be in it. */
function publishFailure(request: IncomingMessage, { code, message }: RingmainError): PublishFailure {
  const { path } = splitUrl(request.url ?? "/");
  const scheme = "encrypted" in request.socket ? "https" : "http";
  const url = `${scheme}://${request.headers.host ?? ""}${path}`;
  return { code, message, url };
}

/** [EG-PUBLISH-METHODS] */
function checkMethod(method: string | undefined): void {
  if (method === "POST" || method === "OPTIONS") return;
  throw new RingmainError(
    "method_not_allowed",
    `The method ${String(method)} is not allowed here: use POST or OPTIONS.`,
  );
}

/** [EG-PUBLISH-VERSION] */
function checkVersion(query: URLSearchParams): void {
  const version = query.get("api-version");
  // Quickstarts publish without one.
  if (version === null || version === API_VERSION) return;
  throw new RingmainError(
    "invalid_api_version",
    `The api-version '${version.slice(0, 64)}' is not supported. The supported version is '${API_VERSION}'.`,
  );
}

/** [EG-PUBLISH-OPTIONS] */
function answerOptions(response: ServerResponse, topic: PublishTarget, requestId: string): void {
  response.writeHead(200, {
    allow: "POST,OPTIONS",
    "api-supported-versions": API_VERSION,
    "aeg-input-event-schema": SCHEMA_WIRE_NAMES[inputSchemaOf(topic)],
    "content-length": "0",
    "x-ms-request-id": requestId,
  });
  response.end();
}

function answerError(
  logger: Logger,
  request: IncomingMessage,
  response: ServerResponse,
  error: RingmainError,
  now: EpochMs,
  requestId: string,
): void {
  const { status, headers, body } = azureError(error, { requestId, now });
  const fields = { requestId, code: error.code, status, error: error.message };
  // A full store may refuse thousands a second.
  if (status >= 500 && error.code !== "store_full") logger.error("publish_failed", { ...fields, cause: error.cause });
  else logger.debug("publish_refused", fields);
  if (response.headersSent || response.destroyed) return;
  // What is left of a body nobody reads would stand in front of the next request.
  const unread = request.complete ? {} : { connection: "close" };
  const allow = error.code === "method_not_allowed" ? { allow: "OPTIONS, POST" } : {};
  response.writeHead(status, { ...headers, ...allow, ...unread, "content-length": String(Buffer.byteLength(body)) });
  if (request.complete) response.end(body);
  else endAfterDraining(request, response, body);
}

/** Bytes of a refused body that are read all the same. */
const DRAIN_BYTES = 16 * 1_048_576;

/**
 * Answers a request whose body is still coming. Closing at once would reset the connection, and the client would lose
 * the answer with it; so the rest is read and thrown away, within bounds.
 */
function endAfterDraining(request: IncomingMessage, response: ServerResponse, body: string): void {
  response.write(body);
  let drained = 0;
  const end = (): void => {
    response.end();
  };
  request.on("data", (chunk: Buffer) => {
    drained += chunk.byteLength;
    if (drained > DRAIN_BYTES) end();
  });
  request.once("end", end).once("close", end);
  request.resume();
}

function toRingmainError(thrown: unknown): RingmainError {
  if (thrown instanceof RingmainError) return thrown;
  return new RingmainError("internal", "The request failed for a reason of Ringmain's own; its log has it.", {
    cause: toError(thrown).stack,
  });
}

function headerOf(request: IncomingMessage): (name: string) => string | undefined {
  return (name) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
}

interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The latest target and its parts: a publisher sends to the same one over and over. */
let latest: { readonly url: string; readonly target: Target } = {
  url: "/",
  target: { path: "/", query: new URLSearchParams() },
};

function splitUrl(url: string): Target {
  if (url === latest.url) return latest.target;
  const mark = url.indexOf("?");
  const target =
    mark < 0
      ? { path: url, query: new URLSearchParams() }
      : { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) };
  latest = { url, target };
  return target;
}
