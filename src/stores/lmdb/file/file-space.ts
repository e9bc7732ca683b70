import { open, statfs, type FileHandle } from "node:fs/promises";
import { findIdentity, type FileIdentity } from "./file-identity.ts";
import { PageFile } from "./pages/page-file.ts";
import { usableRuns } from "./pages/free-pages.ts";

/** Number of zeros that are written at a time. */
const PIECE_BYTES = 2 ** 18;
/** Size of a page's head, which also takes space of the value in a page or run of pages. */
const PAGE_HEAD_BYTES = 24;
/** Maximum size of a value that shares a page with others. A longer one has its own pages. */
const LONGEST_INSIDE_BYTES = 1_900;

/** The space inside a data file that LMDB can use without extending it. */
export interface FileSpace {
  readonly pageBytes: number;
  /** Number of pages at the end of the file that were never used. */
  readonly tail: number;
  /** Lengths of the runs of free pages between used pages. */
  readonly runs: readonly number[];
}

/**
 * Measures the space in a data file. Must not be called during a write. Throws errors of the file system.
 *
 * @param endOnly skips the free pages between used pages
 */
export function measureSpace(path: string, endOnly: boolean): FileSpace {
  const file = new PageFile(path);
  try {
    const { pageBytes } = file;
    const [state] = file.states();
    if (state === undefined) return { pageBytes, tail: 0, runs: [] };
    const runs = endOnly ? [] : usableRuns(file, state).map(({ pages }) => pages);
    return { pageBytes, tail: Math.max(0, file.pages - (state.lastPage + 1)), runs };
  } finally {
    file.close();
  }
}

/**
 * Returns the usable bytes for values that each need adjacent pages.
 *
 * @param valueBytes size of the longest value
 */
export function usableBytes({ pageBytes, tail, runs }: FileSpace, valueBytes: number): number {
  const pages = valueBytes <= LONGEST_INSIDE_BYTES ? 1 : Math.ceil((PAGE_HEAD_BYTES + valueBytes) / pageBytes);
  const fitting = [tail, ...runs].reduce((sum, run) => sum + Math.floor(run / pages) * pages, 0);
  return fitting * pageBytes;
}

/** Returns the free bytes of a folder's disk for this process; `undefined` if unknown. */
export async function availableBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/**
 * Extends a file with zeros, which allocate disk space at once, by as many bytes as the disk has.
 *
 * @param identity the expected identity of the file; another file is left unchanged
 */
export async function extendFile(path: string, bytes: number, identity: FileIdentity | undefined): Promise<void> {
  const zeros = Buffer.alloc(Math.min(bytes, PIECE_BYTES));
  let file: FileHandle | undefined;
  try {
    if ((await findIdentity(path)) !== identity) return;
    file = await open(path, "r+");
    let { size } = await file.stat();
    for (let left = bytes; left > 0;) {
      const { bytesWritten } = await file.write(zeros, 0, Math.min(left, zeros.length), size);
      size += bytesWritten;
      left -= bytesWritten;
    }
  } catch {
    // The disk is full. The space that it had is allocated.
  } finally {
    await file?.close();
  }
}
