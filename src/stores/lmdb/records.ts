import { decodeDelivery } from "../../codec/stored-delivery.ts";
import { decodeEnvelope } from "../../codec/stored-envelope.ts";
import { LOG_STATE_BYTES } from "./log/log-state.ts";
import type { TableName } from "./tables.ts";

const META_BYTES: Readonly<Record<string, number>> = { format: 4, sequence: 6, revision: 6, log: LOG_STATE_BYTES };
const MAX_DELIVERY_COUNT = 1_000_000;
const MAX_TIME = 8.64e15;

/**
 * Whether key and value can be an entry of a table. No entry fits two tables: so whose it is can be told when nothing
 * else tells it.
 */
export function isRecord(table: TableName, key: Buffer, value: Buffer): boolean {
  try {
    return CHECKS[table](key, value);
  } catch {
    return false;
  }
}

const CHECKS: Readonly<Record<TableName, (key: Buffer, value: Buffer) => boolean>> = {
  meta: (key, value) => META_BYTES[key.toString("latin1")] === value.length,
  queues: (key, value) => key.length > 0 && value.length === 12 && Number.isSafeInteger(value.readDoubleBE(4)),
  removed: (key, value) => key.length === 4 && value.length === 1,
  deliveries: (key, value) => key.length === 18 && isDelivery(value),
  events: (key, value) => key.length === 6 && isEvent(value),
  sharing: (key, value) => key.length === 6 && value.length === 4 && key.toString("latin1") !== "format",
  resources: (key, value) => {
    const { resource, etag } = JSON.parse(value.toString("utf8")) as { resource?: { id?: unknown }; etag?: unknown };
    return typeof resource?.id === "string" && typeof etag === "string" && key.length > 0;
  },
};

function isDelivery(value: Buffer): boolean {
  const { deliveryCount, enqueuedAt, event } = decodeDelivery(value);
  if (deliveryCount > MAX_DELIVERY_COUNT || !isTime(enqueuedAt)) return false;
  return typeof event === "number" || isEvent(event);
}

/** Whether bytes are an event that can be delivered. */
export function isEvent(value: Uint8Array): boolean {
  const { publishedAt, json } = decodeEnvelope(value);
  if (!isTime(publishedAt)) return false;
  JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString("utf8"));
  return true;
}

function isTime(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= MAX_TIME;
}
