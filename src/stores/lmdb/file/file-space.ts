import { open, statfs, type FileHandle } from "node:fs/promises";
import { findIdentity, type FileIdentity } from "./file-identity.ts";
import { PageFile } from "./pages/page-file.ts";
import { usableRuns } from "./pages/free-pages.ts";

/** Zeros are written in pieces of this size. */
const PIECE_BYTES = 2 ** 18;
/** A page's head, which the value that a page or a run of pages is for takes too. */
const PAGE_HEAD_BYTES = 24;
/** A value longer than this gets pages of its own. */
const LONGEST_INSIDE_BYTES = 1_900;

/** The space inside a data file that LMDB may use without making it larger. */
export interface FileSpace {
  readonly pageBytes: number;
  /** Pages at the end of the file that were never used. */
  readonly tail: number;
  /** Lengths, in pages, of what is free among those in use and lies together. */
  readonly runs: readonly number[];
}

/**
 * Measures the space in a data file to which nothing is being written. Errors: those of the file system.
 *
 * @param endOnly leaves out the free pages among those in use
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
 * Returns how many bytes of pages there are for values of this length, each of which needs pages that lie together.
 *
 * @param valueBytes of the longest one
 */
export function usableBytes({ pageBytes, tail, runs }: FileSpace, valueBytes: number): number {
  const pages = valueBytes <= LONGEST_INSIDE_BYTES ? 1 : Math.ceil((PAGE_HEAD_BYTES + valueBytes) / pageBytes);
  const fitting = [tail, ...runs].reduce((sum, run) => sum + Math.floor(run / pages) * pages, 0);
  return fitting * pageBytes;
}

/** Returns how many bytes the disk of a folder still has for this process; `undefined` when that is not known. */
export async function availableBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/**
 * Makes a file longer by zeros, which take their place on the disk at once, by as many as the disk has.
 *
 * @param identity the file that must be at the path
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
    // The disk is full: what it had has been taken.
  } finally {
    await file?.close();
  }
}
