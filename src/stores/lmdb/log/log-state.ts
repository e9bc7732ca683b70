import { randomBytes } from "node:crypto";
import type { DataFile, Write } from "../file/data-file.ts";
import { SALT_BYTES } from "./group-record.ts";

/** Where the state of the log stands in `meta`. */
export const LOG_KEY: Buffer = Buffer.from("log");
/** Bytes of its record: a generation, and the salt. */
export const LOG_STATE_BYTES: number = 6 + SALT_BYTES;

/** What the data file knows of the log in front of it. */
export interface LogState {
  /** All writes of this generation, and of those before, are in the data file. */
  readonly checkpointed: number;
  /** Marks this store's records. */
  readonly salt: Buffer;
}

export function encodeLogState({ checkpointed, salt }: LogState): Buffer {
  const bytes = Buffer.alloc(LOG_STATE_BYTES);
  bytes.writeUIntBE(checkpointed, 0, 6);
  salt.copy(bytes, 6);
  return bytes;
}

/** Reads what {@link encodeLogState} wrote. */
export function decodeLogState(bytes: Buffer): LogState {
  return { checkpointed: bytes.readUIntBE(0, 6), salt: Buffer.from(bytes.subarray(6, LOG_STATE_BYTES)) };
}

/** The write that notes a state. */
export function logStateWrite(state: LogState): Write {
  return { table: "meta", key: LOG_KEY, value: encodeLogState(state) };
}

/** The state of a data file's log, begun when there is none. Errors: `store_unavailable`. */
export async function obtainLogState(file: DataFile): Promise<LogState> {
  const stored = file.get("meta", LOG_KEY);
  if (stored !== undefined) return decodeLogState(stored);
  const state = { checkpointed: 0, salt: randomBytes(SALT_BYTES) };
  await file.commit([logStateWrite(state)]);
  return state;
}
