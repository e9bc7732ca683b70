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
 * A segment takes so much of the disk from the beginning: so that on a full disk there is room to say that deliveries
 * have ended, which makes space.
 */
const FIRST_BYTES = 2 ** 18;
/** So much more of the disk is taken in advance as a segment grows for the first time. */
const RESERVED_BYTES = 2 ** 18;
/** The other segment says at most this much later how far this one has come. */
const REACHED_MS = 10;
/**
 * Where a write can flush by itself it does: that is one task for the thread pool instead of two, a tenth of a
 * millisecond. On other systems the flag is missing, or leaves data in the disk's own cache.
 */
const FLUSHING = platform === "linux" ? constants.O_DSYNC : 0;

/** A segment's file, opened twice: notes that may be lost with the machine's power are not flushed. */
interface OpenSegment {
  readonly path: string;
  readonly flushed: number;
  readonly unflushed: number;
  /** Bytes that the file has. */
  bytes: number;
}

/**
 * The log in front of the data file: groups of writes, each flushed to disk by itself, in a file that is overwritten in
 * place, where LMDB would flush twice and write whole pages.
 *
 * Two segments are used in turn, a generation each. One may be overwritten once its writes are in the data file; the
 * data file says which those are ({@link LogState}), and which generations must be found in the log.
 *
 * - *Resting*: the data file has everything. `begin` ends that, before the first group.
 * - *Begun*: groups are appended to the latest generation; `rotate` goes on in the other segment. `rest` ends it.
 *
 * Nothing is acknowledged that could be lost unnoticed: before the first group of a generation, its segment's head is on
 * disk, and the data file or the segment before says that it has begun. How far it has come is noted in the other
 * segment's head within {@link REACHED_MS}, without a flush: exact after the end of the process, a lower bound after
 * the loss of power.
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
  /** Never rejects. */
  #noting: Promise<void> | undefined;

  /** Opens the segments, which must be sound, and makes them when there are none. Errors: those of the file system. */
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

  /** The segment that is being written, for messages. */
  get path(): string {
    return this.#segment(this.#generation).path;
  }

  /** Bytes of groups in the segment that is being written. */
  get bytes(): number {
    return this.#position - SEGMENT_HEAD_BYTES;
  }

  /** The generation that is written now, or next. */
  get generation(): number {
    return this.#generation;
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** The state of the data file once it has a generation and all before. */
  stateAfter(checkpointed: number): LogState {
    return { checkpointed, salt: this.#salt, begun: this.#generation };
  }

  /**
   * Begins the first generation after a rest. The log may be appended to when `record` has made the state durable.
   */
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

  /**
   * Takes so many bytes of the disk for what is appended next, if they are not taken already. Resolves with whether the
   * disk had them.
   */
  async reserve(bytes: number): Promise<boolean> {
    const segment = this.#segment(this.#generation);
    const missing = this.#position + bytes - segment.bytes;
    if (missing <= 0) return true;
    try {
      // More than is missing: this is not to be done for each group.
      const zeros = Buffer.alloc(missing + RESERVED_BYTES);
      await writeAt(segment.flushed, zeros, segment.bytes);
      return true;
    } catch {
      return this.#position + bytes <= bytesOf(segment);
    } finally {
      segment.bytes = bytesOf(segment);
    }
  }

  /** Resolves when the writes are on disk. One call at a time. After an error the next group takes this one's place. */
  async append(writes: readonly TableWrite[]): Promise<void> {
    const record = this.#encoder.encode(writes, { generation: this.#generation, number: this.#number });
    await writeDurably(this.#segment(this.#generation).flushed, record, this.#position);
    this.#position += record.length;
    this.#number += 1;
    this.#noteLater();
  }

  /**
   * Goes on in the other segment, over what it holds; not while something is being appended.
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

  /** Marks the segments as not needed, once the data file says that it has everything. Nothing may be appended then. */
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
      // An older note is as true as this one.
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
