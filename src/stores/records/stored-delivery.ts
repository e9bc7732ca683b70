import type { DeadLetterReason, DeliveryOutcomeName, FailedAttempt } from "../../core/delivery.ts";
import type { EventEnvelope } from "../../core/event.ts";
import type { EpochMs } from "../../core/time.ts";
import { ByteReader, ByteWriter } from "./stored-bytes.ts";
import { expectedEnvelopeBytes, readEnvelope, writeStoredEnvelope } from "./stored-envelope.ts";

/**
 * A delivery in its stored form. Its place in the queue (due time and arrival number) is its key and not part of it.
 */
export interface StoredDelivery {
  readonly deliveryCount: number;
  readonly enqueuedAt: EpochMs;
  readonly lastAttempt?: FailedAttempt;
  readonly deadLetterReason?: DeadLetterReason;
  /** The event, or the number of an event that is stored separately. */
  readonly event: EventEnvelope | number;
}

const SHARED_EVENT = 0b0001;
const HAS_ATTEMPT = 0b0010;
const HAS_HTTP_STATUS = 0b0100;
const HAS_REASON = 0b1000;
/** Flags, count, two times, status, and the lengths of three texts. */
const FIXED_BYTES = 1 + 5 + 8 + 8 + 5 + 3 * 2;
/** Offset of the event in the record of a first delivery. */
const EVENT_START = 1 + 1 + 8;

/** Encodes a delivery for {@link decodeStoredDelivery}. */
export function encodeStoredDelivery(delivery: StoredDelivery): Buffer {
  const { deliveryCount, enqueuedAt, lastAttempt, deadLetterReason, event } = delivery;
  const shared = typeof event === "number";
  const status = lastAttempt?.httpStatus;
  const writer = new ByteWriter(
    FIXED_BYTES +
      (lastAttempt === undefined ? 0 : lastAttempt.outcome.length + lastAttempt.detail.length) +
      (deadLetterReason?.length ?? 0) +
      (shared ? 6 : expectedEnvelopeBytes(event)),
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
    writer.text(lastAttempt.outcome);
    writer.text(lastAttempt.detail);
    if (status !== undefined) writer.varint(status);
  }
  if (deadLetterReason !== undefined) writer.text(deadLetterReason);
  if (shared) writer.uint48(event);
  else writeStoredEnvelope(writer, event);
  return writer.finish();
}

/**
 * Writes the first delivery of an event, as {@link encodeStoredDelivery} encodes `{ deliveryCount: 0, enqueuedAt, event
 * }`.
 */
export function writeFirstDelivery(writer: ByteWriter, event: EventEnvelope, enqueuedAt: EpochMs): void {
  writer.uint8(0);
  writer.varint(0);
  writer.double(enqueuedAt);
  writeStoredEnvelope(writer, event);
}

/** Returns the number of bytes that {@link writeFirstDelivery} writes if the event's texts are ASCII. */
export function expectedFirstDeliveryBytes(event: EventEnvelope): number {
  return EVENT_START + expectedEnvelopeBytes(event);
}

/**
 * Decodes the delivery in `bytes` from `start` up to, but not including, `end`. See `readEnvelope` for its event.
 * Throws `internal` if the bytes are not a delivery.
 */
export function decodeStoredDelivery(bytes: Uint8Array, start?: number, end?: number): StoredDelivery {
  const reader = new ByteReader(bytes, start, end);
  const flags = reader.uint8();
  const deliveryCount = reader.varint();
  const enqueuedAt = reader.double();
  // The most frequent case: a delivery that was never attempted and contains its event.
  if (flags === 0) return { deliveryCount, enqueuedAt, event: readEnvelope(reader) };
  const lastAttempt = flags & HAS_ATTEMPT ? readAttempt(reader, (flags & HAS_HTTP_STATUS) !== 0) : undefined;
  const deadLetterReason = flags & HAS_REASON ? (reader.text() as DeadLetterReason) : undefined;
  return {
    deliveryCount,
    enqueuedAt,
    ...(lastAttempt !== undefined && { lastAttempt }),
    ...(deadLetterReason !== undefined && { deadLetterReason }),
    event: flags & SHARED_EVENT ? reader.uint48() : readEnvelope(reader),
  };
}

function readAttempt(reader: ByteReader, hasStatus: boolean): FailedAttempt {
  const at = reader.double();
  const outcome = reader.text() as DeliveryOutcomeName;
  const detail = reader.text();
  return { at, outcome, detail, ...(hasStatus && { httpStatus: reader.varint() }) };
}
