import { toError } from "../../core/errors.ts";
import { formatTime } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EventSink, SystemEvent } from "../../ports/event-source.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import { matchReplies, readBatch, type BatchedCall } from "./batch-call.ts";
import { MAX_BATCH_PARTS, parseBatchParts } from "./batch-parts.ts";
import { blobProperties, type BlobProperties } from "./blob-properties.ts";
import { classifyCall, isBatch, type HeaderLookup, type StorageCall } from "./classify-call.ts";
import { forwardAnswer, forwardRequest, writeHead, type Exchange, type UpstreamAnswer } from "./forward.ts";
import { headerOf } from "./header-of.ts";
import type { OwedEvents } from "./owed-events.ts";
import type { PendingCopies } from "./pending-copies.ts";
import { readBody } from "./read-body.ts";
import { answerWithError } from "./storage-error.ts";
import { blobUrl, storageEvent, type CompletedCall, type UrlForm } from "./storage-event.ts";
import type { Upstream } from "./upstream.ts";

/** What a call is handled with. */
export interface CallHandlerDeps {
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

/** As much as the service takes as a batch. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** More than the answer to the longest batch. */
const MAX_BATCH_ANSWER_BYTES = 16 * 1024 * 1024;
/** How many blobs of a batch are asked for at once. */
const BATCH_LOOKUPS = 8;

/**
 * Handles one call: passes it on, publishes the event it raised, then passes the answer on.
 *
 * When the events cannot be kept, the client is told 503 ServerBusy although the service has done its work, so that
 * nobody takes them for raised. A client that comes again does a put, a commit, a copy or a change of tier once more,
 * on the same blob, which raises its own event; a delete finds nothing and fails with 404, a put on the condition that
 * there is no blob fails with 409. The events of the first try are therefore owed: they are raised as soon as the store
 * takes them, see {@link OwedEvents}. The other order, the event first, would raise events of what never happened.
 */
export class CallHandler {
  readonly #deps: CallHandlerDeps;

  constructor(deps: CallHandlerDeps) {
    this.#deps = deps;
  }

  /** Resolves when the client has its answer, or is gone. */
  async handle(exchange: Exchange): Promise<void> {
    const { request } = exchange;
    const { method = "", url = "" } = request;
    try {
      if (isBatch(method, url)) await this.#batch(exchange);
      else await this.#single(exchange);
    } catch (thrown) {
      this.#deps.logger.warn("storage_upstream_failed", { method, error: toError(thrown).message });
      this.#error(exchange, 503, "ServerBusy", "The Blob service behind this address does not answer.");
    }
  }

  /** Answers 503 without passing the call on. */
  refuse(exchange: Exchange, reason: string): Promise<void> {
    this.#error(exchange, 503, "ServerBusy", `The server is busy: ${reason}.`);
    return Promise.resolve();
  }

  async #single(exchange: Exchange): Promise<void> {
    const { account, clock, nextSequencer, upstream } = this.#deps;
    const { method = "", url = "", headers } = exchange.request;
    const header: HeaderLookup = (name) => headerOf(exchange.request, name);
    const call = classifyCall(account.name, { method, target: url, host: headers.host, header });
    if (call !== undefined && this.#deps.owed.isFull) {
      await this.refuse(exchange, "events of earlier calls have yet to be kept");
      return;
    }
    const before = call?.facts === "before" ? await this.#facts(exchange, call, header) : undefined;
    if (exchange.response.destroyed) return;
    const answer = await forwardRequest(exchange, { upstream, outlivesClient: call !== undefined });
    if (call === undefined || !isSuccess(answer.status)) {
      await forwardAnswer(exchange, answer);
      return;
    }
    // Taken at once: what is asked for next takes time, in which the next call may be answered.
    const stamp = { answeredAt: clock.now(), sequencer: nextSequencer() };
    const properties = call.facts === "after" ? await this.#facts(exchange, call, header) : before;
    const responseHeader: HeaderLookup = (name) => headerOf(answer.message, name);
    const bodyBytes = answer.bodyBytes();
    const done = {
      call,
      status: answer.status,
      requestHeader: header,
      responseHeader,
      bodyBytes,
      properties,
      ...stamp,
    };
    if (await this.#publish([{ ...done, url: this.#urlOf(exchange, call) }])) {
      this.#watchCopy(exchange, { ...done, url: this.#urlOf(exchange, call) });
      await forwardAnswer(exchange, answer);
    } else {
      this.#notKept(exchange, answer);
    }
  }

  /** Source: [EG-STORAGE-BATCH] */
  async #batch(exchange: Exchange): Promise<void> {
    const { account, clock, logger, nextSequencer, upstream } = this.#deps;
    const { request } = exchange;
    // Has to be read before the service sees it, so the client is told here to send it.
    if (exchange.awaitsContinue) exchange.response.writeContinue();
    const { chunks, whole } = await readBody(request, MAX_BATCH_BYTES);
    const body = whole ? Buffer.concat(chunks).toString("utf8") : "";
    const calls = readBatch(account.name, request.headers.host, request.headers["content-type"], body) ?? [];
    if (calls.length > 0 && this.#deps.owed.isFull) {
      await this.refuse(exchange, "events of earlier calls have yet to be kept");
      return;
    }
    const before = await this.#factsOfBatch(exchange, calls);
    const passOn: Exchange = { ...exchange, awaitsContinue: false };
    const answer = await forwardRequest(passOn, { upstream, readBody: chunks, outlivesClient: calls.length > 0 });
    if (calls.length === 0 || !isSuccess(answer.status)) {
      if (isSuccess(answer.status)) logger.warn("storage_batch_unread", { bytes: answer.bodyBytes() });
      await forwardAnswer(exchange, answer);
      return;
    }
    const reply = await readBody(answer.message, MAX_BATCH_ANSWER_BYTES);
    const bytes = Buffer.concat(reply.chunks);
    const replies = parseBatchParts(headerOf(answer.message, "content-type"), bytes.toString("utf8"));
    if (replies === undefined || !reply.whole) throw new Error("the answer to a batch cannot be read");
    const done = matchReplies(calls, before, replies).map((matched) => ({
      ...matched,
      bodyBytes: 0,
      url: this.#urlOf(exchange, matched.call),
      answeredAt: clock.now(),
      sequencer: nextSequencer(),
    }));
    if (!(await this.#publish(done))) {
      this.#notKept(exchange, answer);
      return;
    }
    if (exchange.response.destroyed) return;
    writeHead(request, exchange.response, answer.message);
    exchange.response.end(bytes);
  }

  /** Answers false when the events could not be kept. */
  async #publish(calls: readonly CompletedCall[]): Promise<boolean> {
    const { sink, sourceId, random, logger } = this.#deps;
    const events: SystemEvent[] = calls.flatMap((call) => storageEvent(call, random) ?? []);
    if (events.length === 0) return true;
    try {
      await sink.publishSystemEvents(sourceId, events);
      return true;
    } catch (thrown) {
      logger.error("storage_publish_failed", { sourceId, events: events.length, error: toError(thrown).message });
      this.#deps.owed.add(events);
      return false;
    }
  }

  /** Source: [EG-STORAGE-DURABLE] */
  #notKept(exchange: Exchange, answer: UpstreamAnswer): void {
    answer.message.resume();
    this.#error(
      exchange,
      503,
      "ServerBusy",
      "The server is busy: the call was carried out, but its event could not be kept yet.",
    );
  }

  /** The blob's properties; `undefined` when there is none or when they cannot be had, which stops no call. */
  async #facts(exchange: Exchange, call: StorageCall, header: HeaderLookup): Promise<BlobProperties | undefined> {
    const { account, upstream, clock, logger } = this.#deps;
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
      const { account, upstream, clock } = this.#deps;
      const { path } = done.call.blob;
      const host = hostOf(exchange);
      return blobProperties({ upstream, account, host, path, header: done.requestHeader, now: clock.now() });
    };
    const publish = async (found: BlobProperties): Promise<void> => {
      const { clock, nextSequencer } = this.#deps;
      const stamp = { answeredAt: clock.now(), sequencer: nextSequencer() };
      await this.#publish([{ ...done, ...stamp, ...committed(done, found) }]);
    };
    this.#deps.copies.watch({ copyId, properties, publish });
  }

  #urlOf(exchange: Exchange, call: StorageCall): string {
    const { urlForm, account } = this.#deps;
    return blobUrl(urlForm, account.name, call.blob, `http://${hostOf(exchange)}`);
  }

  #error({ request, response }: Exchange, status: number, code: string, message: string): void {
    const { random, clock } = this.#deps;
    answerWithError(request, response, {
      status,
      code,
      message,
      requestId: random.uuid(),
      time: formatTime(clock.now()),
    });
  }
}

/** The `Host` that the client sent: the listener has refused a call without one. */
function hostOf({ request }: Exchange): string {
  return request.headers.host ?? "";
}

/** The answer to a copy as it would have been, had the copy been complete. */
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
