import type { DeadLetterReason, DeliveryOutcomeName, FailedAttempt } from "../../core/delivery.ts";
import type { EventEnvelope } from "../../core/event.ts";
import type { EpochMs } from "../../core/time.ts";
import { ByteReader, ByteWriter } from "./stored-bytes.ts";
import { expectedEnvelopeBytes, readEnvelope, writeStoredEnvelope } from "./stored-envelope.ts";

/** A delivery as a store keeps it. Its place in the queue (due time, arrival) is its key, not part of it. */
export interface StoredDelivery {
  readonly deliveryCount: number;
  readonly enqueuedAt: EpochMs;
  readonly lastAttempt?: FailedAttempt;
  readonly deadLetterReason?: DeadLetterReason;
  /** The event itself, or the number under which one that is kept apart is stored. */
  readonly event: EventEnvelope | number;
}

const SHARED_EVENT = 0b0001;
const HAS_ATTEMPT = 0b0010;
const HAS_HTTP_STATUS = 0b0100;
const HAS_REASON = 0b1000;
/** Flags, count, two times, a status and the lengths of three texts. */
const FIXED_BYTES = 1 + 5 + 8 + 8 + 5 + 3 * 2;
/** Where the event begins in the record of a first delivery. */
const EVENT_START = 1 + 1 + 8;

/** Encodes a delivery; {@link decodeStoredDelivery} gives an equal one back. */
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

/** Writes the first delivery of an event: what {@link encodeStoredDelivery} makes of `{ deliveryCount: 0, enqueuedAt, event }`. */
export function writeFirstDelivery(writer: ByteWriter, event: EventEnvelope, enqueuedAt: EpochMs): void {
  writer.uint8(0);
  writer.varint(0);
  writer.double(enqueuedAt);
  writeStoredEnvelope(writer, event);
}

/** How many bytes {@link writeFirstDelivery} writes, as long as the event's texts are ASCII. */
export function expectedFirstDeliveryBytes(event: EventEnvelope): number {
  return EVENT_START + expectedEnvelopeBytes(event);
}

/**
 * Reads the delivery that stands in `bytes` from `start` on, up to but without `end`. Its event is read from there when
 * it is asked for: see `readEnvelope`. Errors: `internal` when the bytes are no delivery.
 */
export function decodeStoredDelivery(bytes: Uint8Array, start?: number, end?: number): StoredDelivery {
  const reader = new ByteReader(bytes, start, end);
  const flags = reader.uint8();
  const deliveryCount = reader.varint();
  const enqueuedAt = reader.double();
  // What nearly all are: never attempted, with the event in it.
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
