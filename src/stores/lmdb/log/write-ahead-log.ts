import { randomBytes } from "node:crypto";
import { closeSync, constants, fdatasync, fstatSync, fsyncSync, openSync, write, writeSync } from "node:fs";
import { join } from "node:path";
import { platform } from "node:process";
import { RingmainError } from "../../../core/errors.ts";
import type { TableWrite } from "../file/data-file.ts";
import { syncFolder } from "../file/sync-file.ts";
import type { LogState } from "./log-state.ts";
import { GroupEncoder, SALT_BYTES } from "./segments/group-record.ts";
import { SEGMENT_NAMES, type LogContents } from "./segments/read-log.ts";
import { encodeHead, encodeNote, noteOffset, SEGMENT_HEAD_BYTES, type SegmentNotes } from "./segments/segment-notes.ts";

/**
 * Bytes that each segment allocates at the start. On a full disk, this is the room for recording that deliveries have
 * ended, which frees space.
 */
const FIRST_BYTES = 2 ** 18;
/** Bytes that a growing segment allocates in advance. */
const RESERVED_BYTES = 2 ** 18;
/** Maximum milliseconds until the progress of this segment is noted in the other one. */
const REACHED_MS = 10;
/**
 * Uses synchronous writes where the system supports them: one task for the thread pool instead of two saves a tenth of
 * a millisecond. On other systems the flag is missing, or leaves data in the disk's cache.
 */
const FLUSHING = platform === "linux" ? constants.O_DSYNC : 0;

/** A segment's file, opened twice: with flushed writes, and without for notes that may be lost in a power failure. */
interface OpenSegment {
  readonly path: string;
  readonly flushed: number;
  readonly unflushed: number;
  /** Size of the file in bytes. */
  bytes: number;
}

/**
 * The log in front of the data file. Each group of writes is flushed by itself to a file that is overwritten in place,
 * whereas LMDB would flush twice and write whole pages.
 *
 * Two segments are used in turn, each for one generation. A segment may be overwritten when its writes are in the data
 * file. The data file contains which writes those are ({@link LogState}), and which generations must be in the log.
 * - *resting*: the data file contains everything. Left by {@link begin}, before the first group.
 * - *begun*: groups are appended to the latest generation. {@link rotate} continues in the other segment. Left by
 *   {@link rest}.
 *
 * No acknowledged write can be lost unnoticed. Before the first group of a generation, its segment's head is on disk,
 * and the data file or the previous segment contains that it has begun. Its progress is noted in the head of the other
 * segment within {@link REACHED_MS}, without a flush: exact after a crash of the process, a lower bound after a power
 * failure.
 */
export class WriteAheadLog {
  readonly #segments: readonly OpenSegment[];
  #salt: Buffer;
  #encoder: GroupEncoder;
  #generation: number;
  #isBegun: boolean;
  #number = 0;
  #position = SEGMENT_HEAD_BYTES;
  #timer: NodeJS.Timeout | undefined;
  /** The note being written. Never rejects. */
  #noting: Promise<void> | undefined;

  /**
   * Opens the segments, which must be complete, and creates them if they do not exist. Throws errors of the file
   * system.
   */
  constructor(folder: string, { checkpointed, latest, salt, segments }: LogContents) {
    this.#salt = salt ?? randomBytes(SALT_BYTES);
    this.#encoder = new GroupEncoder(this.#salt);
    this.#isBegun = latest > checkpointed;
    this.#generation = this.#isBegun ? latest : checkpointed + 1;
    const end = segments.at(-1)?.groups.at(-1);
    if (end !== undefined) {
      this.#number = end.number + 1;
      this.#position = end.end;
    }
    this.#segments = SEGMENT_NAMES.map((name) => openSegment(join(folder, name)));
    syncFolder(folder);
  }

  /** Path of the current segment, for messages. */
  get path(): string {
    return this.#segment(this.#generation).path;
  }

  /** Bytes of groups in the current segment. */
  get bytes(): number {
    return this.#position - SEGMENT_HEAD_BYTES;
  }

  /** The current generation, or the next one while the log is resting. */
  get generation(): number {
    return this.#generation;
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Returns the state to store when the data file contains a generation and all earlier ones. */
  stateAfter(checkpointed: number): LogState {
    return { checkpointed, salt: this.#salt, begun: this.#generation };
  }

  /** Begins the first generation after a rest. The log accepts appends when `record` has stored the state durably. */
  async begin(record: (state: LogState) => Promise<void>): Promise<void> {
    const salt = randomBytes(SALT_BYTES);
    const generation = this.#generation;
    const segment = this.#segment(generation);
    await writeHead(segment, { begun: { salt, generation, count: bytesOf(segment) } });
    await record({ checkpointed: generation - 1, salt, begun: generation });
    this.#salt = salt;
    this.#encoder = new GroupEncoder(salt);
    this.#number = 0;
    this.#position = SEGMENT_HEAD_BYTES;
    this.#isBegun = true;
  }

  /** Allocates disk space for the next appends if necessary. Resolves with whether the disk had enough. */
  async reserve(bytes: number): Promise<boolean> {
    const segment = this.#segment(this.#generation);
    const missing = this.#position + bytes - segment.bytes;
    if (missing <= 0) return true;
    try {
      // Allocates more than is missing, so that this is not necessary for each group.
      const zeros = Buffer.alloc(missing + RESERVED_BYTES);
      await writeAt(segment.flushed, zeros, segment.bytes);
      return true;
    } catch {
      return this.#position + bytes <= bytesOf(segment);
    } finally {
      segment.bytes = bytesOf(segment);
    }
  }

  /**
   * Appends a group. Resolves when it is on disk. Calls must be sequential. After an error, the next group overwrites
   * this one.
   */
  async append(writes: readonly TableWrite[]): Promise<void> {
    const record = this.#encoder.encode(writes, { generation: this.#generation, number: this.#number });
    await writeDurably(this.#segment(this.#generation).flushed, record, this.#position);
    this.#position += record.length;
    this.#number += 1;
    this.#noteLater();
  }

  /**
   * Continues in the other segment and overwrites it. Must not be called during an append.
   *
   * @returns the generation that has ended
   */
  async rotate(): Promise<number> {
    await this.#endNoting();
    const salt = this.#salt;
    const ended = this.#generation;
    const next = this.#segment(ended + 1);
    const count = this.#number;
    await writeHead(next, {
      begun: { salt, generation: ended + 1, count: bytesOf(next) },
      reached: { salt, generation: ended, count },
    });
    const note = encodeNote("ended", { salt, generation: ended, count });
    await writeDurably(this.#segment(ended).flushed, note, noteOffset("ended"));
    this.#generation += 1;
    this.#number = 0;
    this.#position = SEGMENT_HEAD_BYTES;
    return ended;
  }

  /**
   * Marks the segments as not needed after the data file has recorded that it contains everything. Must not be called
   * during an append.
   */
  async rest(): Promise<void> {
    await this.#endNoting();
    this.#isBegun = false;
    for (const segment of this.#segments) await writeHead(segment, {});
  }

  async close(): Promise<void> {
    const isBehind = this.#timer !== undefined;
    await this.#endNoting();
    if (isBehind) await this.#noteReached();
    for (const { flushed, unflushed } of this.#segments) {
      closeSync(flushed);
      closeSync(unflushed);
    }
  }

  #segment(generation: number): OpenSegment {
    const segment = this.#segments[generation % 2];
    if (segment === undefined) throw new RingmainError("internal", `No segment for generation ${generation}`);
    return segment;
  }

  #noteLater(): void {
    // oxlint-disable-next-line no-restricted-globals -- bounds how far the note is behind the disk; no behaviour waits for it
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#noting ??= this.#noteReached().finally(() => (this.#noting = undefined));
    }, REACHED_MS).unref();
  }

  async #noteReached(): Promise<void> {
    const note = { salt: this.#salt, generation: this.#generation, count: this.#number };
    try {
      const { unflushed } = this.#segment(this.#generation + 1);
      await writeAt(unflushed, encodeNote("reached", note), noteOffset("reached"));
    } catch {
      // The older note is still a valid lower bound.
    }
  }

  async #endNoting(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#noting;
  }
}

function openSegment(path: string): OpenSegment {
  const unflushed = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  const { size } = fstatSync(unflushed);
  for (let at = size; at < FIRST_BYTES;) at += writeSync(unflushed, Buffer.alloc(FIRST_BYTES - at), 0, undefined, at);
  if (size < FIRST_BYTES) fsyncSync(unflushed);
  return { path, unflushed, flushed: openSync(path, constants.O_RDWR | FLUSHING), bytes: fstatSync(unflushed).size };
}

function bytesOf({ flushed }: OpenSegment): number {
  return fstatSync(flushed).size;
}

function writeHead({ flushed }: OpenSegment, notes: SegmentNotes): Promise<void> {
  return writeDurably(flushed, encodeHead(notes), 0);
}

function writeDurably(file: number, bytes: Buffer, position: number): Promise<void> {
  const written = writeAt(file, bytes, position);
  return FLUSHING === 0 ? written.then(() => flush(file)) : written;
}

function flush(file: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(file, (failure) => (failure === null ? resolve() : reject(failure)));
  });
}

function writeAt(file: number, bytes: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    write(file, bytes, 0, bytes.length, position, (failure, written) => {
      if (failure !== null) reject(failure);
      else if (written < bytes.length) resolve(writeAt(file, bytes.subarray(written), position + written));
      else resolve();
    });
  });
}
