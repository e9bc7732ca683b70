import { RingmainError, toError } from "../../../core/errors.ts";
import type { DataFile, Write } from "../file/data-file.ts";
import { logStateWrite, obtainLogState, type LogState } from "./log-state.ts";
import { mergeRanges, type RangeEntry } from "./merge-ranges.ts";
import { Overlay, writeOf, type OverlaidEntry } from "./overlay.ts";
import { logError, readLog, type LogContents } from "./segments/read-log.ts";
import { WriteAheadLog } from "./write-ahead-log.ts";
import type { TableName } from "../file/tables.ts";

/** A segment of the log that has reached this size is followed by the other one. */
const SEGMENT_BYTES = 2 ** 23;
/** A checkpoint writes transactions of about this size, so that it never keeps the process for long. */
const STEP_WRITES = 1_000;
const STEP_BYTES = 2 ** 20;

/**
 * What a store has on disk: a log and, behind it, the data file.
 *
 * `commit` appends to the log, and resolves once that is flushed. The writes stay in memory, where reads see them,
 * until the log's segment is full; then a checkpoint takes them over into the data file in the background, while the
 * other segment is written. What came and went within one segment, as most deliveries do, never gets there. When a
 * store is opened, the log's writes that are not in the data file are read back into memory.
 *
 * One commit at a time. Reads are synchronous and see every finished commit. Before a read, `ready` must have been
 * awaited.
 */
export class StoreFile {
  readonly #file: DataFile;
  readonly #log: WriteAheadLog;
  readonly #segmentBytes: number;
  /** The writes of the segment that is being written. */
  #active = new Overlay();
  /** The writes of the one before, until they are in the data file. */
  #frozen: { readonly overlay: Overlay; readonly generation: number } | undefined;
  /** The use of the log that is under way, an append or a change of segments. Never rejects. */
  #using: Promise<unknown> | undefined;
  #checkpointing: Promise<RingmainError | undefined> | undefined;
  /** The reason why nothing is stored any more. */
  #lost: RingmainError | undefined;
  /** Why the latest checkpoint failed. */
  #stuck: RingmainError | undefined;

  /**
   * Opens the log of a data file, which it closes with itself.
   *
   * Errors: `store_unavailable` when the log is not whole or cannot be opened.
   * @param segmentBytes how full a segment gets; smaller in tests
   */
  constructor(file: DataFile, state: LogState, segmentBytes: number = SEGMENT_BYTES) {
    this.#file = file;
    this.#segmentBytes = segmentBytes;
    const { log, contents } = openLog(file.folder, state);
    this.#log = log;
    for (const { generation, groups } of contents.segments) {
      const overlay = new Overlay();
      for (const { writes } of groups) overlay.apply(writes);
      if (generation === contents.latest) this.#active = overlay;
      else this.#frozen = { overlay, generation };
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
   * Errors: `store_unavailable` while the log is full and the data file cannot take what it holds: then nothing may be
   * added. Each refusal tries that again.
   */
  checkRoom(): void {
    if (this.#stuck === undefined || this.#log.bytes < this.#segmentBytes) return;
    void this.#takeOver();
    throw this.#stuck;
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    const write = this.#active.get(table, key) ?? this.#frozen?.overlay.get(table, key);
    return write === undefined ? this.#file.get(table, key) : write.value;
  }

  /**
   * The entries from `start` on, up to but without `end`, in order of their keys. Read as they are asked for; to be
   * read within one turn.
   */
  *range(table: TableName, start: Buffer, end?: Buffer): Generator<{ key: Buffer; value: Buffer }, void, void> {
    let entries: Generator<RangeEntry, void, void> = this.#file.range(table, start, end);
    if (this.#frozen !== undefined) entries = mergeRanges(this.#frozen.overlay.range(table, start, end), entries);
    for (const { key, value } of mergeRanges(this.#active.range(table, start, end), entries)) {
      if (value !== undefined) yield { key, value };
    }
  }

  /**
   * Writes all or nothing; resolves when it is on disk. The writes' bytes must not change afterwards.
   *
   * Errors: `store_unavailable`; then nothing was changed.
   */
  commit(writes: readonly Write[]): Promise<void> {
    return this.#useLog(() => this.#append(writes));
  }

  async #append(writes: readonly Write[]): Promise<void> {
    if (this.#log.bytes >= this.#segmentBytes) await this.#changeSegments();
    const { path } = this.#log;
    try {
      if (!this.#log.isBegun) await this.#log.begin((state) => this.#writeStep([logStateWrite(state)]));
      await this.#log.append(writes);
      this.#active.apply(writes);
    } catch (thrown) {
      // On a full disk the other segment has room perhaps, and the data file.
      if (this.#frozen === undefined && this.#log.bytes > 0) await this.#freeze();
      void this.#takeOver();
      throw unavailable(`Cannot write to ${path} (is the disk full?): ${toError(thrown).message}`, thrown);
    }
  }

  /**
   * Takes over into the data file everything that has been committed up to now. Errors: `store_unavailable`; then the
   * log still has what the data file lacks.
   */
  async checkpoint(): Promise<void> {
    await this.#whenTakenOver(async () => {
      if (this.#log.bytes > 0) await this.#freeze();
    });
    await this.#takeOverOrThrow();
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
    try {
      await this.#rest();
    } catch {
      // The next start reads the log.
    }
    await this.#log.close();
    await this.#file.close();
  }

  /** Takes over everything, and records that nothing is needed of the log. */
  async #rest(): Promise<void> {
    if (!this.#log.isBegun || this.#lost !== undefined) return;
    await this.#whenTakenOver(async () => {
      this.#frozen = { overlay: this.#active, generation: this.#log.generation };
      this.#active = new Overlay();
    });
    await this.#takeOverOrThrow();
    await this.#log.rest();
  }

  /** Runs `use` at a moment at which nothing is appended and nothing is frozen. */
  async #whenTakenOver(use: () => Promise<void>): Promise<void> {
    const tryToUse = async (): Promise<boolean> => {
      if (this.#frozen !== undefined) return false;
      await use();
      return true;
    };
    while (!(await this.#useLog(tryToUse))) await this.#takeOverOrThrow();
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
    if (this.#frozen !== undefined) await this.#takeOver();
    if (this.#frozen === undefined) {
      await this.#freeze();
      void this.#takeOver();
    } else if (this.#stuck !== undefined && this.#log.bytes >= 2 * this.#segmentBytes) {
      // Up to here what ends deliveries was taken all the same.
      throw this.#stuck;
    }
  }

  async #freeze(): Promise<void> {
    const generation = await this.#log.rotate();
    this.#frozen = { overlay: this.#active, generation };
    this.#active = new Overlay();
  }

  /** Resolves when the frozen writes are in the data file; or, with the reason, when they could not be written there. */
  #takeOver(): Promise<RingmainError | undefined> {
    this.#checkpointing ??= this.#tryToTakeOver();
    return this.#checkpointing;
  }

  async #takeOverOrThrow(): Promise<void> {
    const stuck = await this.#takeOver();
    if (stuck !== undefined) throw stuck;
  }

  async #tryToTakeOver(): Promise<RingmainError | undefined> {
    try {
      await this.#writeFrozen();
      this.#stuck = undefined;
      this.#frozen = undefined;
    } catch (thrown) {
      this.#stuck = thrown instanceof RingmainError ? thrown : unavailable(toError(thrown).message, thrown);
    }
    this.#checkpointing = undefined;
    return this.#stuck;
  }

  /** What ends comes first: on a full disk it makes room for the rest, and so does what has ended since. */
  async #writeFrozen(): Promise<void> {
    const frozen = this.#frozen;
    if (frozen === undefined) return;
    const { overlay, generation } = frozen;
    if (this.#stuck !== undefined) await this.#writeSteps(this.#active.all(), isRemoval, () => {});
    await this.#writeSteps(overlay.all(), isRemoval, (step) => overlay.forget(step));
    await this.#writeSteps(
      overlay.all(),
      // What was written again since is in the log a second time.
      (entry) => !this.#active.covers(entry),
      (step) => overlay.forget(step),
    );
    await this.#writeStep([logStateWrite(this.#log.stateAfter(generation))]);
  }

  async #writeSteps(
    entries: Generator<OverlaidEntry, void, void>,
    wanted: (entry: OverlaidEntry) => boolean,
    written: (step: readonly OverlaidEntry[]) => void,
  ): Promise<void> {
    for (let step = nextStep(entries, wanted); step.length > 0; step = nextStep(entries, wanted)) {
      await this.#writeStep(step.map(writeOf));
      written(step);
    }
  }

  async #writeStep(writes: readonly Write[]): Promise<void> {
    for (let wait = this.#file.ready(); wait !== undefined; wait = this.#file.ready()) await wait;
    this.#file.ensureOpen();
    await this.#file.commit(writes);
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

function isRemoval({ value }: OverlaidEntry): boolean {
  return value === undefined;
}

function nextStep(
  entries: Generator<OverlaidEntry, void, void>,
  wanted: (entry: OverlaidEntry) => boolean,
): OverlaidEntry[] {
  const step: OverlaidEntry[] = [];
  let bytes = 0;
  while (step.length < STEP_WRITES && bytes < STEP_BYTES) {
    const next = entries.next();
    if (next.done === true) break;
    if (!wanted(next.value)) continue;
    step.push(next.value);
    bytes += next.value.value?.length ?? 0;
  }
  return step;
}

function unavailable(message: string, cause: unknown): RingmainError {
  return new RingmainError("store_unavailable", message, { cause });
}
