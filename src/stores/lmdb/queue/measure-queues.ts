import { decodeStoredDelivery } from "../../records/stored-delivery.ts";
import { decodeEnvelope } from "../../records/stored-envelope.ts";
import type { DataFile, TableWrite } from "../file/data-file.ts";
import type { Migration } from "../file/data-format.ts";
import { deliveryKey, FIRST_PLACE, LAST_PLACE, numberKey, recordPlaceOf } from "../file/keys.ts";
import { readEnded, unpackRecords } from "./delivery-pack.ts";
import { decodeQueue, encodeQueue } from "./queue-record.ts";

/** Migrates format 4 to 5: adds the bytes of event JSON to the record of each queue. */
export const measureQueues: Migration<DataFile> = async (file) => {
  const writes: TableWrite[] = [];
  for (const { key, value } of file.range("queues", Buffer.alloc(1))) {
    const { id, count } = decodeQueue(value);
    writes.push({ table: "queues", key, value: encodeQueue({ id, count, bytes: measureQueue(file, id) }) });
  }
  await file.commit(writes);
};

function measureQueue(file: DataFile, id: number): number {
  let bytes = 0;
  for (const { key, value } of file.range("deliveries", deliveryKey(id, FIRST_PLACE), deliveryKey(id, LAST_PLACE))) {
    const place = recordPlaceOf(key);
    for (const { record } of unpackRecords(place, value, readEnded(file, place, key)))
      bytes += eventBytes(file, record);
  }
  return bytes;
}

/**
 * Returns the size of a delivery's event. It is 0 if the file is damaged there, because such a delivery is never
 * received.
 */
function eventBytes(file: DataFile, record: Buffer): number {
  try {
    const { event } = decodeStoredDelivery(record);
    if (typeof event !== "number") return event.json.length;
    const stored = file.get("events", numberKey(event, 6));
    return stored === undefined ? 0 : decodeEnvelope(stored).json.length;
  } catch {
    return 0;
  }
}
