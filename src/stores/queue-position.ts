import type { QueuePosition } from "../core/delivery.ts";
import { RingmainError } from "../core/errors.ts";
import type { EpochMs } from "../core/time.ts";

/** The due time and arrival number by which a queue is ordered. */
export interface OrderedPlace {
  readonly dueAt: EpochMs;
  readonly sequence: number;
}

const DUE_DIGITS = 16;

/** Encodes a place: the bytes of its due time in hexadecimal, then its arrival number in base 36. */
export function encodePosition({ dueAt, sequence }: OrderedPlace): QueuePosition {
  const due = Buffer.allocUnsafe(8);
  due.writeDoubleBE(dueAt);
  return `${due.toString("hex")}${sequence.toString(36)}` as QueuePosition;
}

/** Decodes the result of {@link encodePosition}. Throws `invalid_request` for any other text. */
export function decodePosition(position: QueuePosition): OrderedPlace {
  const [, due, number] = new RegExp(`^([0-9a-f]{${DUE_DIGITS}})([0-9a-z]{1,10})$`).exec(position) ?? [];
  const dueAt = Buffer.from(due ?? "", "hex");
  const sequence = Number.parseInt(number ?? "", 36);
  if (dueAt.length === 8 && Number.isSafeInteger(sequence)) {
    const time = dueAt.readDoubleBE();
    if (!Number.isNaN(time)) return { dueAt: time, sequence };
  }
  throw new RingmainError("invalid_request", "The value is not a position in a queue");
}
