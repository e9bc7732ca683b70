import { MinHeap } from "../../../core/min-heap.ts";
import {
  deliveryKey,
  FIRST_PLACE,
  isBefore,
  LAST_PLACE,
  nth,
  recordPlaceOf,
  type DeliveryPlace,
  type Place,
} from "../file/keys.ts";
import type { StoreFile } from "../log/store-file.ts";
import type { HoldingRecord } from "./ahead-list.ts";
import { DeliveryBits, PACK_DELIVERIES, readEnded } from "./delivery-pack.ts";

interface PlacedRecord extends HoldingRecord, Place {}

/**
 * Returns the deliveries of a queue on disk behind a place, in order. The caller must read them within one turn of the
 * event loop.
 *
 * Records are in the order of their first deliveries, but a delivery that was released to its old due time belongs
 * between the deliveries of a pack. The deliveries of a pack are therefore held back until a record starts behind them.
 */
export function* storedBehind(
  file: StoreFile,
  queueId: number,
  start: Place | undefined,
): Generator<HoldingRecord, void, void> {
  const held = new MinHeap<PlacedRecord>(isBefore);
  const from = deliveryKey(queueId, start === undefined ? FIRST_PLACE : firstPackAround(start));
  for (const { key, value } of file.range("deliveries", from, deliveryKey(queueId, LAST_PLACE))) {
    const record = recordPlaceOf(key);
    yield* takeBefore(held, record);
    const ended = new DeliveryBits(record.size, readEnded(file, record, key));
    for (let index = 0; index < record.size; index += 1) {
      const place = nth(record, index);
      if (ended.has(index) || (start !== undefined && !isBefore(start, place))) continue;
      held.push(placed(place, value));
    }
  }
  yield* takeBefore(held, LAST_PLACE);
}

/**
 * Returns a place before the first pack that may have a delivery behind `place`: the deliveries of a pack have
 * consecutive numbers.
 */
function firstPackAround({ dueAt, sequence }: Place): Place {
  return { dueAt, sequence: Math.max(0, sequence - PACK_DELIVERIES) };
}

function* takeBefore(held: MinHeap<PlacedRecord>, end: Place): Generator<HoldingRecord, void, void> {
  for (let first = held.peek(); first !== undefined && isBefore(first, end); first = held.peek()) {
    held.pop();
    yield first;
  }
}

function placed(place: DeliveryPlace, record: Buffer): PlacedRecord {
  return { place, record, dueAt: place.dueAt, sequence: place.sequence };
}
