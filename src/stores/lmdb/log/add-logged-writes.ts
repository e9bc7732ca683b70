import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { DataFile } from "../file/data-file.ts";
import { DeliveryBits, readEnded } from "../queue/delivery-pack.ts";
import { numberKey, placeOf } from "../file/keys.ts";
import { decodeQueue, encodeQueue, SEQUENCE_KEY } from "../queue/queue-registry.ts";
import { SALT_BYTES } from "./group-record.ts";
import { decodeLogState, LOG_KEY, logStateWrite } from "./log-state.ts";
import { readSegment, type SegmentContents } from "./read-segment.ts";
import { SEGMENT_NAMES } from "./write-ahead-log.ts";

/** What a log held that its data file did not. */
export interface LoggedWrites {
  /** Groups of writes that were added. */
  readonly groups: number;
  /** Groups that could not be read. */
  readonly lost: number;
}

/**
 * Adds to a repaired data file what the log in `folder` holds beyond it, as far as that can be read, and counts anew
 * what the queues hold. Errors: `store_unavailable`.
 */
export async function addLoggedWrites(file: DataFile, folder: string): Promise<LoggedWrites> {
  const stored = file.get("meta", LOG_KEY);
  const state = stored === undefined ? { checkpointed: 0, salt: undefined } : decodeLogState(stored);
  const segments = SEGMENT_NAMES.map((name) => readSegment(join(folder, name), state.salt))
    .filter((segment): segment is SegmentContents => segment !== undefined)
    .filter(({ generation }) => generation > state.checkpointed)
    .toSorted((one, other) => one.generation - other.generation);
  for (const { groups } of segments) for (const { writes } of groups) await file.commit(writes);
  await recount(file);
  const checkpointed = segments.at(-1)?.generation ?? state.checkpointed;
  await file.commit([logStateWrite({ checkpointed, salt: state.salt ?? randomBytes(SALT_BYTES) })]);
  return {
    groups: segments.reduce((sum, { groups }) => sum + groups.length, 0),
    lost: segments.reduce((sum, { lost }) => sum + lost, 0),
  };
}

async function recount(file: DataFile): Promise<void> {
  const counts = new Map<number, number>();
  let next = file.get("meta", SEQUENCE_KEY)?.readUIntBE(0, 6) ?? 1;
  for (const { key } of file.range("deliveries", Buffer.alloc(1))) {
    const queue = key.readUInt32BE(0);
    const place = placeOf(key);
    const { left } = new DeliveryBits(place.size, readEnded(file, place, key));
    counts.set(queue, (counts.get(queue) ?? 0) + left);
    next = Math.max(next, place.sequence + place.size);
  }
  const queues = Array.from(file.range("queues", Buffer.alloc(1)), ({ key, value }) => {
    const { id } = decodeQueue(value);
    return { table: "queues", key, value: encodeQueue(id, counts.get(id) ?? 0) } as const;
  });
  await file.commit([...queues, { table: "meta", key: SEQUENCE_KEY, value: numberKey(next, 6) }]);
}
