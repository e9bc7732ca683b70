import type { DeadLetterReason, DeliveryOutcomeName, FailedAttempt } from "../core/delivery.ts";
import type { EpochMs } from "../core/time.ts";
import { ByteReader, ByteWriter, textBytes, varintBytes } from "./stored-bytes.ts";

/** A delivery as a store keeps it. Its place in the queue (due time, arrival) is its key, not part of it. */
export interface StoredDelivery {
  readonly deliveryCount: number;
  readonly enqueuedAt: EpochMs;
  readonly lastAttempt?: FailedAttempt;
  readonly deadLetterReason?: DeadLetterReason;
  /** The event's own bytes, or the number under which an event shared by several deliveries is kept. */
  readonly event: Uint8Array | number;
}

const SHARED_EVENT = 0b0001;
const HAS_ATTEMPT = 0b0010;
const HAS_HTTP_STATUS = 0b0100;
const HAS_REASON = 0b1000;

/** Encodes a delivery; {@link decodeDelivery} gives an equal one back. */
export function encodeDelivery(delivery: StoredDelivery): Uint8Array {
  const { deliveryCount, enqueuedAt, lastAttempt, deadLetterReason, event } = delivery;
  const shared = typeof event === "number";
  const outcomeBytes = textBytes(lastAttempt?.outcome ?? "");
  const detailBytes = textBytes(lastAttempt?.detail ?? "");
  const reasonBytes = textBytes(deadLetterReason ?? "");
  const status = lastAttempt?.httpStatus;
  const writer = new ByteWriter(
    1 +
      varintBytes(deliveryCount) +
      8 +
      (lastAttempt === undefined
        ? 0
        : 8 + varintBytes(outcomeBytes) + outcomeBytes + varintBytes(detailBytes) + detailBytes) +
      (status === undefined ? 0 : varintBytes(status)) +
      (deadLetterReason === undefined ? 0 : varintBytes(reasonBytes) + reasonBytes) +
      (shared ? 6 : event.length),
  );
  writer.uint8(
    (shared ? SHARED_EVENT : 0) |
      (lastAttempt === undefined ? 0 : HAS_ATTEMPT) |
      (status === undefined ? 0 : HAS_HTTP_STATUS) |
      (deadLetterReason === undefined ? 0 : HAS_REASON),
  );
  writer.varint(deliveryCount);
  writer.double(enqueuedAt);
  if (lastAttempt !== undefined) {
    writer.double(lastAttempt.at);
    writer.text(lastAttempt.outcome, outcomeBytes);
    writer.text(lastAttempt.detail, detailBytes);
    if (status !== undefined) writer.varint(status);
  }
  if (deadLetterReason !== undefined) writer.text(deadLetterReason, reasonBytes);
  if (shared) writer.uint48(event);
  else writer.rest(event);
  return writer.bytes;
}

/** Reads a delivery. The event's bytes are a view of `bytes`. Errors: `internal` when the bytes are no delivery. */
export function decodeDelivery(bytes: Uint8Array): StoredDelivery {
  const reader = new ByteReader(bytes);
  const flags = reader.uint8();
  const deliveryCount = reader.varint();
  const enqueuedAt = reader.double();
  const lastAttempt = flags & HAS_ATTEMPT ? readAttempt(reader, (flags & HAS_HTTP_STATUS) !== 0) : undefined;
  const deadLetterReason = flags & HAS_REASON ? (reader.text() as DeadLetterReason) : undefined;
  return {
    deliveryCount,
    enqueuedAt,
    ...(lastAttempt !== undefined && { lastAttempt }),
    ...(deadLetterReason !== undefined && { deadLetterReason }),
    event: flags & SHARED_EVENT ? reader.uint48() : reader.rest(),
  };
}

function readAttempt(reader: ByteReader, hasStatus: boolean): FailedAttempt {
  const at = reader.double();
  const outcome = reader.text() as DeliveryOutcomeName;
  const detail = reader.text();
  return { at, outcome, detail, ...(hasStatus && { httpStatus: reader.varint() }) };
}
