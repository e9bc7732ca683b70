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

/** One step of a transaction: writes `value`, or removes the key. The bytes must not change until it has ended. */
export interface TableWrite {
  readonly table: TableName;
  readonly key: Buffer;
  readonly value: Buffer | undefined;
  /** Nothing was ever stored under this key before. */
  readonly isNew?: true;
}

/** The address space that is reserved at first; LMDB enlarges it when the file outgrows it. Costs no disk and memory. */
const MAP_BYTES = 2 ** 34;
/**
 * Once about this much of the file may have been mapped since it was opened, it is opened anew. Mapped pages of a file
 * count as resident memory until they are unmapped, and LMDB unmaps them only when it closes: without this, the memory
 * of the process would seem to grow with all that was ever stored. Opening takes one to three milliseconds.
 */
const REOPEN_MAPPED_BYTES = 2 ** 26;
/** What one read or commit is taken to map beyond the bytes it is about: the kernel maps some pages around each. */
const FAULT_AROUND_BYTES = 2 ** 14;

interface OpenFile {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly tables: Readonly<Record<TableName, Table>>;
}

/**
 * The LMDB file of a store.
 *
 * `commit` writes one transaction on LMDB's own thread; when it resolves the transaction has been flushed to disk. For
 * that `overlappingSync` is off: with it lmdb-js makes a transaction visible before it is flushed, and recovers by a
 * more intricate way. One commit at a time.
 *
 * Reads are synchronous and see every finished commit. Before a read, `ready` must have been awaited.
 */
export class DataFile {
  readonly folder: string;
  readonly #supported: number;
  #file: OpenFile | undefined;
  /** The file that was opened first: no other one may be opened later in its place. */
  #identity: FileIdentity | undefined;
  #opening: Promise<void> | undefined;
  #mappedBytes = 0;
  /** Never rejects. */
  #committing: Promise<unknown> | undefined;
  /** Making the file longer is under way, which no commit may be at the same time. Never rejects. */
  #extending: Promise<unknown> | undefined;
  /** Copies under way: while there is one the file stays open. */
  readonly #copies = new Set<Promise<unknown>>();

  /**
   * Opens the file, which must be sound (`checkLmdbFile`), and makes it when there is none.
   *
   * Errors: `store_unavailable`.
   */
  constructor(folder: string, supported: number = FORMAT_VERSION) {
    this.folder = folder;
    this.#supported = supported;
    this.#open();
  }

  /** The file itself, for messages. */
  get path(): string {
    return join(this.folder, "data.mdb");
  }

  /**
   * Resolves once reads are possible; read in the same turn. `undefined` when they are already.
   *
   * @example for (let wait = file.ready(); wait; wait = file.ready()) await wait;
   */
  ready(): Promise<void> | undefined {
    return this.#opening;
  }

  /** Errors: `store_unavailable` when the file is closed. */
  checkOpen(): void {
    this.#opened();
  }

  /** Opens the file again if that failed before. Errors: `store_unavailable`. */
  ensureOpen(): void {
    if (this.#file === undefined) this.#open();
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    this.#mappedBytes += FAULT_AROUND_BYTES;
    return this.#tables()[table].get(key);
  }

  /**
   * The entries from `start` on, up to but without `end`, in order of their keys. Read as they are asked for; to be
   * read within one turn.
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
   * Writes all or nothing; resolves when it is on disk.
   *
   * Errors: `store_unavailable`; nothing was changed, and the file has been opened anew, as LMDB may be left unusable.
   */
  async commit(writes: readonly TableWrite[]): Promise<void> {
    while (this.#extending !== undefined) await this.#extending;
    const { root, tables } = this.#opened();
    let bytes = 4 * FAULT_AROUND_BYTES;
    try {
      const written = root.batch(() => {
        for (const { table, key, value } of writes) {
          // The promise of a single write is the batch's own.
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
        // Stays closed; the next commit tries again.
      });
      throw unavailable(`Cannot write to ${this.path} (is the disk full?): ${reason.message}`, reason);
    }
    this.#mappedBytes += bytes;
  }

  /**
   * Returns the space inside the file that can be used without making it longer; not while a commit is under way. While
   * the file is being copied, only its end counts: nothing else that is free may be used then.
   *
   * Errors: `store_unavailable`.
   * @param part the end of the file alone is measured in no time; all of it, in some for each free page
   */
  measureSpace(part: "all" | "end" = "all"): FileSpace {
    try {
      return measureSpace(this.path, part === "end" || this.#copies.size > 0);
    } catch (thrown) {
      throw unavailable(`Cannot read ${this.path}: ${toError(thrown).message}`, toError(thrown));
    }
  }

  /**
   * Makes the file longer by so many bytes, or by as many as the disk has, between commits: LMDB finds them taken
   * already when it comes to use them.
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
   * Opens the file anew when so much of it has been mapped that it shows, after the commit that is under way. The next
   * one must wait until the file is ready.
   */
  async shedMappedPages(): Promise<void> {
    if (this.#mappedBytes < REOPEN_MAPPED_BYTES || this.#file === undefined || this.#copies.size > 0) return;
    this.#mappedBytes = 0;
    if (statSync(this.path).size < REOPEN_MAPPED_BYTES) return;
    await this.#reopen();
  }

  /**
   * Writes a copy of the file as of now, without its free pages, flushed to disk. Reads and commits go on meanwhile; what
   * they free is not used again before the copy has ended.
   *
   * Errors: `store_unavailable`; nothing is left of the copy.
   * @param complete runs on the copy before it gets its name
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

  /** Waits for copies under way. */
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
  // lmdb-js knows the mode of its files, its types do not.
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
    // Before anything else is touched.
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

/** LMDB wants a folder, and makes the copy in it. */
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

/** lmdb-js rejects a write with a general error, and tells the reason a little later. */
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
