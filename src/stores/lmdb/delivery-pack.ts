import type { DeliveryRecords } from "../../codec/stored-delivery.ts";
import { nth, type DeliveryPlace, type RecordPlace } from "./keys.ts";

/** A pack that has reached this size is followed by another. */
export const PACK_BYTES = 65_536;
/** Or this many deliveries; a pack's size has two bytes in its key. */
export const PACK_DELIVERIES = 1_000;
const END_BYTES = 4;

/** Puts records together into as few packs as their limits allow, in order. */
export function groupRecords(parts: readonly DeliveryRecords[]): DeliveryRecords[][] {
  const groups: DeliveryRecords[][] = [];
  let [bytes, size] = [PACK_BYTES, 0];
  for (const part of parts) {
    if (bytes >= PACK_BYTES || size + part.ends.length > PACK_DELIVERIES) {
      groups.push([]);
      [bytes, size] = [0, 0];
    }
    groups.at(-1)?.push(part);
    bytes += part.bytes.length;
    size += part.ends.length;
  }
  return groups;
}

/** How many deliveries these are. */
export function sizeOf(parts: readonly DeliveryRecords[]): number {
  return parts.reduce((size, { ends }) => size + ends.length, 0);
}

/**
 * What is stored of deliveries that came together: of one its record; of several, a pack: where each record ends, in 4
 * bytes each, counted from the first one's beginning, and the records. How many there are its key says.
 */
export function packRecords(parts: readonly DeliveryRecords[]): Buffer {
  const [only] = parts;
  const size = sizeOf(parts);
  if (size === 1 && only !== undefined) return only.bytes;
  const head = size * END_BYTES;
  const pack = Buffer.allocUnsafeSlow(parts.reduce((sum, { bytes }) => sum + bytes.length, head));
  let at = head;
  let entry = 0;
  for (const { bytes, ends } of parts) {
    for (const end of ends) {
      pack.writeUInt32BE(at - head + end, entry);
      entry += END_BYTES;
    }
    pack.set(bytes, at);
    at += bytes.length;
  }
  return pack;
}

/** The record of the delivery with this index in what {@link packRecords} made; a view, and shorter where it is damaged. */
export function recordIn(stored: Buffer, { size }: Pick<RecordPlace, "size">, index: number): Buffer {
  if (size === 1) return stored;
  const head = size * END_BYTES;
  const start = index === 0 ? 0 : endOf(stored, index - 1);
  return stored.subarray(head + start, head + endOf(stored, index));
}

/** The deliveries in a record that have not ended. */
export function* unpackRecords(
  place: RecordPlace,
  stored: Buffer,
  ended: Uint8Array | undefined,
): Generator<{ readonly place: DeliveryPlace; readonly record: Buffer }, void, void> {
  const bits = new DeliveryBits(place.size, ended);
  for (let index = 0; index < place.size; index += 1) {
    if (!bits.has(index)) yield { place: nth(place, index), record: recordIn(stored, place, index) };
  }
}

function endOf(stored: Buffer, index: number): number {
  return stored.length < (index + 1) * END_BYTES ? 0 : stored.readUInt32BE(index * END_BYTES);
}

/** A bit for each delivery of a record. */
export class DeliveryBits {
  readonly bytes: Buffer;
  #left: number;

  /** @param stored the bytes of earlier ones; without, none is set */
  constructor(size: number, stored?: Uint8Array) {
    this.bytes = Buffer.alloc(bytesOfBits(size));
    if (stored !== undefined) this.bytes.set(stored.subarray(0, this.bytes.length));
    this.#left = size;
    for (let index = 0; index < size; index += 1) if (this.has(index)) this.#left -= 1;
  }

  /** How many are not set. */
  get left(): number {
    return this.#left;
  }

  has(index: number): boolean {
    return ((this.bytes[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  add(index: number): void {
    if (this.has(index)) return;
    this.bytes[index >> 3] = (this.bytes[index >> 3] ?? 0) | (1 << (index & 7));
    this.#left -= 1;
  }
}

/** Bytes of so many bits. */
export function bytesOfBits(size: number): number {
  return (size + 7) >> 3;
}
