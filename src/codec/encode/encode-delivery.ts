import { Buffer } from "node:buffer";
import type { LockedDelivery } from "../../core/delivery.ts";
import type { EventDeliverySchema } from "../../core/event.ts";
import { encodeEvent } from "./encode-event.ts";

/** A delivery request's body and the header that says what it is. */
export interface EncodedDelivery {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * The body of one delivery request. Event Grid and custom events are always an array; a CloudEvent stands alone
 * unless the subscription batches. Events that need no conversion are joined as they are stored.
 * Throws `internal` for a combination of schemas that the control plane refuses.
 * Source: [EG-DELIVERY-BODY]
 */
export function encodeDelivery(
  deliveries: readonly LockedDelivery[],
  schema: EventDeliverySchema,
  batched: boolean,
): EncodedDelivery {
  const events = deliveries.map(({ event }) => encodeEvent(event, schema));
  if (schema !== "CloudEventSchemaV1_0") {
    return { contentType: "application/json; charset=utf-8", body: jsonArray(events) };
  }
  const [only] = events;
  return !batched && events.length === 1 && only !== undefined
    ? { contentType: "application/cloudevents+json; charset=utf-8", body: only }
    : { contentType: "application/cloudevents-batch+json; charset=utf-8", body: jsonArray(events) };
}

/** A JSON array of values that are JSON already. */
export function jsonArray(values: readonly Uint8Array[]): Uint8Array {
  let length = values.length === 0 ? 2 : 1;
  for (const value of values) length += 1 + value.length;
  const array = Buffer.allocUnsafe(length);
  let at = 0;
  for (const value of values) {
    array[at] = at === 0 ? OPEN : COMMA;
    array.set(value, at + 1);
    at += 1 + value.length;
  }
  if (at === 0) array[at++] = OPEN;
  array[at] = CLOSE;
  return array;
}

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
