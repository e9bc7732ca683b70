import type { EventEnvelope } from "../../core/event.ts";
import type { EpochMs } from "../../core/time.ts";
import { ByteWriter } from "./stored-bytes.ts";
import {
  decodeStoredDelivery,
  expectedFirstDeliveryBytes,
  writeFirstDelivery,
  type StoredDelivery,
} from "./stored-delivery.ts";

/**
 * Deliveries that are stored together. The bytes of one delivery are its record. Several deliveries begin with the end
 * of each record, in 4 bytes each, relative to the start of the first record; the records follow. The bytes do not
 * contain the number of deliveries.
 */
export interface DeliveryPack {
  readonly bytes: Buffer;
  /** Number of deliveries. */
  readonly size: number;
}

const END_BYTES = 4;

/** Packs the first deliveries of one or more events. Measured in docs/hot-path.md. */
export function packFirstDeliveries(events: readonly EventEnvelope[], enqueuedAt: EpochMs): DeliveryPack {
  const size = events.length;
  const head = headBytes(size);
  let expected = head;
  for (const event of events) expected += expectedFirstDeliveryBytes(event);
  const writer = new ByteWriter(expected);
  writer.reserve(head);
  const ends: number[] = [];
  for (const event of events) {
    writeFirstDelivery(writer, event, enqueuedAt);
    ends.push(writer.length - head);
  }
  const bytes = writer.finish();
  if (size > 1) for (const [index, end] of ends.entries()) bytes.writeUInt32BE(end, index * END_BYTES);
  return { bytes, size };
}

/** Joins packs into one, in order. */
export function joinPacks(packs: readonly DeliveryPack[]): DeliveryPack {
  const [only] = packs;
  if (packs.length === 1 && only !== undefined) return only;
  const size = packs.reduce((sum, pack) => sum + pack.size, 0);
  const head = headBytes(size);
  const bytes = Buffer.allocUnsafeSlow(
    packs.reduce((sum, pack) => sum + pack.bytes.length - headBytes(pack.size), head),
  );
  let [at, index] = [head, 0];
  for (const pack of packs) {
    for (let inPack = 0; inPack < pack.size; inPack += 1) {
      bytes.writeUInt32BE(at - head + endIn(pack, inPack), index * END_BYTES);
      index += 1;
    }
    at += pack.bytes.copy(bytes, at, headBytes(pack.size));
  }
  return { bytes, size };
}

/** Returns a view of the record of one delivery. The record is shorter if the pack is damaged. */
export function recordIn(pack: DeliveryPack, index: number): Buffer {
  return pack.bytes.subarray(startIn(pack, index), headBytes(pack.size) + endIn(pack, index));
}

/** Reads one delivery; see {@link decodeStoredDelivery}. */
export function deliveryIn(pack: DeliveryPack, index: number): StoredDelivery {
  return decodeStoredDelivery(pack.bytes, startIn(pack, index), headBytes(pack.size) + endIn(pack, index));
}

function startIn(pack: DeliveryPack, index: number): number {
  return headBytes(pack.size) + (index === 0 ? 0 : endIn(pack, index - 1));
}

function headBytes(size: number): number {
  return size === 1 ? 0 : size * END_BYTES;
}

function endIn({ bytes, size }: DeliveryPack, index: number): number {
  if (size === 1) return bytes.length;
  return bytes.length < (index + 1) * END_BYTES ? 0 : bytes.readUInt32BE(index * END_BYTES);
}
