import { RingmainError, toError } from "../../../core/errors.ts";
import type { DataFile, Write } from "../file/data-file.ts";
import { logStateWrite, type LogState } from "./log-state.ts";
import { mergeRanges, type RangeEntry } from "./merge-ranges.ts";
import { Overlay, writeOf, type OverlaidEntry } from "./overlay.ts";
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
  readonly #salt: Buffer;
  readonly #segmentBytes: number;
  /** The writes of the segment that is being written. */
  #active = new Overlay();
  /** The writes of the one before, until they are in the data file. */
  #frozen: { readonly overlay: Overlay; readonly generation: number } | undefined;
  #appending: Promise<void> | undefined;
  #checkpointing: Promise<RingmainError | undefined> | undefined;
  /** Why the latest checkpoint failed. */
  #stuck: RingmainError | undefined;

  /**
   * Opens the log of a data file, which it closes with itself.
   *
   * Errors: `store_unavailable` when the log is damaged or cannot be opened.
   * @param segmentBytes how full a segment gets; smaller in tests
   */
  constructor(file: DataFile, state: LogState, segmentBytes: number = SEGMENT_BYTES) {
    this.#file = file;
    this.#segmentBytes = segmentBytes;
    this.#salt = state.salt;
    try {
      this.#log = new WriteAheadLog(file.folder, state);
    } catch (thrown) {
      if (thrown instanceof RingmainError) throw thrown;
      throw unavailable(`Cannot open the log in ${file.folder}: ${toError(thrown).message}`, thrown);
    }
    for (const { generation, groups } of this.#log.found) {
      const overlay = new Overlay();
      for (const { writes } of groups) overlay.apply(writes);
      if (generation === this.#log.found.at(-1)?.generation) this.#active = overlay;
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
    this.#file.checkOpen();
  }

  /** Opens the file again if that failed before. Errors: `store_unavailable`. */
  ensureOpen(): void {
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
  async commit(writes: readonly Write[]): Promise<void> {
    if (this.#log.bytes >= this.#segmentBytes) await this.#changeSegments();
    const { path } = this.#log;
    const appended = this.#log.append(writes);
    this.#appending = appended.catch(() => {});
    try {
      await appended;
      this.#active.apply(writes);
    } catch (thrown) {
      // On a full disk the other segment has room perhaps, and the data file.
      if (this.#frozen === undefined && this.#log.bytes > 0) this.#freeze();
      void this.#takeOver();
      throw unavailable(`Cannot write to ${path} (is the disk full?): ${toError(thrown).message}`, thrown);
    } finally {
      this.#appending = undefined;
    }
  }

  /**
   * Takes over into the data file everything that has been committed up to now. Errors: `store_unavailable`; then the
   * log still has what the data file lacks.
   */
  async checkpoint(): Promise<void> {
    for (;;) {
      for (let appending = this.#appending; appending !== undefined; appending = this.#appending) await appending;
      if (this.#frozen === undefined) break;
      await this.#takeOverOrThrow();
    }
    if (this.#log.bytes === 0) return;
    this.#freeze();
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
    await this.#file.copyTo(target);
  }

  /** Leaves everything in the data file where that is possible, else in the log. */
  async close(): Promise<void> {
    await this.checkpoint().catch(() => {
      // The next start reads the log.
    });
    this.#log.close();
    await this.#file.close();
  }

  /** Makes the other segment the one that is written, and begins to take over what this one holds. */
  async #changeSegments(): Promise<void> {
    if (this.#frozen !== undefined) await this.#takeOver();
    if (this.#frozen === undefined) {
      this.#freeze();
      void this.#takeOver();
    } else if (this.#stuck !== undefined && this.#log.bytes >= 2 * this.#segmentBytes) {
      // Up to here what ends deliveries was taken all the same.
      throw this.#stuck;
    }
  }

  #freeze(): void {
    this.#frozen = { overlay: this.#active, generation: this.#log.rotate() };
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
    await this.#writeStep([logStateWrite({ checkpointed: generation, salt: this.#salt })]);
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
