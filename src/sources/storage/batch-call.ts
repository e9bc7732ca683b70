import { parseBatchParts, type BatchPart } from "./batch-parts.ts";
import type { BlobProperties } from "./blob-properties.ts";
import { classifyCall, type HeaderLookup, type StorageCall } from "./classify-call.ts";

/** One call within a batch. */
export interface BatchedCall {
  readonly part: BatchPart;
  /** `undefined` when it raises no event. */
  readonly call: StorageCall | undefined;
}

/** A call within a batch, and what the service answered to it. */
export interface BatchedReply {
  readonly call: StorageCall;
  readonly status: number;
  readonly requestHeader: HeaderLookup;
  readonly responseHeader: HeaderLookup;
  readonly properties: BlobProperties | undefined;
}

/**
 * The calls of a batch's body; `undefined` when it is not a batch that the service would accept.
 * Source: [EG-STORAGE-BATCH]
 */
export function readBatch(
  account: string,
  host: string | undefined,
  contentType: string | undefined,
  body: string,
): BatchedCall[] | undefined {
  return parseBatchParts(contentType, body)?.map((part) => {
    const [method = "", target = ""] = part.startLine.split(" ");
    const path = target.startsWith("/") ? target : `/${target}`;
    const head = { method: method.toUpperCase(), target: path, host, header: lookUp(part) };
    return { part, call: classifyCall(account, head) };
  });
}

/**
 * Brings the calls of a batch together with their answers, by content id; by place where the answer carries none.
 * In the order of the answers, which is the order in which the service did them.
 * Source: [EG-STORAGE-BATCH]
 *
 * @param properties what was known of the blob of each call before, in the order of the calls
 */
export function matchReplies(
  calls: readonly BatchedCall[],
  properties: readonly (BlobProperties | undefined)[],
  replies: readonly BatchPart[],
): BatchedReply[] {
  const places = new Map(calls.map(({ part }, place) => [part.contentId, place]));
  return replies.flatMap((reply, index) => {
    const sameShape = replies.length === calls.length;
    const place = reply.contentId === undefined ? (sameShape ? index : -1) : (places.get(reply.contentId) ?? -1);
    const asked = calls[place];
    if (asked?.call === undefined) return [];
    const status = Number(/^HTTP\/\d\.\d (\d{3})/.exec(reply.startLine)?.[1]);
    const headers = { requestHeader: lookUp(asked.part), responseHeader: lookUp(reply) };
    return [{ call: asked.call, status, ...headers, properties: properties[place] }];
  });
}

function lookUp(part: BatchPart): HeaderLookup {
  return (name) => part.headers.get(name);
}
