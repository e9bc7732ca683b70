import { recordIn, type DeliveryPack } from "../../records/delivery-pack.ts";
import { nth, type DeliveryPlace, type RecordPlace } from "../file/keys.ts";

/** Packs are put together up to this size. */
export const PACK_BYTES = 131_072;
/** And up to so many deliveries; a pack's size has two bytes in its key. */
export const PACK_DELIVERIES = 1_000;

/** Which packs, in order, are to be stored as one. */
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

/** The deliveries in a record that have not ended. */
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

/** Which deliveries of a record a file says have ended; `undefined` when none has. A single one just goes. */
export function readEnded(file: EndedReader, { size }: Pick<RecordPlace, "size">, key: Buffer): Buffer | undefined {
  return size === 1 ? undefined : file.get("ended", key);
}

/** A store's file, or its data file alone. */
interface EndedReader {
  get(table: "ended", key: Buffer): Buffer | undefined;
}

/** Bytes of so many bits. */
export function bytesOfBits(size: number): number {
  return (size + 7) >> 3;
}
