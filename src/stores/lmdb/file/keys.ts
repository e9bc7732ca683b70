import { RingmainError } from "../../../core/errors.ts";
import type { EpochMs } from "../../../core/time.ts";

/** A delivery's place in its queue: due time, then arrival. */
export interface Place {
  readonly dueAt: EpochMs;
  /** Number of the arrival, unique in the store. A delivery keeps it when it is released. */
  readonly sequence: number;
}

/** Place of a record of deliveries: that of its first delivery. */
export interface RecordPlace extends Place {
  /**
   * Number of deliveries with which the record was written, which have consecutive sequence numbers. A record of more
   * than one delivery is a pack.
   */
  readonly size: number;
}

/** A delivery's place, and the record that contains it. */
export interface DeliveryPlace extends Place {
  readonly record: RecordPlace;
}

/** The place before all deliveries of a queue. */
export const FIRST_PLACE: Place = { dueAt: Number.NEGATIVE_INFINITY, sequence: 0 };
/** The place behind all deliveries of a queue. */
export const LAST_PLACE: Place = { dueAt: Number.POSITIVE_INFINITY, sequence: 2 ** 48 - 1 };

const QUEUE_BYTES = 4;
const DUE_BYTES = 8;
const SEQUENCE_BYTES = 6;
const SIZE_BYTES = 2;
/** Size of the key of a single delivery. */
export const SINGLE_KEY_BYTES: number = QUEUE_BYTES + DUE_BYTES + SEQUENCE_BYTES;
/** Size of the key of a pack. */
export const PACK_KEY_BYTES: number = SINGLE_KEY_BYTES + SIZE_BYTES;

export function isBefore(one: Place, other: Place): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.sequence < other.sequence);
}

/** Returns the place of the delivery at an index of a record. */
export function nth(record: RecordPlace, index: number): DeliveryPlace {
  return { dueAt: record.dueAt, sequence: record.sequence + index, record };
}

/** Returns the place of a delivery that has its own record. */
export function singlePlace(dueAt: EpochMs, sequence: number): DeliveryPlace {
  return nth({ dueAt, sequence, size: 1 }, 0);
}

/**
 * Returns the key of a single delivery: 18 bytes that sort by queue, due time and arrival. The bytes of a double sort
 * by its value if the sign bit is inverted (for negative numbers, all bits).
 */
export function deliveryKey(queueId: number, place: Place): Buffer {
  return writeKey(Buffer.allocUnsafe(SINGLE_KEY_BYTES), queueId, place);
}

/**
 * Returns the key of any record of deliveries. The key of a pack ends with its size, so that it differs from that of a
 * single delivery.
 */
export function recordKey(queueId: number, record: RecordPlace): Buffer {
  if (record.size === 1) return deliveryKey(queueId, record);
  const key = writeKey(Buffer.allocUnsafe(PACK_KEY_BYTES), queueId, record);
  key.writeUInt16BE(record.size, SINGLE_KEY_BYTES);
  return key;
}

function writeKey(key: Buffer, queueId: number, { dueAt, sequence }: Place): Buffer {
  key.writeUInt32BE(queueId, 0);
  // Adding zero turns -0, which would sort before 0, into 0.
  key.writeDoubleBE(dueAt + 0, QUEUE_BYTES);
  flipDue(key, (key[QUEUE_BYTES] ?? 0) >= 0x80);
  key.writeUIntBE(sequence, QUEUE_BYTES + DUE_BYTES, SEQUENCE_BYTES);
  return key;
}

/** Returns the place in a record's key. */
export function recordPlaceOf(key: Uint8Array): RecordPlace {
  const copy = Buffer.from(key);
  flipDue(copy, (copy[QUEUE_BYTES] ?? 0) < 0x80);
  return {
    dueAt: copy.readDoubleBE(QUEUE_BYTES),
    sequence: copy.readUIntBE(QUEUE_BYTES + DUE_BYTES, SEQUENCE_BYTES),
    size: copy.length === PACK_KEY_BYTES ? copy.readUInt16BE(SINGLE_KEY_BYTES) : 1,
  };
}

function flipDue(key: Buffer, negative: boolean): void {
  const bytes = negative ? DUE_BYTES : 1;
  for (let index = QUEUE_BYTES; index < QUEUE_BYTES + bytes; index += 1) {
    key[index] = (key[index] ?? 0) ^ (negative ? 0xff : 0x80);
  }
}

/** Returns the key for a number: 4 bytes for that of a queue, 6 for that of an event. */
export function numberKey(value: number, bytes: 4 | 6): Buffer {
  const key = Buffer.allocUnsafe(bytes);
  key.writeUIntBE(value, 0, bytes);
  return key;
}

/** Maximum size of a key in LMDB with pages of 4 KiB. */
const MAX_KEY_BYTES = 1_978;

/** Returns the key for a name. Throws `invalid_request` if it is empty or too long. */
export function textKey(text: string): Buffer {
  const key = Buffer.from(text, "utf8");
  if (key.length > 0 && key.length <= MAX_KEY_BYTES) return key;
  throw new RingmainError(
    "invalid_request",
    `A name of ${key.length} bytes cannot be stored: 1 to ${MAX_KEY_BYTES} bytes are allowed`,
  );
}
