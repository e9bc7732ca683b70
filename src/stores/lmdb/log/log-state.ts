import { randomBytes } from "node:crypto";
import type { DataFile, TableWrite } from "../file/data-file.ts";
import { SALT_BYTES } from "./segments/group-record.ts";

/** Key in `meta` of the log's state. */
export const LOG_KEY: Buffer = Buffer.from("log");
const SALT_AT = 6;
const BEGUN_AT = SALT_AT + SALT_BYTES;
/** Valid sizes of the record: in formats 2 and 3, which do not contain `begun`, and in later ones. */
export const LOG_STATE_BYTES: readonly number[] = [BEGUN_AT, BEGUN_AT + 6];

/** The state of the log as stored in the data file. */
export interface LogState {
  /** All writes of this generation and earlier ones are in the data file. */
  readonly checkpointed: number;
  /**
   * Marks the log's records. A new salt is chosen whenever a log begins after all its writes were copied to the data
   * file.
   */
  readonly salt: Buffer;
  /**
   * The latest generation that is known to have begun. All generations after `checkpointed`, up to this one, must be in
   * the log. Equal to `checkpointed` if the data file contains everything: after a stop, and in a backup.
   */
  readonly begun: number;
}

/** Encodes a state: checkpointed (6 bytes), salt (8), begun (6). */
export function encodeLogState({ checkpointed, salt, begun }: LogState): Buffer {
  const bytes = Buffer.alloc(BEGUN_AT + 6);
  bytes.writeUIntBE(checkpointed, 0, 6);
  salt.copy(bytes, SALT_AT);
  bytes.writeUIntBE(begun, BEGUN_AT, 6);
  return bytes;
}

/** Decodes a state of this or an earlier format. */
export function decodeLogState(bytes: Buffer): LogState {
  const checkpointed = bytes.readUIntBE(0, SALT_AT);
  const begun = hasMarkedSegments(bytes) ? bytes.readUIntBE(BEGUN_AT, 6) : checkpointed;
  return { checkpointed, salt: Buffer.from(bytes.subarray(SALT_AT, BEGUN_AT)), begun };
}

/** Returns whether the segments of a log with this state have heads, which they have since format 4. */
export function hasMarkedSegments(stored: Buffer): boolean {
  return stored.length > BEGUN_AT;
}

/** Returns the write that stores a state. */
export function logStateWrite(state: LogState): TableWrite {
  return { table: "meta", key: LOG_KEY, value: encodeLogState(state) };
}

/** Returns the state of a new log. */
export function newLogState(): LogState {
  return { checkpointed: 0, salt: randomBytes(SALT_BYTES), begun: 0 };
}

/** Returns the state of a data file's log. Stores a new state if there is none. Rejects with `store_unavailable`. */
export async function obtainLogState(file: DataFile): Promise<LogState> {
  const stored = file.get("meta", LOG_KEY);
  if (stored !== undefined) return decodeLogState(stored);
  const state = newLogState();
  await file.commit([logStateWrite(state)]);
  return state;
}
