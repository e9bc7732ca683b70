import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Head of a page: its number, the transaction that wrote it, padding, flags, and the bounds of its free space. */
export const HEAD_BYTES = 24;
/** The size of the pages where no meta page tells it: what lmdb-js makes on every machine. */
const USUAL_PAGE_BYTES = 4_096;
const META_PAGES = 2;
const META_FLAG = 0x08;
/** Where a meta page's content has what, behind the head. */
const META = { magic: 0, version: 4, free: 24, main: 72, lastPage: 120, transaction: 128, bytes: 136 } as const;
const MAGIC = 0xbeefc0de;
const FILE_VERSION = 2;
/** A page number that stands for none. */
const NO_PAGE = 0xffff_ffff;

/** How many bytes a {@link TreeRecord} takes. */
export const TREE_RECORD_BYTES = 48;

/** What LMDB keeps of one tree of pages. */
export interface TreeRecord {
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  /** Of big values, all together. */
  readonly overflowPages: number;
  readonly entries: number;
  /** `undefined` in an empty tree. */
  readonly root: number | undefined;
}

/** One state of the file, as a meta page tells it. */
export interface FileState {
  /** The number of the transaction that made it. */
  readonly transaction: number;
  readonly lastPage: number;
  /** The pages that may be used again. */
  readonly free: TreeRecord;
  /** The names of the databases. */
  readonly main: TreeRecord;
}

/** The pages of an LMDB file, read without LMDB: whatever is in them, nothing worse than an answer comes of it. */
export class PageFile {
  readonly path: string;
  readonly bytes: number;
  readonly pageBytes: number;
  readonly #file: number;

  /** Throws the system's error when the file cannot be opened. */
  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "r");
    this.bytes = fstatSync(this.#file).size;
    this.pageBytes = this.#findPageBytes();
  }

  /** Pages that are there whole. */
  get pages(): number {
    return Math.floor(this.bytes / this.pageBytes);
  }

  /** A page, or `undefined` when it is not there whole. */
  page(number: number): Buffer | undefined {
    return this.run(number, this.pageBytes);
  }

  /** Bytes from the beginning of a page on, or `undefined` when they are not all there. */
  run(number: number, bytes: number): Buffer | undefined {
    const start = number * this.pageBytes;
    if (start + bytes > this.bytes) return undefined;
    const buffer = Buffer.allocUnsafe(bytes);
    return readSync(this.#file, buffer, 0, bytes, start) === bytes ? buffer : undefined;
  }

  /** What the readable ones of both meta pages say, the latest first: LMDB goes by that. */
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
    // The second meta page stands behind the first one, wherever that ends.
    for (const at of [0, 4_096, 8_192, 16_384, 32_768, 65_536]) {
      if (readSync(this.#file, head, 0, head.length, at) < head.length || !isMeta(head)) continue;
      const bytes = pageBytesOf(head);
      if (at === 0 || at === bytes) return bytes;
    }
    return USUAL_PAGE_BYTES;
  }
}

/** A number of 64 bits, as far as a number can tell it: page numbers and counts are far below. */
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
    root: root > NO_PAGE ? undefined : root,
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
