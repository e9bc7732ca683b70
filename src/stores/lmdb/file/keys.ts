import { RingmainError } from "../../../core/errors.ts";
import type { EpochMs } from "../../../core/time.ts";

/** A delivery's place in its queue: due time first, then arrival. */
export interface Place {
  readonly dueAt: EpochMs;
  /** Counts arrivals over the whole store; unique, and kept when a delivery is released. */
  readonly sequence: number;
}

/** Where a record of deliveries stands: at the place of its first one. */
export interface RecordPlace extends Place {
  /** How many deliveries it was written with, numbered one after the other; more than one make it a pack. */
  readonly size: number;
}

/** A delivery's place, and which record holds it. */
export interface DeliveryPlace extends Place {
  readonly record: RecordPlace;
}

/** Before every delivery of a queue. */
export const FIRST_PLACE: Place = { dueAt: Number.NEGATIVE_INFINITY, sequence: 0 };
/** Behind every delivery of a queue. */
export const LAST_PLACE: Place = { dueAt: Number.POSITIVE_INFINITY, sequence: 2 ** 48 - 1 };

const QUEUE_BYTES = 4;
const DUE_BYTES = 8;
const SEQUENCE_BYTES = 6;
const SIZE_BYTES = 2;
/** Bytes of the key of a single delivery. */
export const SINGLE_KEY_BYTES: number = QUEUE_BYTES + DUE_BYTES + SEQUENCE_BYTES;
/** Bytes of the key of a pack. */
export const PACK_KEY_BYTES: number = SINGLE_KEY_BYTES + SIZE_BYTES;

export function isBefore(one: Place, other: Place): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.sequence < other.sequence);
}

/** The delivery with this index in a record. */
export function nth(record: RecordPlace, index: number): DeliveryPlace {
  return { dueAt: record.dueAt, sequence: record.sequence + index, record };
}

/** The place of a record of one delivery. */
export function singlePlace(dueAt: EpochMs, sequence: number): DeliveryPlace {
  return nth({ dueAt, sequence, size: 1 }, 0);
}

/**
 * The key of a record of one delivery, 18 bytes that sort as queue, due time, arrival. Doubles sort as bytes once the
 * sign bit is flipped (all bits, for negative ones).
 */
export function deliveryKey(queueId: number, place: Place): Buffer {
  return writeKey(Buffer.allocUnsafe(SINGLE_KEY_BYTES), queueId, place);
}

/** The key of any record of deliveries. That of a pack has its size behind the rest, and so is nobody else's. */
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

/** The place that a record's key names. */
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

/** The key of a number: 4 bytes for a queue's, 6 for an event's. */
export function numberKey(value: number, bytes: 4 | 6): Buffer {
  const key = Buffer.allocUnsafe(bytes);
  key.writeUIntBE(value, 0, bytes);
  return key;
}

/** LMDB's own limit on keys, with the page size of 4 KiB. */
const MAX_KEY_BYTES = 1_978;

/** The key of a name. Errors: `invalid_request` when it is empty or longer than a key can be. */
export function textKey(text: string): Buffer {
  const key = Buffer.from(text, "utf8");
  if (key.length > 0 && key.length <= MAX_KEY_BYTES) return key;
  throw new RingmainError(
    "invalid_request",
    `A name of ${key.length} bytes cannot be stored: 1 to ${MAX_KEY_BYTES} bytes are allowed`,
  );
}
