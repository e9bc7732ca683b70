import { crc32 } from "node:zlib";
import type { TableWrite } from "../../file/data-file.ts";
import { TABLES, type TableName } from "../../file/tables.ts";

/**
 * The stored form of a group of writes in a log segment.
 *
 * A header: the mark (4 bytes), the store's salt (8), the segment's generation (6), the group's number in the segment
 * (4), the number of bytes (4) and writes (4) that follow, and the CRC-32 of all other bytes (4). Then each write: the
 * table's number, plus 128 for a removal (1), the key's length (2) and bytes, and, except for removals, the value's
 * length (4) and bytes. Numbers are big-endian.
 */
const MARK = Buffer.from("RLog");
const SALT_AT = 4;
/** Random bytes that are unique to a store. Data that a client sends can therefore never be mistaken for a record. */
export const SALT_BYTES = 8;
const GENERATION_AT = 12;
const NUMBER_AT = 18;
const LENGTH_AT = 22;
const WRITES_AT = 26;
const CRC_AT = 30;
const HEADER_BYTES = 34;
const REMOVAL = 0x80;
const FIRST_BUFFER_BYTES = 2 ** 18;

/** The position of a group in the log. */
export interface GroupPlace {
  /** Number of the segment over the life of the store, from 1. */
  readonly generation: number;
  /** Number of the group in the segment, from 0. */
  readonly number: number;
}

/** A group that was read from a segment. Keys and values are views of the segment's bytes. */
export interface LoggedGroup extends GroupPlace {
  readonly writes: readonly TableWrite[];
  /** Position behind the record. */
  readonly end: number;
}

/**
 * Encodes groups into a single buffer, which grows with the largest group. Allocating a buffer for each group would
 * double the cost, because the kernel provides the memory page by page. Measured in docs/hot-path.md.
 */
export class GroupEncoder {
  readonly #salt: Buffer;
  #buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);

  constructor(salt: Buffer) {
    this.#salt = salt;
  }

  /** Encodes a group. The bytes are valid until the next call. */
  encode(writes: readonly TableWrite[], { generation, number }: GroupPlace): Buffer {
    const bytes = recordBytes(writes);
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(2 * bytes);
    const record = this.#buffer.subarray(0, bytes);
    let at = HEADER_BYTES;
    for (const { table, key, value } of writes) {
      record[at] = TABLES.indexOf(table) | (value === undefined ? REMOVAL : 0);
      record.writeUInt16BE(key.length, at + 1);
      record.set(key, at + 3);
      at += 3 + key.length;
      if (value === undefined) continue;
      record.writeUInt32BE(value.length, at);
      record.set(value, at + 4);
      at += 4 + value.length;
    }
    MARK.copy(record);
    this.#salt.copy(record, SALT_AT);
    record.writeUIntBE(generation, GENERATION_AT, 6);
    record.writeUInt32BE(number, NUMBER_AT);
    record.writeUInt32BE(bytes - HEADER_BYTES, LENGTH_AT);
    record.writeUInt32BE(writes.length, WRITES_AT);
    record.writeUInt32BE(checksum(record), CRC_AT);
    return record;
  }
}

/** Returns the number of bytes in the record of these writes. */
export function recordBytes(writes: readonly TableWrite[]): number {
  let bytes = HEADER_BYTES;
  for (const { key, value } of writes) bytes += 3 + key.length + (value === undefined ? 0 : 4 + value.length);
  return bytes;
}

/** Returns the position of the next possible record from `start` on; -1 if there is none. */
export function findRecord(segment: Buffer, start: number, salt: Buffer | undefined): number {
  for (let at = segment.indexOf(MARK, start); at >= 0; at = segment.indexOf(MARK, at + 1)) {
    if (at + HEADER_BYTES > segment.length) return -1;
    if (salt === undefined || segment.subarray(at + SALT_AT, at + SALT_AT + SALT_BYTES).equals(salt)) return at;
  }
  return -1;
}

/** Returns the generation in the header of the record at `start`. */
export function generationAt(segment: Buffer, start: number): number {
  return segment.readUIntBE(start + GENERATION_AT, 6);
}

/**
 * Reads the group whose record starts at `start`, a position from {@link findRecord}; `undefined` if the record is
 * incomplete.
 */
export function readGroup(segment: Buffer, start: number): LoggedGroup | undefined {
  const end = start + HEADER_BYTES + segment.readUInt32BE(start + LENGTH_AT);
  if (end > segment.length) return undefined;
  const record = segment.subarray(start, end);
  if (record.readUInt32BE(CRC_AT) !== checksum(record)) return undefined;
  const place = { generation: generationAt(record, 0), number: record.readUInt32BE(NUMBER_AT) };
  return { ...place, writes: readWrites(record), end };
}

function readWrites(record: Buffer): TableWrite[] {
  const writes: TableWrite[] = [];
  let at = HEADER_BYTES;
  for (let left = record.readUInt32BE(WRITES_AT); left > 0; left -= 1) {
    const kind = record.readUInt8(at);
    const table = TABLES[kind & ~REMOVAL] as TableName;
    const keyEnd = at + 3 + record.readUInt16BE(at + 1);
    const key = record.subarray(at + 3, keyEnd);
    at = keyEnd;
    let value: Buffer | undefined;
    if ((kind & REMOVAL) === 0) {
      const valueStart = at + 4;
      at = valueStart + record.readUInt32BE(keyEnd);
      value = record.subarray(valueStart, at);
    }
    writes.push({ table, key, value });
  }
  return writes;
}

/** Returns the CRC-32 of all bytes except the checksum itself. */
function checksum(record: Buffer): number {
  return crc32(record.subarray(HEADER_BYTES), crc32(record.subarray(0, CRC_AT)));
}
