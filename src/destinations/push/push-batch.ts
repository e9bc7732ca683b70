import { createHash } from "node:crypto";
import { encodeDelivery } from "../../codec/encode/encode-delivery.ts";
import type { LockedDelivery } from "../../core/delivery.ts";
import type { BatchingProperties } from "../../core/destinations/destination-property.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import type { HttpSender } from "../outgoing/http-client.ts";
import type { HttpReply } from "../outgoing/http-exchange.ts";
import type { HttpTarget } from "../outgoing/http-target.ts";
import type { DeliveryHeaders } from "./delivery-headers.ts";

/**
 * Returns whether requests carry batches. Only the count decides: with just a size, requests have one event.
 * [EG-BATCH-OUT]
 */
export function isBatched({ maxEventsPerBatch = 1 }: BatchingProperties): boolean {
  return maxEventsPerBatch > 1;
}

/** Posts batches of one subscription. */
export type PushBatch = (
  target: HttpTarget,
  batch: readonly LockedDelivery[],
  signal: AbortSignal,
  trace?: TraceContext,
) => Promise<HttpReply>;

/** Options for {@link createPushBatch}. */
export interface PushBatchOptions {
  readonly headers: DeliveryHeaders;
  /** Whether requests carry batches. Default: `false`. */
  readonly batched?: boolean;
  /** Bytes of the response body that the caller reads. Default: 0. */
  readonly keepBytes?: number;
}

/** Returns a function that posts batches of one subscription. */
export function createPushBatch(
  client: HttpSender,
  subscriber: Subscriber,
  { headers: deliveryHeaders, batched = false, keepBytes = 0 }: PushBatchOptions,
): PushBatch {
  const { eventDeliverySchema } = subscriber;
  return (target, batch, signal, trace) => {
    const [first] = batch;
    if (first === undefined) throw new RangeError("A batch holds at least one delivery.");
    const { contentType, body } = encodeDelivery(batch, eventDeliverySchema, batched);
    const headers = deliveryHeaders.ofBatch(first, contentType, trace);
    const messageId = (): string => messageIdOf(batch);
    return client.send({ target, method: "POST", headers, body, keepBytes, messageId }, signal);
  };
}

/** Returns an event's own id, or a hash of all ids for a batch, because a retry may batch the events differently. */
function messageIdOf(batch: readonly LockedDelivery[]): string {
  const ids = batch.map(({ event }) => event.systemId);
  return ids.length === 1 ? ids.join() : createHash("sha256").update(ids.join("\n")).digest("base64url");
}
