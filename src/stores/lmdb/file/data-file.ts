import { statSync } from "node:fs";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Database, RootDatabase, RootDatabaseOptionsWithPath } from "lmdb";
import { RingmainError, toError } from "../../../core/errors.ts";
import { extendFile, measureSpace, type FileSpace } from "./file-space.ts";
import { identityOf, type FileIdentity } from "./file-identity.ts";
import { fileLost } from "./folder-watch.ts";
import { checkFormat, FORMAT_KEY, FORMAT_VERSION } from "./data-format.ts";
import { open } from "./lmdb.ts";
import { syncFile } from "./sync-file.ts";
import { TABLES, type TableName } from "./tables.ts";

type Table = Database<Buffer, Buffer>;

/**
 * One write of a transaction: sets `value`, or removes the key. The bytes must not change until the transaction has
 * ended.
 */
export interface TableWrite {
  readonly table: TableName;
  readonly key: Buffer;
  readonly value: Buffer | undefined;
  /** Set if nothing was ever stored under this key. */
  readonly isNew?: true;
}

/**
 * Address space that is reserved at first. LMDB enlarges it when the file outgrows it. It takes neither disk space nor
 * memory.
 */
const MAP_BYTES = 2 ** 34;
/**
 * Number of mapped bytes after which the file is reopened. Mapped pages count as resident memory until they are
 * unmapped, which LMDB does only when it closes. Otherwise, the memory of the process would seem to grow with all data
 * that was ever stored. Reopening takes one to three milliseconds.
 */
const REOPEN_MAPPED_BYTES = 2 ** 26;
/** Estimated bytes that a read or commit maps in addition to its data: the kernel maps some pages around each. */
const FAULT_AROUND_BYTES = 2 ** 14;

interface OpenFile {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly tables: Readonly<Record<TableName, Table>>;
}

/**
 * The LMDB file of a store.
 *
 * `commit` writes one transaction on LMDB's own thread and resolves when it has been flushed to disk. This requires
 * `overlappingSync` to be off: with it, lmdb-js makes a transaction visible before it is flushed, and recovery is more
 * complicated. Commits must be sequential.
 *
 * Reads are synchronous and see every finished commit. Callers must await `ready` before a read.
 */
export class DataFile {
  readonly folder: string;
  readonly #supported: number;
  #file: OpenFile | undefined;
  /** Identity of the file that was opened first. No other file may be opened in its place. */
  #identity: FileIdentity | undefined;
  #opening: Promise<void> | undefined;
  #mappedBytes = 0;
  /** The commit in progress. Never rejects. */
  #committing: Promise<unknown> | undefined;
  /** The extension of the file in progress, during which there must be no commit. Never rejects. */
  #extending: Promise<unknown> | undefined;
  /** Copies in progress. While there are any, the file stays open. */
  readonly #copies = new Set<Promise<unknown>>();

  /**
   * Opens the file, which must be undamaged (`checkLmdbFile`), and creates it if it does not exist. Throws
   * `store_unavailable`.
   */
  constructor(folder: string, supported: number = FORMAT_VERSION) {
    this.folder = folder;
    this.#supported = supported;
    this.#open();
  }

  /** Path of the file, for messages. */
  get path(): string {
    return join(this.folder, "data.mdb");
  }

  /**
   * Resolves when reads are possible, which must follow in the same turn of the event loop; `undefined` if they are
   * possible now.
   *
   * @example for (let wait = file.ready(); wait; wait = file.ready()) await wait;
   */
  ready(): Promise<void> | undefined {
    return this.#opening;
  }

  /** Throws `store_unavailable` if the file is closed. */
  checkOpen(): void {
    this.#opened();
  }

  /** Reopens the file if that failed before. Throws `store_unavailable`. */
  ensureOpen(): void {
    if (this.#file === undefined) this.#open();
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    this.#mappedBytes += FAULT_AROUND_BYTES;
    return this.#tables()[table].get(key);
  }

  /**
   * Returns the entries from `start` up to, but not including, `end`, in order of their keys. They are read lazily; the
   * caller must read them within one turn of the event loop.
   */
  *range(
    table: TableName,
    start: Buffer,
    end?: Buffer,
  ): Generator<{ readonly key: Buffer; readonly value: Buffer }, void, void> {
    this.#mappedBytes += FAULT_AROUND_BYTES;
    const options = end === undefined ? { start } : { start, end };
    for (const entry of this.#tables()[table].getRange(options)) {
      this.#mappedBytes += entry.value.length;
      yield entry;
    }
  }

  /**
   * Writes either all writes or none. Resolves when they are on disk.
   *
   * Rejects with `store_unavailable`. Nothing has been changed then, and the file has been reopened, because LMDB may
   * be unusable after an error.
   */
  async commit(writes: readonly TableWrite[]): Promise<void> {
    while (this.#extending !== undefined) await this.#extending;
    const { root, tables } = this.#opened();
    let bytes = 4 * FAULT_AROUND_BYTES;
    try {
      const written = root.batch(() => {
        for (const { table, key, value } of writes) {
          // The promise of a single write is that of the batch.
          if (value === undefined) void tables[table].remove(key);
          else void tables[table].put(key, value);
          bytes += value?.length ?? 0;
        }
      });
      this.#committing = written.catch(() => {});
      await written;
      this.#committing = undefined;
    } catch (thrown) {
      this.#committing = undefined;
      const reason = await commitError(thrown);
      await this.#reopen().catch(() => {
        // The file stays closed. The next commit tries again.
      });
      throw unavailable(`Cannot write to ${this.path} (is the disk full?): ${reason.message}`, reason);
    }
    this.#mappedBytes += bytes;
  }

  /**
   * Measures the space inside the file that LMDB can use without extending it. Must not be called during a commit.
   * While the file is being copied, only its end counts, because no other free page may be used then.
   *
   * Throws `store_unavailable`.
   * @param part the end of the file, which takes constant time, or all of it, which takes time for each free page
   */
  measureSpace(part: "all" | "end" = "all"): FileSpace {
    try {
      return measureSpace(this.path, part === "end" || this.#copies.size > 0);
    } catch (thrown) {
      throw unavailable(`Cannot read ${this.path}: ${toError(thrown).message}`, toError(thrown));
    }
  }

  /**
   * Extends the file by this number of bytes, or by as many as the disk has, between commits. The disk space is
   * allocated before LMDB uses it.
   */
  async extend(bytes: number): Promise<void> {
    while (this.#committing !== undefined || this.#extending !== undefined) {
      await this.#committing;
      await this.#extending;
    }
    const extending = extendFile(this.path, bytes, this.#identity);
    this.#extending = extending;
    try {
      await extending;
    } finally {
      this.#extending = undefined;
    }
  }

  /**
   * Reopens the file after the commit in progress if so much of it is mapped that memory use is affected. The next
   * commit must wait until the file is ready.
   */
  async shedMappedPages(): Promise<void> {
    if (this.#mappedBytes < REOPEN_MAPPED_BYTES || this.#file === undefined || this.#copies.size > 0) return;
    this.#mappedBytes = 0;
    if (statSync(this.path).size < REOPEN_MAPPED_BYTES) return;
    await this.#reopen();
  }

  /**
   * Writes a copy of the current state of the file, without its free pages, and flushes it to disk. Reads and commits
   * continue meanwhile; pages that they free are not used again before the copy has ended.
   *
   * Rejects with `store_unavailable`; no part of the copy remains then.
   * @param complete called with the copy before it gets its name
   */
  async copyTo(target: string, complete: (copy: DataFile) => Promise<void>): Promise<void> {
    for (let wait = this.ready(); wait; wait = this.ready()) await wait;
    const { root } = this.#opened();
    const copying = writeCopy(root, target, async (folder) => {
      const copy = new DataFile(folder, this.#supported);
      try {
        await complete(copy);
      } finally {
        await copy.close();
      }
    });
    const ended = copying.catch(() => {});
    this.#copies.add(ended);
    try {
      await copying;
    } catch (thrown) {
      const error = toError(thrown);
      throw unavailable(`Cannot copy ${this.path} to ${target}: ${error.message}`, error);
    } finally {
      this.#copies.delete(ended);
    }
  }

  /** Waits for copies in progress, then closes the file. */
  async close(): Promise<void> {
    await Promise.all(this.#copies);
    const file = this.#file;
    this.#file = undefined;
    await file?.root.close();
  }

  async #reopen(): Promise<void> {
    const opened = this.#reopened();
    this.#opening = opened.catch(() => {});
    try {
      await opened;
    } finally {
      this.#opening = undefined;
    }
  }

  async #reopened(): Promise<void> {
    await this.#committing;
    await this.close();
    this.#open();
  }

  #open(): void {
    this.#checkIdentity();
    try {
      this.#file = openFile(this.folder, this.#supported);
      this.#identity ??= identityOf(this.path);
      this.#mappedBytes = 0;
    } catch (thrown) {
      const error = toError(thrown);
      if (error instanceof RingmainError) throw error;
      throw unavailable(`Cannot open ${this.path}: ${error.message}`, error);
    }
  }

  #checkIdentity(): void {
    const found = this.#identity === undefined ? undefined : identityOf(this.path);
    if (found !== undefined && found !== this.#identity) throw fileLost(this.path, found);
  }

  #tables(): OpenFile["tables"] {
    return this.#opened().tables;
  }

  #opened(): OpenFile {
    if (this.#file === undefined) throw unavailable(`${this.path} is not open`);
    return this.#file;
  }
}

function openFile(folder: string, supported: number): OpenFile {
  const path = join(folder, "data.mdb");
  const binary = { encoding: "binary", keyEncoding: "binary" } as const;
  // lmdb-js supports the mode of its files, but its types do not.
  const options: RootDatabaseOptionsWithPath & { permissionsMode: number } = {
    ...binary,
    path: folder,
    noSubdir: false,
    overlappingSync: false,
    eventTurnBatching: false,
    mapSize: MAP_BYTES,
    maxDbs: TABLES.length,
    permissionsMode: 0o600,
  };
  const root = open<Buffer, Buffer>(options);
  const table = (name: TableName): Table => root.openDB<Buffer, Buffer>({ ...binary, name });
  const meta = table("meta");
  try {
    // Must be checked before anything else is read or written.
    checkFormat(path, meta.get(FORMAT_KEY), supported);
  } catch (thrown) {
    void root.close();
    throw thrown;
  }
  const tables: OpenFile["tables"] = {
    meta,
    queues: table("queues"),
    removed: table("removed"),
    deliveries: table("deliveries"),
    events: table("events"),
    sharing: table("sharing"),
    resources: table("resources"),
    ended: table("ended"),
  };
  return { root, tables };
}

/** Writes a copy of the file by way of a folder, which LMDB requires. */
async function writeCopy(
  root: RootDatabase<Buffer, Buffer>,
  target: string,
  complete: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = `${target}.part`;
  const copy = join(folder, "data.mdb");
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    await root.backup(folder, true);
    await complete(folder);
    await chmod(copy, 0o600);
    await syncFile(copy);
    await rename(copy, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the reason of a failed write, which lmdb-js provides asynchronously after a general error. */
async function commitError(thrown: unknown): Promise<Error> {
  const error = toError(thrown);
  if (!("commitError" in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (reason) {
    return toError(reason);
  }
}

function unavailable(message: string, cause?: Error): RingmainError {
  return new RingmainError("store_unavailable", message, { cause });
}
