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
import {
  sendPublishError,
  sendHealthy,
  sendOptions,
  sendPublished,
  type PublishExchange,
} from "./publish-responses.ts";
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
  /** Limits the rate of events. Unset if Azure's limits are relaxed. */
  readonly ingress: IngressLimit | undefined;
  /** Returns whether the server has started. Until then, topics may still be missing. */
  readonly ready: () => boolean;
  /** Checks tokens of publishers that have no key. */
  readonly tokenAccess: TokenAccess;
  /** Returns the name of the topic whose own port this is. */
  readonly topicOfPort: (port: number) => string | undefined;
  /** Called for each response to a publisher. */
  readonly notify: Engine["notify"];
  /** Unset if tracing is off. */
  readonly tracer: Tracer | undefined;
}

/** Allowed methods, in the order of the `Allow` header. */
const PUBLISH_METHODS = ["OPTIONS", "POST"];
const HEALTH_METHODS = ["HEAD", "GET"];

/** Handles a request to a publish address. Returns `false` if the address is another one. */
export type PublishHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A request to a publish address that is being handled. Its headers and query are parsed on demand. */
interface Exchange extends PublisherRequest, PublishExchange {
  /** Unset if the address names no topic. */
  readonly topic: PublishTarget | undefined;
}

/**
 * Creates the handler of publish and health requests.
 *
 * The steps are, in this order: method, topic, credentials, API version, then the body. Status 200 means that every
 * delivery is durable. [EG-PUBLISH-OK]
 *
 * This is the hot path. It therefore uses Node's HTTP interface, and callbacks instead of promises up to the store:
 * while the store writes, thousands of requests wait, and each promise and closure of theirs stays in memory.
 * Measured in docs/hot-path.md.
 */
export function createPublishHandler(dependencies: PublishHandlerDependencies): PublishHandler {
  const targets = cacheLatestTarget(dependencies.directory);
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
      now: dependencies.clock.now(),
      requestId: dependencies.random.uuid(),
      methods: address.asksHealth ? HEALTH_METHODS : PUBLISH_METHODS,
      topic: findTopic(targets, address, host, () => dependencies.topicOfPort(socket.localPort ?? 0)),
      header: headerOf(headers),
      query,
      host,
      path,
      remoteAddress: socket.remoteAddress ?? "",
    };
    if (address.asksHealth) {
      handleHealth(dependencies, exchange);
      return true;
    }
    try {
      begin(dependencies, exchange);
    } catch (thrown) {
      // Deferred, so that a body that arrived together with the head has been read by then.
      queueMicrotask(() => refuse(dependencies, exchange, thrown));
    }
    return true;
  };
}

/** Handles a health request, without credentials. Publishers use it to choose between two topics. */
function handleHealth(dependencies: PublishHandlerDependencies, exchange: Exchange): void {
  try {
    topicOf(dependencies, exchange);
    sendHealthy(exchange);
  } catch (thrown) {
    sendPublishError(exchange, toRingmainError(thrown), dependencies.logger);
  }
}

/** Returns the topic of a request. Throws `not_ready`, `method_not_allowed` or `not_found`. */
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

/** Checks everything except the body. Throws the error to respond with. */
function begin(dependencies: PublishHandlerDependencies, exchange: Exchange): void {
  const topic = topicOf(dependencies, exchange);
  // A key is checked synchronously, so that its publisher does not wait for the next tick.
  const pending = authenticatePublisher(exchange, topic, exchange.now, dependencies.tokenAccess);
  if (pending === undefined) serve(dependencies, exchange, topic);
  else {
    pending
      .then(() => serve(dependencies, exchange, topic))
      .catch((thrown: unknown) => refuse(dependencies, exchange, thrown));
  }
}

function serve(dependencies: PublishHandlerDependencies, exchange: Exchange, topic: PublishTarget): void {
  const { request } = exchange;
  checkVersion(exchange.query);
  if (request.method === "OPTIONS") {
    sendOptions(exchange, inputSchemaOf(topic));
    return;
  }
  const failed = (thrown: unknown): void => refuse(dependencies, exchange, thrown);
  readBody(request, dependencies.bodies, {
    received: (bytes) => publishBody(dependencies, exchange, topic, bytes, failed),
    failed,
  });
}

function publishBody(
  dependencies: PublishHandlerDependencies,
  exchange: Exchange,
  topic: PublishTarget,
  bytes: Uint8Array,
  failed: (thrown: unknown) => void,
): void {
  const { request, now } = exchange;
  const { traceparent, tracestate } = request.headers;
  const schema = inputSchemaOf(topic);
  const trace = tracePublish(
    dependencies.tracer,
    { id: topic.id, schema },
    now,
    readTraceContext(traceparent, tracestate),
  );
  const { count, stored } = publishEvents(dependencies, exchange, topic, bytes, trace.traceOf);
  const { byteLength } = bytes;
  const ended = (result: PublishResult): void => {
    // Released only now: while the store writes, the body is still in memory.
    dependencies.bodies.give(byteLength);
    trace.end(dependencies.clock.now(), result);
  };
  const published = (): void => {
    ended({ kind: "published", events: count });
    sendPublished(exchange);
    reportResponse(dependencies, exchange);
  };
  const refused = (thrown: unknown): void => {
    ended({ kind: "failed", code: toRingmainError(thrown).code });
    failed(thrown);
  };
  stored.then(published, refused).catch(failed);
}

/**
 * Decodes and publishes events. A separate function, so that no closure keeps the parsed events in memory while the
 * store writes.
 */
function publishEvents(
  dependencies: PublishHandlerDependencies,
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
      publishContext(dependencies.directory, topic, header, { now, newId: () => dependencies.random.uuid(), traceOf }),
    );
    dependencies.ingress?.take(topic.id, events.length, bytes.byteLength, now);
    return { count: events.length, stored: dependencies.publish(topic.id, events) };
  } catch (thrown) {
    return { count: 0, stored: Promise.reject(toError(thrown)) };
  }
}

function refuse(dependencies: PublishHandlerDependencies, exchange: Exchange, thrown: unknown): void {
  const error = toRingmainError(thrown);
  sendPublishError(exchange, error, dependencies.logger);
  reportResponse(dependencies, exchange, publishFailure(exchange, error));
}

function reportResponse(
  dependencies: PublishHandlerDependencies,
  { request, query, now, topic }: Exchange,
  failure?: PublishFailure,
): void {
  const at = dependencies.clock.now();
  dependencies.notify({
    kind: "publish-answered",
    at,
    durationMs: at - now,
    publisher: publisherOf(request, query),
    topic: topic && { id: topic.id, inputSchema: inputSchemaOf(topic) },
    failure,
  });
}

/** Returns the details of a failure that may be reported. Leaves out the query, which may contain a key. */
function publishFailure({ request, host, path }: Exchange, { code, message }: RingmainError): PublishFailure {
  const scheme = "encrypted" in request.socket ? "https" : "http";
  const url = `${scheme}://${host}${path}`;
  return { code, message, url };
}

/** Throws unless the address accepts a method. [EG-PUBLISH-METHODS] */
function checkMethod(method = "", methods: readonly string[]): void {
  if (methods.includes(method)) return;
  const named = methods.toReversed().join(" or ");
  throw new RingmainError("method_not_allowed", `The method ${method} is not allowed here: use ${named}.`);
}

/** Throws unless the API version is supported. [EG-PUBLISH-VERSION] */
function checkVersion(query: URLSearchParams): void {
  const version = query.get("api-version");
  // Azure's quickstarts publish without a version.
  if (version === null || version === API_VERSION) return;
  throw new RingmainError(
    "invalid_api_version",
    `The api-version '${version.slice(0, 64)}' is not supported. The supported version is '${API_VERSION}'.`,
  );
}

function toRingmainError(thrown: unknown): RingmainError {
  if (thrown instanceof RingmainError) return thrown;
  return new RingmainError(
    "internal",
    "The request failed because of an error in Ringmain. See its log for the reason.",
    {
      cause: toError(thrown).stack,
    },
  );
}

function headerOf(headers: IncomingHttpHeaders): (name: string) => string | undefined {
  return (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
}
