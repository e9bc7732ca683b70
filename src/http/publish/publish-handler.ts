import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { authenticatePublisher, type PublisherRequest, type TokenAccess } from "../../auth/authenticate-publisher.ts";
import { API_VERSION } from "../../codec/azure-error.ts";
import { decodePublishRequest } from "../../codec/decode/decode-publish-request.ts";
import type { DecodeContext } from "../../codec/decode/publish-body.ts";
import { RingmainError, toError } from "../../core/errors.ts";
import type { IngressLimit } from "../../core/ingress-limit.ts";
import type { PublishTarget } from "../../core/resources/resources.ts";
import { readTraceContext } from "../../core/trace-context.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Publish } from "../../engine/publish.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PublishFailure } from "../../ports/engine-events.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import type { PublishResult, Tracer } from "../../ports/tracer.ts";
import { findTopic } from "./find-topic.ts";
import { answerError, answerHealthy, answerOptions, answerPublished, type Answerable } from "./publish-answers.ts";
import { inputSchemaOf, publishContext } from "./publish-context.ts";
import { tracePublish } from "./publish-trace.ts";
import { splitUrl } from "./publish-url.ts";
import { cacheLatestTarget } from "./target-cache.ts";
import { publisherOf } from "./publisher.ts";
import { readBody, type BodyBudget } from "../read-body.ts";

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

/** As the header `Allow` lists them. */
const PUBLISH_METHODS = ["OPTIONS", "POST"];
const HEALTH_METHODS = ["HEAD", "GET"];

/** Answers a request to a publish address; `false` when it is to none. */
export type PublishHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A request to a publish address, until it is answered. Of what it says only what is asked for is read. */
interface Exchange extends PublisherRequest, Answerable {
  /** Unset where there is none. */
  readonly topic: PublishTarget | undefined;
}

/**
 * The publish endpoint, on Node's own HTTP interface because it is the hot path; hence by callbacks, too, up to the
 * store: thousands of requests a second wait for it, each with every promise and closure of its own.
 *
 * In order: method, topic, credentials, API version, and only then the body. An answer of 200 means that every
 * delivery is durable. [EG-PUBLISH-OK]
 */
export function createPublishHandler(deps: PublishHandlerDependencies): PublishHandler {
  const targets = cacheLatestTarget(deps.directory);
  return (request, response) => {
    const { path, query, address } = splitUrl(request.url ?? "/");
    if (address === undefined) return false;
    const { socket, headers } = request;
    const { host = "" } = headers;
    if (request.method === "HEAD" && !address.asksHealth) {
      response.writeHead(404).end();
      return true;
    }
    const exchange: Exchange = {
      request,
      response,
      now: deps.clock.now(),
      requestId: deps.random.uuid(),
      methods: address.asksHealth ? HEALTH_METHODS : PUBLISH_METHODS,
      topic: findTopic(targets, address, host, () => deps.topicOfPort(socket.localPort ?? 0)),
      header: headerOf(headers),
      query,
      host,
      path,
      remoteAddress: socket.remoteAddress ?? "",
    };
    if (address.asksHealth) {
      answerHealth(deps, exchange);
      return true;
    }
    try {
      begin(deps, exchange);
    } catch (thrown) {
      // Not in this turn: a body that came together with the head has been taken in by then.
      queueMicrotask(() => refuse(deps, exchange, thrown));
    }
    return true;
  };
}

/** Answers whether a topic can be published to, without credentials: publishers choose between two topics by it. */
function answerHealth(deps: PublishHandlerDependencies, exchange: Exchange): void {
  try {
    topicOf(deps, exchange);
    answerHealthy(exchange);
  } catch (thrown) {
    answerError(exchange, toRingmainError(thrown), deps.logger);
  }
}

/** The topic of a request that it can take. Throws `not_ready`, `method_not_allowed` or `not_found`. */
function topicOf(
  { ready }: PublishHandlerDependencies,
  { request, path, host, topic, methods }: Exchange,
): PublishTarget {
  if (!ready()) throw new RingmainError("not_ready", "Ringmain is not ready. Send the request again.");
  checkMethod(request.method, methods);
  if (topic === undefined) {
    throw new RingmainError("not_found", `There is no topic at '${path}'${host === "" ? "" : ` on '${host}'`}.`);
  }
  return topic;
}

/** Checks everything that comes before the body. What is thrown is the answer. */
function begin(deps: PublishHandlerDependencies, exchange: Exchange): void {
  const topic = topicOf(deps, exchange);
  // A key is checked at once: its publisher does not wait for the next turn.
  const pending = authenticatePublisher(exchange, topic, exchange.now, deps.tokenAccess);
  if (pending === undefined) serve(deps, exchange, topic);
  else {
    pending.then(() => serve(deps, exchange, topic)).catch((thrown: unknown) => refuse(deps, exchange, thrown));
  }
}

function serve(deps: PublishHandlerDependencies, exchange: Exchange, topic: PublishTarget): void {
  const { request } = exchange;
  checkVersion(exchange.query);
  if (request.method === "OPTIONS") {
    answerOptions(exchange, inputSchemaOf(topic));
    return;
  }
  const failed = (thrown: unknown): void => refuse(deps, exchange, thrown);
  readBody(request, deps.bodies, {
    received: (bytes) => publishBody(deps, exchange, topic, bytes, failed),
    failed,
  });
}

function publishBody(
  deps: PublishHandlerDependencies,
  exchange: Exchange,
  topic: PublishTarget,
  bytes: Uint8Array,
  failed: (thrown: unknown) => void,
): void {
  const { request, now } = exchange;
  const { traceparent, tracestate } = request.headers;
  const schema = inputSchemaOf(topic);
  const trace = tracePublish(deps.tracer, { id: topic.id, schema }, now, readTraceContext(traceparent, tracestate));
  const { count, stored } = publishEvents(deps, exchange, topic, bytes, trace.traceOf);
  const { byteLength } = bytes;
  const ended = (result: PublishResult): void => {
    // Only now: while the store is slow, what waits for it is in memory.
    deps.bodies.give(byteLength);
    trace.end(deps.clock.now(), result);
  };
  const published = (): void => {
    ended({ kind: "published", events: count });
    answerPublished(exchange);
    tellAnswered(deps, exchange);
  };
  const refused = (thrown: unknown): void => {
    ended({ kind: "failed", code: toRingmainError(thrown).code });
    failed(thrown);
  };
  stored.then(published, refused).catch(failed);
}

/**
 * Decodes and publishes. Apart from what waits for the store, so that nothing keeps the parsed events in memory while
 * it writes.
 */
function publishEvents(
  deps: PublishHandlerDependencies,
  exchange: Exchange,
  topic: PublishTarget,
  bytes: Uint8Array,
  traceOf: DecodeContext["traceOf"],
): { readonly count: number; readonly stored: Promise<void> } {
  const { request, header, now } = exchange;
  try {
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
    return { count: events.length, stored: deps.publish(topic.id, events) };
  } catch (thrown) {
    return { count: 0, stored: Promise.reject(toError(thrown)) };
  }
}

function refuse(deps: PublishHandlerDependencies, exchange: Exchange, thrown: unknown): void {
  const error = toRingmainError(thrown);
  answerError(exchange, error, deps.logger);
  tellAnswered(deps, exchange, publishFailure(exchange, error));
}

function tellAnswered(
  deps: PublishHandlerDependencies,
  { request, query, now, topic }: Exchange,
  failure?: PublishFailure,
): void {
  const at = deps.clock.now();
  deps.tell({
    kind: "publish-answered",
    at,
    durationMs: at - now,
    publisher: publisherOf(request, query),
    topic: topic && { id: topic.id, inputSchema: inputSchemaOf(topic) },
    failure,
  });
}

/** What may be told of a failure: the query is left out, since a key may be in it. */
function publishFailure({ request, host, path }: Exchange, { code, message }: RingmainError): PublishFailure {
  const scheme = "encrypted" in request.socket ? "https" : "http";
  const url = `${scheme}://${host}${path}`;
  return { code, message, url };
}

/** [EG-PUBLISH-METHODS] */
function checkMethod(method = "", methods: readonly string[]): void {
  if (methods.includes(method)) return;
  const named = methods.toReversed().join(" or ");
  throw new RingmainError("method_not_allowed", `The method ${method} is not allowed here: use ${named}.`);
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

function toRingmainError(thrown: unknown): RingmainError {
  if (thrown instanceof RingmainError) return thrown;
  return new RingmainError("internal", "The request failed for a reason of Ringmain's own; its log has it.", {
    cause: toError(thrown).stack,
  });
}

function headerOf(headers: IncomingHttpHeaders): (name: string) => string | undefined {
  return (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
}
