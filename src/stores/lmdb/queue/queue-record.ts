/** The stored data of a queue. */
export interface QueueRecord {
  /** Replaces the queue's name in the keys of its deliveries. */
  readonly id: number;
  /** Number of deliveries. */
  readonly count: number;
  /** Bytes of the deliveries' event JSON. */
  readonly bytes: number;
}

/** The contents of an empty queue. */
export const NOTHING_STORED: Omit<QueueRecord, "id"> = { count: 0, bytes: 0 };

const COUNT_AT = 4;
const BYTES_AT = 12;
const RECORD_BYTES = 18;
/** Valid sizes of the record: up to format 4, which does not contain `bytes`, and in later formats. */
export const QUEUE_RECORD_BYTES: readonly number[] = [BYTES_AT, RECORD_BYTES];

/** Encodes the record of a queue: its id (4 bytes), the number of deliveries (a double), and their bytes (6 bytes). */
export function encodeQueue({ id, count, bytes }: QueueRecord): Buffer {
  const record = Buffer.allocUnsafe(RECORD_BYTES);
  record.writeUInt32BE(id, 0);
  record.writeDoubleBE(count, COUNT_AT);
  record.writeUIntBE(Math.max(0, bytes), BYTES_AT, RECORD_BYTES - BYTES_AT);
  return record;
}

/** Decodes the record of a queue. `bytes` is 0 in a record of an earlier format. */
export function decodeQueue(record: Buffer): QueueRecord {
  return {
    id: record.readUInt32BE(0),
    count: record.readDoubleBE(COUNT_AT),
    bytes: record.length < RECORD_BYTES ? 0 : record.readUIntBE(BYTES_AT, RECORD_BYTES - BYTES_AT),
  };
}
