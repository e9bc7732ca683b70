import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Size of a page's head: its number, its transaction, padding, flags, and the bounds of its free space. */
export const HEAD_BYTES = 24;
/** Page size if no meta page contains it: the one that lmdb-js uses on every machine. */
const USUAL_PAGE_BYTES = 4_096;
const META_PAGES = 2;
const META_FLAG = 0x08;
/** Offsets in a meta page, relative to the end of the head. */
const META = { magic: 0, version: 4, free: 24, main: 72, lastPage: 120, transaction: 128, bytes: 136 } as const;
const MAGIC = 0xbeefc0de;
const FILE_VERSION = 2;
/** Maximum page number. The root of an empty tree has a greater one. */
const MAX_PAGE_NUMBER = 0xffff_ffff;

/** Size of a {@link TreeRecord} in bytes. */
export const TREE_RECORD_BYTES = 48;

/** LMDB's record of a tree of pages. */
export interface TreeRecord {
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  /** Total number of pages of big values. */
  readonly overflowPages: number;
  readonly entries: number;
  /** First page of the tree; `undefined` if the tree is empty. */
  readonly root: number | undefined;
}

/** A state of the file, as stored in a meta page. */
export interface FileState {
  /** Number of the transaction that wrote the state. */
  readonly transaction: number;
  readonly lastPage: number;
  /** The tree of free pages. */
  readonly free: TreeRecord;
  /** The tree of database names. */
  readonly main: TreeRecord;
}

/** Reads the pages of an LMDB file without LMDB. Invalid contents cannot harm the process. */
export class PageFile {
  readonly path: string;
  readonly bytes: number;
  readonly pageBytes: number;
  readonly #file: number;

  /** Opens the file. Throws errors of the file system. */
  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "r");
    this.bytes = fstatSync(this.#file).size;
    this.pageBytes = this.#findPageBytes();
  }

  /** Number of complete pages. */
  get pages(): number {
    return Math.floor(this.bytes / this.pageBytes);
  }

  /** Returns a page; `undefined` if it is incomplete or does not exist. */
  page(number: number): Buffer | undefined {
    return this.run(number, this.pageBytes);
  }

  /** Returns bytes from the start of a page on; `undefined` if they do not all exist. */
  run(number: number, bytes: number): Buffer | undefined {
    const start = number * this.pageBytes;
    if (start + bytes > this.bytes) return undefined;
    const buffer = Buffer.allocUnsafe(bytes);
    return readSync(this.#file, buffer, 0, bytes, start) === bytes ? buffer : undefined;
  }

  /** Returns the states of the readable meta pages, the latest first, which is the one that LMDB uses. */
  states(): FileState[] {
    const states: FileState[] = [];
    for (let number = 0; number < META_PAGES; number += 1) {
      const page = this.page(number);
      const state = page && readState(page, number, this.pageBytes);
      if (state !== undefined) states.push(state);
    }
    return states.toSorted((one, other) => other.transaction - one.transaction);
  }

  close(): void {
    closeSync(this.#file);
  }

  #findPageBytes(): number {
    const head = Buffer.alloc(HEAD_BYTES + META.bytes);
    // The second meta page follows the first one; its position depends on the page size.
    for (const at of [0, 4_096, 8_192, 16_384, 32_768, 65_536]) {
      if (readSync(this.#file, head, 0, head.length, at) < head.length || !isMeta(head)) continue;
      const bytes = pageBytesOf(head);
      if (at === 0 || at === bytes) return bytes;
    }
    return USUAL_PAGE_BYTES;
  }
}

/** Reads a 64-bit number as a JavaScript number. Page numbers and counts are small enough for that. */
export function readNumber(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x1_0000_0000;
}

export function readTreeRecord(bytes: Buffer, at: number): TreeRecord {
  const root = readNumber(bytes, at + 40);
  return {
    depth: bytes.readUInt16LE(at + 6),
    branchPages: readNumber(bytes, at + 8),
    leafPages: readNumber(bytes, at + 16),
    overflowPages: readNumber(bytes, at + 24),
    entries: readNumber(bytes, at + 32),
    root: root > MAX_PAGE_NUMBER ? undefined : root,
  };
}

function pageBytesOf(page: Buffer): number {
  return page.readUInt32LE(HEAD_BYTES + META.free);
}

function isMeta(page: Buffer): boolean {
  if (page.readUInt32LE(HEAD_BYTES + META.magic) !== MAGIC) return false;
  if ((page.readUInt32LE(HEAD_BYTES + META.version) & 0xffff) !== FILE_VERSION) return false;
  const bytes = pageBytesOf(page);
  return bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0;
}

function readState(page: Buffer, number: number, pageBytes: number): FileState | undefined {
  if (readNumber(page, 0) !== number || (page.readUInt16LE(18) & META_FLAG) === 0) return undefined;
  if (!isMeta(page) || pageBytesOf(page) !== pageBytes) return undefined;
  return {
    transaction: readNumber(page, HEAD_BYTES + META.transaction),
    lastPage: readNumber(page, HEAD_BYTES + META.lastPage),
    free: readTreeRecord(page, HEAD_BYTES + META.free),
    main: readTreeRecord(page, HEAD_BYTES + META.main),
  };
}
