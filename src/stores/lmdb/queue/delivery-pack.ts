import { recordIn, type DeliveryPack } from "../../records/delivery-pack.ts";
import { nth, type DeliveryPlace, type RecordPlace } from "../file/keys.ts";

/** Maximum size in bytes up to which packs are joined. */
export const PACK_BYTES = 131_072;
/** Maximum number of deliveries in a pack. The number has two bytes in the pack's key. */
export const PACK_DELIVERIES = 1_000;

/** Groups packs, in order, by the record in which they are stored. */
export function groupPacks(packs: readonly DeliveryPack[]): DeliveryPack[][] {
  const groups: DeliveryPack[][] = [];
  let [bytes, size] = [PACK_BYTES, PACK_DELIVERIES];
  for (const pack of packs) {
    if (bytes + pack.bytes.length > PACK_BYTES || size + pack.size > PACK_DELIVERIES) {
      groups.push([]);
      [bytes, size] = [0, 0];
    }
    groups.at(-1)?.push(pack);
    bytes += pack.bytes.length;
    size += pack.size;
  }
  return groups;
}

/** Returns the deliveries of a record that have not ended. */
export function* unpackRecords(
  place: RecordPlace,
  stored: Buffer,
  ended: Uint8Array | undefined,
): Generator<{ readonly place: DeliveryPlace; readonly record: Buffer }, void, void> {
  const bits = new DeliveryBits(place.size, ended);
  const pack = { bytes: stored, size: place.size };
  for (let index = 0; index < place.size; index += 1) {
    if (!bits.has(index)) yield { place: nth(place, index), record: recordIn(pack, index) };
  }
}

/** A bit for each delivery of a record. */
export class DeliveryBits {
  readonly bytes: Buffer;
  #left: number;

  /** @param stored bytes of earlier bits; if unset, no bit is set */
  constructor(size: number, stored?: Uint8Array) {
    this.bytes = Buffer.alloc(bytesOfBits(size));
    if (stored !== undefined) this.bytes.set(stored.subarray(0, this.bytes.length));
    this.#left = size;
    for (let index = 0; index < size; index += 1) if (this.has(index)) this.#left -= 1;
  }

  /** Number of bits that are not set. */
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

/**
 * Returns the bits of the deliveries of a record that have ended; `undefined` if there are none. A single delivery has
 * no bits: its record is deleted instead.
 */
export function readEnded(file: EndedReader, { size }: Pick<RecordPlace, "size">, key: Buffer): Buffer | undefined {
  return size === 1 ? undefined : file.get("ended", key);
}

/** A store's file, or its data file. */
interface EndedReader {
  get(table: "ended", key: Buffer): Buffer | undefined;
}

/** Returns the number of bytes for this number of bits. */
export function bytesOfBits(size: number): number {
  return (size + 7) >> 3;
}
