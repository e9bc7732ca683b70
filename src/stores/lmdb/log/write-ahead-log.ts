import { closeSync, constants, existsSync, fdatasync, openSync, write, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { platform } from "node:process";
import { RingmainError } from "../../../core/errors.ts";
import type { Write } from "../file/data-file.ts";
import { syncFolder } from "../file/sync-file.ts";
import { GroupEncoder } from "./group-record.ts";
import type { LogState } from "./log-state.ts";
import { readSegment, type SegmentContents } from "./read-segment.ts";

/** The files of a log, used in turn. */
export const SEGMENT_NAMES = ["log.0", "log.1"] as const;
/**
 * A segment takes so much of the disk from the beginning: so that on a full disk there is room to say that deliveries
 * have ended, which makes space.
 */
const FIRST_BYTES = 2 ** 18;
/**
 * Where a write can flush by itself it does: that is one task for the thread pool instead of two, a tenth of a
 * millisecond. On other systems the flag is missing, or leaves data in the disk's own cache.
 */
const FLUSHING = platform === "linux" ? constants.O_DSYNC : 0;

/**
 * The log in front of the data file: groups of writes, each flushed to disk by itself, in a file that is
 * overwritten in place, where LMDB would flush twice and write whole pages.
 *
 * Two segments are used in turn. One may be overwritten once its writes are in the data file; which those are the data
 * file says ({@link LogState}).
 */
export class WriteAheadLog {
  readonly #paths: readonly string[];
  readonly #encoder: GroupEncoder;
  readonly #files: number[];
  #current: number;
  #generation: number;
  #number = 0;
  #position = 0;
  /** What was found that is not in the data file yet, oldest first: two segments at most, the last one goes on. */
  readonly found: readonly SegmentContents[];

  /** Errors: `store_unavailable` when a segment is damaged; errors of the file system. */
  constructor(folder: string, { salt, checkpointed }: LogState) {
    this.#paths = SEGMENT_NAMES.map((name) => join(folder, name));
    this.#encoder = new GroupEncoder(salt);
    const segments = this.#paths.map((path) => readSound(path, salt, checkpointed));
    this.found = segments
      .filter((segment) => segment !== undefined)
      .toSorted((one, other) => one.generation - other.generation);
    this.found.forEach((segment, index) => checkFollows(segment, checkpointed + 1 + index, folder));
    const last = this.found.at(-1);
    this.#current = Math.max(0, segments.indexOf(last));
    this.#generation = last?.generation ?? checkpointed + 1;
    const end = last?.groups.at(-1);
    this.#number = end === undefined ? 0 : end.number + 1;
    this.#position = end?.end ?? 0;
    this.#files = this.#paths.map(openSegment);
    syncFolder(folder);
  }

  /** The segment that is being written, for messages. */
  get path(): string {
    return this.#paths[this.#current] ?? "";
  }

  /** Bytes in the segment that is being written. */
  get bytes(): number {
    return this.#position;
  }

  /** Resolves when the writes are on disk. One call at a time. After an error the next group takes this one's place. */
  async append(writes: readonly Write[]): Promise<void> {
    const record = this.#encoder.encode(writes, { generation: this.#generation, number: this.#number });
    await writeDurably(this.#file(), record, this.#position);
    this.#position += record.length;
    this.#number += 1;
  }

  /**
   * Goes on in the other segment, over what it holds; not while something is being appended.
   * @returns the generation that has ended
   */
  rotate(): number {
    this.#current = 1 - this.#current;
    this.#position = 0;
    this.#number = 0;
    this.#generation += 1;
    return this.#generation - 1;
  }

  close(): void {
    for (const file of this.#files.splice(0)) closeSync(file);
  }

  #file(): number {
    const file = this.#files[this.#current];
    if (file === undefined) throw new RingmainError("store_unavailable", `${this.path} is closed`);
    return file;
  }
}

/** A segment's contents where they are not in the data file yet. */
function readSound(path: string, salt: Buffer, checkpointed: number): SegmentContents | undefined {
  const contents = readSegment(path, salt);
  if (contents === undefined || contents.generation <= checkpointed) return undefined;
  if (contents.lost === 0) return contents;
  throw new RingmainError(
    "store_unavailable",
    `${path} is damaged: ${contents.lost} groups of writes in it cannot be read. It was left as it is. ` +
      `'ringmain repair --data ${dirname(path)}' keeps what can be read`,
  );
}

/** Without what is between them, the log would be added to what it does not belong to. */
function checkFollows({ generation }: SegmentContents, expected: number, folder: string): void {
  if (generation === expected) return;
  throw new RingmainError(
    "store_unavailable",
    `The log in ${folder} goes on from a later state than its data.mdb has: was that replaced by an older one? ` +
      `Put the right one back, or remove ${SEGMENT_NAMES.join(" and ")} to go on without what they hold`,
  );
}

function openSegment(path: string): number {
  if (!existsSync(path)) writeFileSync(path, Buffer.alloc(FIRST_BYTES), { mode: 0o600, flush: true });
  return openSync(path, constants.O_RDWR | FLUSHING);
}

function writeDurably(file: number, bytes: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    write(file, bytes, 0, bytes.length, position, (failure, written) => {
      if (failure !== null) reject(failure);
      else if (written < bytes.length) resolve(writeDurably(file, bytes.subarray(written), position + written));
      else if (FLUSHING !== 0) resolve();
      else fdatasync(file, (unflushed) => (unflushed === null ? resolve() : reject(unflushed)));
    });
  });
}
