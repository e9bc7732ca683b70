import { randomBytes } from "node:crypto";
import type { DataFile, TableWrite } from "../file/data-file.ts";
import { SALT_BYTES } from "./segments/group-record.ts";

/** Where the state of the log stands in `meta`. */
export const LOG_KEY: Buffer = Buffer.from("log");
const SALT_AT = 6;
const BEGUN_AT = SALT_AT + SALT_BYTES;
/** Bytes of its record: in formats 2 and 3, which do not say what has begun, and since then. */
export const LOG_STATE_BYTES: readonly number[] = [BEGUN_AT, BEGUN_AT + 6];

/** The data file's knowledge of the log in front of it. */
export interface LogState {
  /** All writes of this generation, and of those before, are in the data file. */
  readonly checkpointed: number;
  /** Marks the log's records. A new one is chosen whenever a log begins after everything was taken over. */
  readonly salt: Buffer;
  /**
   * The latest generation that is known to have begun: up to there every one after `checkpointed` must be found in the
   * log. The same as `checkpointed` when the data file is the whole store: after a stop, and in a backup.
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

/** Decodes a state, of earlier formats too. */
export function decodeLogState(bytes: Buffer): LogState {
  const checkpointed = bytes.readUIntBE(0, SALT_AT);
  const begun = hasMarkedSegments(bytes) ? bytes.readUIntBE(BEGUN_AT, 6) : checkpointed;
  return { checkpointed, salt: Buffer.from(bytes.subarray(SALT_AT, BEGUN_AT)), begun };
}

/** Returns whether the log of a data file with this record has segments with a head, as it has since format 4. */
export function hasMarkedSegments(stored: Buffer): boolean {
  return stored.length > BEGUN_AT;
}

/** Returns the write that records a state. */
export function logStateWrite(state: LogState): TableWrite {
  return { table: "meta", key: LOG_KEY, value: encodeLogState(state) };
}

/** Returns the state of a log that never held anything. */
export function newLogState(): LogState {
  return { checkpointed: 0, salt: randomBytes(SALT_BYTES), begun: 0 };
}

/** Returns the state of a data file's log, and records a new one when there is none. Errors: `store_unavailable`. */
export async function obtainLogState(file: DataFile): Promise<LogState> {
  const stored = file.get("meta", LOG_KEY);
  if (stored !== undefined) return decodeLogState(stored);
  const state = newLogState();
  await file.commit([logStateWrite(state)]);
  return state;
}
