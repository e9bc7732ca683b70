import { toError } from "../../core/errors.ts";
import { formatTime } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EventSink, SystemEvent } from "../../ports/event-source.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import { matchReplies, readBatch, type BatchedCall } from "./calls/batch-call.ts";
import { MAX_BATCH_PARTS, parseBatchParts } from "./calls/batch-parts.ts";
import { blobProperties, type BlobProperties } from "./calls/blob-properties.ts";
import { classifyCall, isBatch, type HeaderLookup, type StorageCall } from "./calls/classify-call.ts";
import { forwardResponse, forwardRequest, writeHead, type Exchange, type UpstreamResponse } from "./forward.ts";
import { headerOf } from "./header-of.ts";
import type { OwedEvents } from "./events/owed-events.ts";
import type { PendingCopies } from "./events/pending-copies.ts";
import { readLimitedBody } from "./read-limited-body.ts";
import { respondWithError } from "./storage-error.ts";
import { blobUrl, storageEvent, type CompletedCall, type UrlForm } from "./events/storage-event.ts";
import type { Upstream } from "./upstream.ts";

/** Collaborators of a call handler, and the account whose calls it handles. */
export interface CallHandlerDependencies {
  readonly account: { readonly name: string; readonly key: string };
  readonly sourceId: string;
  readonly urlForm: UrlForm;
  readonly upstream: Upstream;
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly copies: PendingCopies;
  readonly owed: OwedEvents;
  readonly nextSequencer: () => string;
}

/** Maximum size of a batch that the service accepts. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Limit for the response to a batch. Longer than the response to the longest batch. */
const MAX_BATCH_RESPONSE_BYTES = 16 * 1024 * 1024;
/** Number of concurrent property requests for the blobs of a batch. */
const BATCH_LOOKUPS = 8;

/**
 * Handles one call: forwards it, publishes the event it raised, then forwards the response.
 *
 * If the event cannot be stored, the client gets 503 ServerBusy although the service has carried out the call, so
 * that clients never rely on an event that was not stored. A client that retries repeats a put, a commit, a copy or
 * a change of tier on the same blob, which raises an event of its own. A delete or a conditional put cannot be
 * repeated: it fails with 404 or 409. Therefore the events of the first call are kept and published as soon as the
 * store accepts them, see {@link OwedEvents}. Publishing the event before the call would raise events for calls
 * that never happened.
 */
export class CallHandler {
  readonly #dependencies: CallHandlerDependencies;

  constructor(dependencies: CallHandlerDependencies) {
    this.#dependencies = dependencies;
  }

  /** Resolves when the response has been sent or the client has disconnected. */
  async handle(exchange: Exchange): Promise<void> {
    const { request } = exchange;
    const { method = "", url = "" } = request;
    try {
      if (isBatch(method, url)) await this.#batch(exchange);
      else await this.#single(exchange);
    } catch (thrown) {
      const { logger } = this.#dependencies;
      const { message: error } = toError(thrown);
      if (request.destroyed && !request.complete) {
        logger.debug("storage_request_cut", { method, error });
        return;
      }
      logger.warn("storage_upstream_failed", { method, error });
      this.#error(exchange, 503, "ServerBusy", "The Blob service behind this address does not respond.");
    }
  }

  /** Responds with 503 without forwarding the call. */
  refuse(exchange: Exchange, reason: string): Promise<void> {
    this.#error(exchange, 503, "ServerBusy", `The server is busy: ${reason}.`);
    return Promise.resolve();
  }

  async #single(exchange: Exchange): Promise<void> {
    const { account, clock, nextSequencer, upstream } = this.#dependencies;
    const { method = "", url = "", headers } = exchange.request;
    const header: HeaderLookup = (name) => headerOf(exchange.request, name);
    const call = classifyCall(account.name, { method, target: url, host: headers.host, header });
    if (call !== undefined && this.#dependencies.owed.isFull) {
      await this.refuse(exchange, "events of earlier requests are not stored yet");
      return;
    }
    const before = call?.facts === "before" ? await this.#facts(exchange, call, header) : undefined;
    if (exchange.response.destroyed) return;
    const upstreamResponse = await forwardRequest(exchange, { upstream, outlivesClient: call !== undefined });
    if (call === undefined || !isSuccess(upstreamResponse.status)) {
      await forwardResponse(exchange, upstreamResponse);
      return;
    }
    // Recorded now: reading properties takes time, during which the next call may complete.
    const stamp = { completedAt: clock.now(), sequencer: nextSequencer() };
    const properties = call.facts === "after" ? await this.#facts(exchange, call, header) : before;
    const responseHeader: HeaderLookup = (name) => headerOf(upstreamResponse.message, name);
    const bodyBytes = upstreamResponse.bodyBytes();
    const done = {
      call,
      status: upstreamResponse.status,
      requestHeader: header,
      responseHeader,
      bodyBytes,
      properties,
      ...stamp,
    };
    if (await this.#publish([{ ...done, url: this.#urlOf(exchange, call) }])) {
      this.#watchCopy(exchange, { ...done, url: this.#urlOf(exchange, call) });
      await forwardResponse(exchange, upstreamResponse);
    } else {
      this.#respondNotStored(exchange, upstreamResponse);
    }
  }

  /** Handles a batch of calls. Source: [EG-STORAGE-BATCH] */
  async #batch(exchange: Exchange): Promise<void> {
    const { account, clock, logger, nextSequencer, upstream } = this.#dependencies;
    const { request } = exchange;
    // The batch must be read before the service sees it, so the client is asked for its body here.
    if (exchange.awaitsContinue) exchange.response.writeContinue();
    const { chunks, whole } = await readLimitedBody(request, MAX_BATCH_BYTES);
    const body = whole ? Buffer.concat(chunks).toString("utf8") : "";
    const calls = readBatch(account.name, request.headers.host, request.headers["content-type"], body) ?? [];
    if (calls.length > 0 && this.#dependencies.owed.isFull) {
      await this.refuse(exchange, "events of earlier requests are not stored yet");
      return;
    }
    const before = await this.#factsOfBatch(exchange, calls);
    const passOn: Exchange = { ...exchange, awaitsContinue: false };
    const upstreamResponse = await forwardRequest(passOn, {
      upstream,
      readBody: chunks,
      outlivesClient: calls.length > 0,
    });
    if (calls.length === 0 || !isSuccess(upstreamResponse.status)) {
      if (isSuccess(upstreamResponse.status))
        logger.warn("storage_batch_unread", { bytes: upstreamResponse.bodyBytes() });
      await forwardResponse(exchange, upstreamResponse);
      return;
    }
    const reply = await readLimitedBody(upstreamResponse.message, MAX_BATCH_RESPONSE_BYTES);
    const bytes = Buffer.concat(reply.chunks);
    const replies = parseBatchParts(headerOf(upstreamResponse.message, "content-type"), bytes.toString("utf8"));
    if (replies === undefined || !reply.whole) throw new Error("the response to a batch cannot be read");
    const done = matchReplies(calls, before, replies).map((matched) => ({
      ...matched,
      bodyBytes: 0,
      url: this.#urlOf(exchange, matched.call),
      completedAt: clock.now(),
      sequencer: nextSequencer(),
    }));
    if (!(await this.#publish(done))) {
      this.#respondNotStored(exchange, upstreamResponse);
      return;
    }
    if (exchange.response.destroyed) return;
    writeHead(request, exchange.response, upstreamResponse.message);
    exchange.response.end(bytes);
  }

  /** Publishes the events of calls. Resolves with false if they could not be stored. */
  async #publish(calls: readonly CompletedCall[]): Promise<boolean> {
    const { sink, sourceId, random, logger } = this.#dependencies;
    const events: SystemEvent[] = calls.flatMap((call) => storageEvent(call, random) ?? []);
    if (events.length === 0) return true;
    try {
      await sink.publishSystemEvents(sourceId, events);
      return true;
    } catch (thrown) {
      logger.error("storage_publish_failed", { sourceId, events: events.length, error: toError(thrown).message });
      this.#dependencies.owed.add(events);
      return false;
    }
  }

  /** Responds with 503 in place of the service's response. Source: [EG-STORAGE-DURABLE] */
  #respondNotStored(exchange: Exchange, upstreamResponse: UpstreamResponse): void {
    upstreamResponse.message.resume();
    this.#error(
      exchange,
      503,
      "ServerBusy",
      "The server is busy: the request succeeded, but its event is not stored yet.",
    );
  }

  /**
   * Reads the blob's properties. Resolves with `undefined` if there are none or the request fails, so that the call
   * continues.
   */
  async #facts(exchange: Exchange, call: StorageCall, header: HeaderLookup): Promise<BlobProperties | undefined> {
    const { account, upstream, clock, logger } = this.#dependencies;
    const host = hostOf(exchange);
    try {
      return await blobProperties({ upstream, account, host, path: call.blob.path, header, now: clock.now() });
    } catch (thrown) {
      logger.warn("storage_properties_unknown", { api: call.api, error: toError(thrown).message });
      return undefined;
    }
  }

  async #factsOfBatch(exchange: Exchange, calls: readonly BatchedCall[]): Promise<(BlobProperties | undefined)[]> {
    const found = Array.from<BlobProperties | undefined>({ length: Math.min(calls.length, MAX_BATCH_PARTS) });
    const rest = calls.entries();
    const ask = async (): Promise<void> => {
      for (const [place, { call, part }] of rest) {
        if (call !== undefined) found[place] = await this.#facts(exchange, call, (name) => part.headers.get(name));
      }
    };
    await Promise.all(Array.from({ length: BATCH_LOOKUPS }, ask));
    return found;
  }

  #watchCopy(exchange: Exchange, done: CompletedCall): void {
    const copyId = done.responseHeader("x-ms-copy-id");
    const isPending = done.responseHeader("x-ms-copy-status")?.toLowerCase() === "pending";
    if (done.call.api !== "CopyBlob" || !isPending || copyId === undefined) return;
    const properties = (): Promise<BlobProperties | undefined> => {
      const { account, upstream, clock } = this.#dependencies;
      const { path } = done.call.blob;
      const host = hostOf(exchange);
      return blobProperties({ upstream, account, host, path, header: done.requestHeader, now: clock.now() });
    };
    const publish = async (found: BlobProperties): Promise<void> => {
      const { clock, nextSequencer } = this.#dependencies;
      const stamp = { completedAt: clock.now(), sequencer: nextSequencer() };
      await this.#publish([{ ...done, ...stamp, ...committed(done, found) }]);
    };
    this.#dependencies.copies.watch({ copyId, properties, publish });
  }

  #urlOf(exchange: Exchange, call: StorageCall): string {
    const { urlForm, account } = this.#dependencies;
    return blobUrl(urlForm, account.name, call.blob, `http://${hostOf(exchange)}`);
  }

  #error({ request, response }: Exchange, status: number, code: string, message: string): void {
    const { random, clock } = this.#dependencies;
    respondWithError(request, response, {
      status,
      code,
      message,
      requestId: random.uuid(),
      time: formatTime(clock.now()),
    });
  }
}

/** Returns the client's `Host` header. The listener refuses calls without one. */
function hostOf({ request }: Exchange): string {
  return request.headers.host ?? "";
}

/** Returns the response headers and properties that a copy would have had if it had completed at once. */
function committed(done: CompletedCall, found: BlobProperties): Pick<CompletedCall, "properties" | "responseHeader"> {
  const responseHeader: HeaderLookup = (name) => {
    if (name === "etag") return found.eTag;
    return name === "x-ms-copy-status" ? found.copyStatus : done.responseHeader(name);
  };
  return { properties: found, responseHeader };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}
