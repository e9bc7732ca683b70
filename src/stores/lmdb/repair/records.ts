import { decodeUtf8 } from "../../../codec/event-bytes.ts";
import { decodeStoredDelivery } from "../../records/stored-delivery.ts";
import { decodeEnvelope } from "../../records/stored-envelope.ts";
import type { EventEnvelope } from "../../../core/event.ts";
import { bytesOfBits, unpackRecords } from "../queue/delivery-pack.ts";
import { decodeQueue, QUEUE_RECORD_BYTES } from "../queue/queue-record.ts";
import { PACK_KEY_BYTES, recordPlaceOf, SINGLE_KEY_BYTES } from "../file/keys.ts";
import { LOG_STATE_BYTES } from "../log/log-state.ts";
import type { TableName } from "../file/tables.ts";

const META_BYTES: Readonly<Record<string, readonly number[]>> = {
  format: [4],
  sequence: [6],
  revision: [6],
  log: LOG_STATE_BYTES,
};
const MAX_DELIVERY_COUNT = 1_000_000;
const MAX_TIME = 8.64e15;

/**
 * Returns whether key and value may be an entry of a table. No entry fits two tables, so that the table of a stray
 * entry can be determined.
 */
export function isRecord(table: TableName, key: Buffer, value: Buffer): boolean {
  try {
    return CHECKS[table](key, value);
  } catch {
    return false;
  }
}

const CHECKS: Readonly<Record<TableName, (key: Buffer, value: Buffer) => boolean>> = {
  meta: (key, value) => META_BYTES[key.toString("latin1")]?.includes(value.length) === true,
  queues: (key, value) => key.length > 0 && isQueue(value),
  removed: (key, value) => key.length === 4 && value.length === 1,
  deliveries: isDeliveries,
  events: (key, value) => key.length === 6 && isEvent(decodeEnvelope(value)),
  sharing: (key, value) => key.length === 6 && value.length === 4 && key.toString("latin1") !== "format",
  ended: (key, value) => key.length === PACK_KEY_BYTES && value.length === bytesOfBits(recordPlaceOf(key).size),
  resources: (key, value) => {
    const { resource, etag } = JSON.parse(value.toString("utf8")) as { resource?: { id?: unknown }; etag?: unknown };
    return typeof resource?.id === "string" && typeof etag === "string" && key.length > 0;
  },
};

function isQueue(value: Buffer): boolean {
  return QUEUE_RECORD_BYTES.includes(value.length) && Number.isSafeInteger(decodeQueue(value).count);
}

/** Returns whether a record is a delivery, or a pack with at least one readable delivery. */
function isDeliveries(key: Buffer, value: Buffer): boolean {
  if (key.length === SINGLE_KEY_BYTES) return isDelivery(value);
  const place = recordPlaceOf(key);
  return place.size > 1 && [...unpackRecords(place, value, undefined)].some(({ record }) => isDelivery(record));
}

/** Returns whether bytes are the record of a valid delivery. */
export function isDelivery(value: Buffer): boolean {
  try {
    const { deliveryCount, enqueuedAt, event } = decodeStoredDelivery(value);
    if (deliveryCount > MAX_DELIVERY_COUNT || !isTime(enqueuedAt)) return false;
    return typeof event === "number" || isEvent(event);
  } catch {
    return false;
  }
}

/** Returns whether an event can be delivered. */
function isEvent({ publishedAt, json }: EventEnvelope): boolean {
  if (!isTime(publishedAt)) return false;
  JSON.parse(decodeUtf8(json));
  return true;
}

function isTime(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= MAX_TIME;
}
