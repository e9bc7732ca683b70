import { Buffer } from "node:buffer";
import type { LockedDelivery } from "../../core/delivery.ts";
import type { EventDeliverySchema } from "../../core/event.ts";
import { encodeEvent } from "./encode-event.ts";

/** Body of a delivery request, and its content type. */
export interface EncodedDelivery {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * Encodes the body of one delivery request. Event Grid and custom events are always sent as an array, a CloudEvent
 * alone unless the subscription batches. Events that need no conversion are joined as they are stored. Throws
 * `internal` for a combination of schemas that the control plane refuses.
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

/**
 * Joins values that are JSON already into a JSON array.
 * Measured in docs/hot-path.md.
 */
export function jsonArray(values: readonly Uint8Array[]): Uint8Array {
  // One byte for the opening bracket, and one after each value: a comma, or the closing bracket after the last.
  const length = values.reduce((sum, value) => sum + value.length + 1, 1);
  const array = Buffer.allocUnsafe(Math.max(2, length));
  array[0] = OPEN;
  let at = 1;
  for (const value of values) {
    array.set(value, at);
    at += value.length;
    array[at] = COMMA;
    at += 1;
  }
  array[array.length - 1] = CLOSE;
  return array;
}

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
