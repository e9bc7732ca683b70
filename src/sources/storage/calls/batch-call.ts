import { parseBatchParts, type BatchPart } from "./batch-parts.ts";
import type { BlobProperties } from "./blob-properties.ts";
import { classifyCall, type HeaderLookup, type StorageCall } from "./classify-call.ts";

/** One call in a batch. */
export interface BatchedCall {
  readonly part: BatchPart;
  /** The classified call; `undefined` if it raises no event. */
  readonly call: StorageCall | undefined;
}

/** A call in a batch, with the service's response to it. */
export interface BatchedReply {
  readonly call: StorageCall;
  readonly status: number;
  readonly requestHeader: HeaderLookup;
  readonly responseHeader: HeaderLookup;
  readonly properties: BlobProperties | undefined;
}

/**
 * Parses the calls in the body of a batch. Returns `undefined` for a body that the service would not accept as a batch.
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
    const head = { method: method.toUpperCase(), target: path, host, header: headerLookup(part) };
    return { part, call: classifyCall(account, head) };
  });
}

/**
 * Pairs the calls of a batch with the service's replies, by content id, or by position if the replies have none.
 * Returns them in the order of the replies, which is the order in which the service carried out the calls.
 * Source: [EG-STORAGE-BATCH]
 *
 * @param properties properties of each call's blob before the batch, in the order of the calls
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
    const batched = calls[place];
    if (batched?.call === undefined) return [];
    const status = Number(/^HTTP\/\d\.\d (\d{3})/.exec(reply.startLine)?.[1]);
    const headers = { requestHeader: headerLookup(batched.part), responseHeader: headerLookup(reply) };
    return [{ call: batched.call, status, ...headers, properties: properties[place] }];
  });
}

function headerLookup(part: BatchPart): HeaderLookup {
  return (name) => part.headers.get(name);
}
