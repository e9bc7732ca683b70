import { RingmainError, toError } from "../../../core/errors.ts";
import type { DataFile, TableWrite } from "../file/data-file.ts";
import type { TableName } from "../file/tables.ts";
import { Checkpointer } from "./checkpointer.ts";
import { logStateWrite, obtainLogState, type LogState } from "./log-state.ts";
import { mergeRanges, type RangeEntry } from "./merge-ranges.ts";
import { Overlay } from "./overlay.ts";
import { Room, type RoomNeed } from "./room.ts";
import { logError, readLog, type LogContents } from "./segments/read-log.ts";
import { StepWriter } from "./step-writer.ts";
import { WriteAheadLog } from "./write-ahead-log.ts";

/** Size in bytes at which a segment of the log is full and the other one is used. */
const SEGMENT_BYTES = 2 ** 23;
/** Bytes of a segment that arriving deliveries leave for settling if both the log and the disk are full. */
const HEADROOM_BYTES = 2 ** 17;

/**
 * The files of a store: a log and, behind it, the data file.
 *
 * {@link commit} appends writes to the log and resolves when they are flushed. The writes stay in memory, where reads
 * find them, until the log's segment is full. Then a checkpoint copies them into the data file in the background, while
 * commits continue in the other segment. Entries that are added and removed within one segment, as most deliveries are,
 * never reach the data file. When a store is opened, the writes of the log that are not in the data file are read into
 * memory.
 *
 * All committed writes have room in the data file. Callers must refuse changes without room ({@link Room}).
 *
 * Commits must be sequential. Reads are synchronous and see all finished commits. Callers must await {@link ready}
 * before a read.
 */
export class StoreFile {
  readonly #file: DataFile;
  readonly #log: WriteAheadLog;
  readonly #segmentBytes: number;
  /** The room for changes. */
  readonly room: Room;
  readonly #steps: StepWriter;
  readonly #checkpointer: Checkpointer;
  /** The writes in the current segment. */
  #active = new Overlay();
  /** The use of the log in progress: an append or a change of segments. Never rejects. */
  #using: Promise<unknown> | undefined;
  /** The reason why the store has failed for good. */
  #lost: RingmainError | undefined;

  /**
   * Opens the log of a data file. Closing the store file also closes the data file.
   *
   * Throws `store_unavailable` if the log is incomplete or cannot be opened.
   * @param segmentBytes size at which a segment is full; smaller in tests
   */
  constructor(file: DataFile, state: LogState, segmentBytes: number = SEGMENT_BYTES) {
    this.#file = file;
    this.#segmentBytes = segmentBytes;
    this.room = new Room(file, {
      heldBytes: () => this.#active.bytes + this.#checkpointer.bytes,
      longestHeld: () => Math.max(this.#active.longest, this.#checkpointer.frozen?.longest ?? 0),
      checkpoint: () => this.checkpoint(),
    });
    this.#steps = new StepWriter(file, this.room);
    const { log, contents } = openLog(file.folder, state);
    this.#log = log;
    this.#checkpointer = new Checkpointer({
      steps: this.#steps,
      room: this.room,
      active: () => this.#active,
      stateAfter: (generation) => log.stateAfter(generation),
    });
    for (const { generation, groups } of contents.segments) {
      const overlay = new Overlay();
      for (const { writes } of groups) overlay.apply(writes);
      if (generation === contents.latest) this.#active = overlay;
      else this.#checkpointer.freeze(overlay, generation);
    }
  }

  get folder(): string {
    return this.#file.folder;
  }

  /** Path of the data file, for messages. */
  get path(): string {
    return this.#file.path;
  }

  /**
   * Resolves when reads are possible, which must follow in the same turn of the event loop; `undefined` if they are
   * possible now.
   */
  ready(): Promise<void> | undefined {
    return this.#file.ready();
  }

  /** Throws `store_unavailable` if the file is closed. */
  checkOpen(): void {
    if (this.#lost !== undefined) throw this.#lost;
    this.#file.checkOpen();
  }

  /** Refuses all further calls with this reason, because the files have been lost. */
  fail(reason: RingmainError): void {
    this.#lost = reason;
  }

  /** Reopens the file if that failed before. Throws `store_unavailable`. */
  ensureOpen(): void {
    if (this.#lost !== undefined) throw this.#lost;
    this.#file.ensureOpen();
  }

  /**
   * Returns the reason to refuse a change that needs room in addition to `drafted` bytes that are about to be
   * committed; `undefined` if there is room.
   */
  findRefusal(need: RoomNeed, drafted: number): RingmainError | undefined {
    const { stuck } = this.#checkpointer;
    if (stuck !== undefined && need.purpose === "arriving" && this.#isFull()) {
      void this.#checkpointer.copyFrozen();
      return stuck;
    }
    return this.room.has(need, drafted) ? undefined : this.room.fullError();
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    const write = this.#active.get(table, key) ?? this.#checkpointer.frozen?.get(table, key);
    return write === undefined ? this.#file.get(table, key) : write.value;
  }

  /**
   * Returns the entries from `start` up to, but not including, `end`, in order of their keys. They are read lazily; the
   * caller must read them within one turn of the event loop.
   */
  *range(table: TableName, start: Buffer, end?: Buffer): Generator<{ key: Buffer; value: Buffer }, void, void> {
    let entries: Generator<RangeEntry, void, void> = this.#file.range(table, start, end);
    const { frozen } = this.#checkpointer;
    if (frozen !== undefined) entries = mergeRanges(frozen.range(table, start, end), entries);
    for (const { key, value } of mergeRanges(this.#active.range(table, start, end), entries)) {
      if (value !== undefined) yield { key, value };
    }
  }

  /**
   * Writes either all writes or none. Resolves when they are on disk. Their bytes must not change afterwards.
   *
   * Rejects with `store_unavailable`; nothing has been changed then.
   * @param isArriving whether the writes add deliveries; if so, they leave room in the log for settling
   */
  async commit(writes: readonly TableWrite[], isArriving = false): Promise<void> {
    await this.#useLog(() => this.#append(writes, isArriving));
    this.room.keepAhead();
  }

  /**
   * Copies all commits until now into the data file. Rejects with `store_unavailable`; the log still has all writes
   * that the data file lacks.
   */
  async checkpoint(): Promise<void> {
    await this.#whenNothingIsFrozen(async () => {
      if (this.#log.bytes > 0) await this.#freeze();
    });
    await this.#checkpointer.copyFrozenOrThrow();
  }

  /** Reopens the data file if so much of it is mapped that memory use is affected. */
  shedMappedPages(): Promise<void> {
    return this.#file.shedMappedPages();
  }

  /**
   * Writes a copy of all commits until now, and flushes it to disk. Reads and commits continue meanwhile.
   *
   * Rejects with `store_unavailable`; no part of the copy remains then.
   */
  async copyTo(target: string): Promise<void> {
    await this.checkpoint();
    await this.#file.copyTo(target, async (copy) => {
      // The copy is complete without the log, which is not copied.
      const state = await obtainLogState(copy);
      await copy.commit([logStateWrite({ ...state, begun: state.checkpointed })]);
    });
  }

  /** Copies all writes to the data file if possible; otherwise they stay in the log. */
  async close(): Promise<void> {
    await this.room.close();
    try {
      await this.#rest();
    } catch {
      // The next start reads the log.
    }
    await this.#log.close();
    await this.#file.close();
  }

  async #append(writes: readonly TableWrite[], isArriving: boolean): Promise<void> {
    if (this.#isFull()) await this.#changeSegments();
    if (!(await this.#hasHeadroom()) && isArriving) {
      this.room.exhaust();
      throw this.room.fullError();
    }
    const { path } = this.#log;
    try {
      if (!this.#log.isBegun) await this.#log.begin((state) => this.#steps.commit([logStateWrite(state)]));
      await this.#appendSomewhere(writes);
      this.#active.apply(writes);
    } catch (thrown) {
      this.room.exhaust();
      if (thrown instanceof RingmainError) throw thrown;
      throw unavailable(`Cannot write to ${path} (is the disk full?): ${toError(thrown).message}`, thrown);
    }
  }

  /**
   * Returns whether the current segment has room for settling after another group. If it has not, tries the other
   * segment.
   */
  async #hasHeadroom(): Promise<boolean> {
    const bytes = this.room.groupLimits.bytes + HEADROOM_BYTES;
    if (await this.#log.reserve(bytes)) return true;
    if (this.#log.bytes > 0) await this.#changeSegments();
    return this.#log.reserve(bytes);
  }

  /**
   * Appends to the log. On a full disk, the other segment may have the room that this one lacks once its writes have
   * been copied.
   */
  async #appendSomewhere(writes: readonly TableWrite[]): Promise<void> {
    try {
      await this.#log.append(writes);
    } catch (thrown) {
      if (this.#checkpointer.frozen !== undefined) await this.#checkpointer.copyFrozen();
      if (this.#checkpointer.frozen !== undefined) throw thrown;
      await this.#freeze();
      void this.#checkpointer.copyFrozen();
      await this.#log.append(writes);
    }
  }

  /** Copies all writes, and records that the log is no longer needed. */
  async #rest(): Promise<void> {
    if (!this.#log.isBegun || this.#lost !== undefined) return;
    await this.#whenNothingIsFrozen(async () => {
      this.#checkpointer.freeze(this.#active, this.#log.generation);
      this.#active = new Overlay();
    });
    await this.#checkpointer.copyFrozenOrThrow();
    await this.#log.rest();
  }

  /** Runs `use` while no append is in progress and no writes are frozen. */
  async #whenNothingIsFrozen(use: () => Promise<void>): Promise<void> {
    const tryToUse = async (): Promise<boolean> => {
      if (this.#checkpointer.frozen !== undefined) return false;
      await use();
      return true;
    };
    while (!(await this.#useLog(tryToUse))) await this.#checkpointer.copyFrozenOrThrow();
  }

  /** Runs the uses of the log one after the other. */
  async #useLog<T>(use: () => Promise<T>): Promise<T> {
    while (this.#using !== undefined) await this.#using;
    const using = use();
    this.#using = using.catch(() => {});
    try {
      return await using;
    } finally {
      this.#using = undefined;
    }
  }

  /** Continues in the other segment, and starts to copy the writes of this one. */
  async #changeSegments(): Promise<void> {
    if (this.#checkpointer.frozen !== undefined) await this.#checkpointer.copyFrozen();
    const { frozen, stuck } = this.#checkpointer;
    if (frozen === undefined) {
      await this.#freeze();
      void this.#checkpointer.copyFrozen();
    } else if (stuck !== undefined && this.#log.bytes >= 2 * this.#segmentBytes) {
      // Settling continues until a segment has twice its size.
      throw stuck;
    }
  }

  async #freeze(): Promise<void> {
    const generation = await this.#log.rotate();
    this.#checkpointer.freeze(this.#active, generation);
    this.#active = new Overlay();
  }

  /** Returns whether the current segment has reached its size. */
  #isFull(): boolean {
    return this.#log.bytes >= this.#segmentBytes;
  }
}

function openLog(folder: string, state: LogState): { log: WriteAheadLog; contents: LogContents } {
  let contents: LogContents;
  try {
    contents = readLog(folder, state);
    if (contents.problems.length === 0) return { contents, log: new WriteAheadLog(folder, contents) };
  } catch (thrown) {
    throw unavailable(`Cannot open the log in ${folder}: ${toError(thrown).message}`, thrown);
  }
  throw logError(folder, contents.problems);
}

function unavailable(message: string, cause: unknown): RingmainError {
  return new RingmainError("store_unavailable", message, { cause });
}
