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

/** A segment of the log that has reached this size is followed by the other one. */
const SEGMENT_BYTES = 2 ** 23;
/** Arrivals leave so much of a segment to those who settle deliveries, should the log be full and the disk as well. */
const HEADROOM_BYTES = 2 ** 17;

/**
 * What a store has on disk: a log and, behind it, the data file.
 *
 * `commit` appends to the log, and resolves once that is flushed. The writes stay in memory, where reads see them,
 * until the log's segment is full; then a checkpoint takes them over into the data file in the background, while the
 * other segment is written. What came and went within one segment, as most deliveries do, never gets there. When a
 * store is opened, the log's writes that are not in the data file are read back into memory.
 *
 * What is committed has room in the data file: changes that have none are to be refused ({@link Room}).
 *
 * One commit at a time. Reads are synchronous and see every finished commit. Before a read, `ready` must have been
 * awaited.
 */
export class StoreFile {
  readonly #file: DataFile;
  readonly #log: WriteAheadLog;
  readonly #segmentBytes: number;
  /** The room for changes. */
  readonly room: Room;
  readonly #steps: StepWriter;
  readonly #checkpointer: Checkpointer;
  /** The writes of the segment that is being written. */
  #active = new Overlay();
  /** The use of the log that is under way, an append or a change of segments. Never rejects. */
  #using: Promise<unknown> | undefined;
  /** The reason why nothing is stored any more. */
  #lost: RingmainError | undefined;

  /**
   * Opens the log of a data file, which it closes with itself.
   *
   * Errors: `store_unavailable` when the log is not whole or cannot be opened.
   * @param segmentBytes how full a segment gets; smaller in tests
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

  /** The data file, for messages. */
  get path(): string {
    return this.#file.path;
  }

  /** Resolves once reads are possible; read in the same turn. `undefined` when they are already. */
  ready(): Promise<void> | undefined {
    return this.#file.ready();
  }

  /** Errors: `store_unavailable` when the file is closed. */
  checkOpen(): void {
    if (this.#lost !== undefined) throw this.#lost;
    this.#file.checkOpen();
  }

  /** Refuses everything from now on, with this reason: the files are lost. */
  fail(reason: RingmainError): void {
    this.#lost = reason;
  }

  /** Opens the file again if that failed before. Errors: `store_unavailable`. */
  ensureOpen(): void {
    if (this.#lost !== undefined) throw this.#lost;
    this.#file.ensureOpen();
  }

  /**
   * Returns the reason to refuse a change, which needs room beside `drafted` bytes that are about to be committed;
   * `undefined` when there is room.
   */
  findRefusal(need: RoomNeed, drafted: number): RingmainError | undefined {
    const { stuck } = this.#checkpointer;
    if (stuck !== undefined && need.purpose === "arriving" && this.#isFull()) {
      void this.#checkpointer.takeOver();
      return stuck;
    }
    return this.room.has(need, drafted) ? undefined : this.room.fullError();
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    const write = this.#active.get(table, key) ?? this.#checkpointer.frozen?.get(table, key);
    return write === undefined ? this.#file.get(table, key) : write.value;
  }

  /**
   * The entries from `start` on, up to but without `end`, in order of their keys. Read as they are asked for; to be
   * read within one turn.
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
   * Writes all or nothing; resolves when it is on disk. The writes' bytes must not change afterwards.
   *
   * Errors: `store_unavailable`; then nothing was changed.
   * @param isArriving the writes bring something new, and leave room in the log for those that settle what is there
   */
  async commit(writes: readonly TableWrite[], isArriving = false): Promise<void> {
    await this.#useLog(() => this.#append(writes, isArriving));
    this.room.keepAhead();
  }

  /**
   * Takes over into the data file everything that has been committed up to now. Errors: `store_unavailable`; then the
   * log still has what the data file lacks.
   */
  async checkpoint(): Promise<void> {
    await this.#whenTakenOver(async () => {
      if (this.#log.bytes > 0) await this.#freeze();
    });
    await this.#checkpointer.takeOverOrThrow();
  }

  /** Opens the data file anew when so much of it has been mapped that it shows. */
  shedMappedPages(): Promise<void> {
    return this.#file.shedMappedPages();
  }

  /**
   * Writes a copy of all that has been committed up to now, flushed to disk; reads and commits go on meanwhile.
   *
   * Errors: `store_unavailable`; nothing is left of the copy.
   */
  async copyTo(target: string): Promise<void> {
    await this.checkpoint();
    await this.#file.copyTo(target, async (copy) => {
      // The copy is whole without the log that goes on here.
      const state = await obtainLogState(copy);
      await copy.commit([logStateWrite({ ...state, begun: state.checkpointed })]);
    });
  }

  /** Leaves everything in the data file where that is possible, else in the log. */
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

  /** Whether the segment that is written has room for settling behind another group, or the other one, once it is its turn. */
  async #hasHeadroom(): Promise<boolean> {
    const bytes = this.room.groupLimits.bytes + HEADROOM_BYTES;
    if (await this.#log.reserve(bytes)) return true;
    if (this.#log.bytes > 0) await this.#changeSegments();
    return this.#log.reserve(bytes);
  }

  /** On a full disk the other segment may have the room that this one has not, once its writes are taken over. */
  async #appendSomewhere(writes: readonly TableWrite[]): Promise<void> {
    try {
      await this.#log.append(writes);
    } catch (thrown) {
      if (this.#checkpointer.frozen !== undefined) await this.#checkpointer.takeOver();
      if (this.#checkpointer.frozen !== undefined) throw thrown;
      await this.#freeze();
      void this.#checkpointer.takeOver();
      await this.#log.append(writes);
    }
  }

  /** Takes over everything, and records that nothing is needed of the log. */
  async #rest(): Promise<void> {
    if (!this.#log.isBegun || this.#lost !== undefined) return;
    await this.#whenTakenOver(async () => {
      this.#checkpointer.freeze(this.#active, this.#log.generation);
      this.#active = new Overlay();
    });
    await this.#checkpointer.takeOverOrThrow();
    await this.#log.rest();
  }

  /** Runs `use` at a moment at which nothing is appended and nothing is frozen. */
  async #whenTakenOver(use: () => Promise<void>): Promise<void> {
    const tryToUse = async (): Promise<boolean> => {
      if (this.#checkpointer.frozen !== undefined) return false;
      await use();
      return true;
    };
    while (!(await this.#useLog(tryToUse))) await this.#checkpointer.takeOverOrThrow();
  }

  /** Runs one use of the log after the other. */
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

  /** Makes the other segment the one that is written, and begins to take over what this one holds. */
  async #changeSegments(): Promise<void> {
    if (this.#checkpointer.frozen !== undefined) await this.#checkpointer.takeOver();
    const { frozen, stuck } = this.#checkpointer;
    if (frozen === undefined) {
      await this.#freeze();
      void this.#checkpointer.takeOver();
    } else if (stuck !== undefined && this.#log.bytes >= 2 * this.#segmentBytes) {
      // Up to here settling went on all the same.
      throw stuck;
    }
  }

  async #freeze(): Promise<void> {
    const generation = await this.#log.rotate();
    this.#checkpointer.freeze(this.#active, generation);
    this.#active = new Overlay();
  }

  /** Whether the segment that is being written is as long as it should get. */
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
