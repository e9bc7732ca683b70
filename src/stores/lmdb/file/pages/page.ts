import {
  HEAD_BYTES,
  readNumber,
  readTreeRecord,
  TREE_RECORD_BYTES,
  type PageFile,
  type TreeRecord,
} from "./page-file.ts";

const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
/** Mask of the flags that contain the type of a page. The other flags matter only to the writing process. */
const KIND = 0x2f;

const NODE_BYTES = 8;
const BIG = 0x01;
const TREE = 0x02;
/** Bytes that a node contains in place of a big value: first page, transaction, number of pages. */
const BIG_BYTES = 24;

/** Type of a page in a tree. */
export type PageKind = "branch" | "leaf";

/** A page whose contents have been checked. */
export interface Page {
  readonly number: number;
  readonly bytes: Buffer;
  readonly kind: PageKind;
  readonly nodes: number;
}

/** Rules for the contents of a page. */
export interface PageRules {
  /** Number of the latest transaction that may have written the page. */
  readonly transaction: number;
  /** Whether keys ascend byte by byte. In the tree of free pages, they are numbers in the machine's byte order. */
  readonly ordered: boolean;
}

/**
 * Reads a page of a tree and checks everything that LMDB trusts: type, bounds, and the position and size of every node.
 * Returns a description of the problem if the page is invalid.
 */
export function readPage(file: PageFile, number: number, rules: PageRules): Page | string {
  const bytes = file.page(number);
  if (bytes === undefined) return "lies beyond the end of the file";
  if (readNumber(bytes, 0) !== number) return "is another page";
  if (readNumber(bytes, 8) > rules.transaction) return "is newer than the file's last transaction";
  const flags = bytes.readUInt16LE(18) & KIND;
  if (flags !== BRANCH && flags !== LEAF) return "is no page of a tree";
  const lower = bytes.readUInt16LE(20);
  const upper = bytes.readUInt16LE(22);
  if (lower % 2 !== 0 || lower > upper || upper > bytes.length - HEAD_BYTES) return "has impossible bounds";
  const page: Page = { number, bytes, kind: flags === LEAF ? "leaf" : "branch", nodes: lower / 2 };
  if (page.nodes === 0) return "is empty";
  return checkNodes(page, upper, rules.ordered) ?? page;
}

function checkNodes(page: Page, upper: number, ordered: boolean): string | undefined {
  const { bytes, kind, nodes } = page;
  let lastKey = 0;
  let lastEnd = 0;
  let filled = 0;
  for (let index = 0; index < nodes; index += 1) {
    const at = nodeAt(page, index);
    if (at < HEAD_BYTES + upper || at + NODE_BYTES > bytes.length) return "has a node outside of it";
    const flags = bytes.readUInt16LE(at + 4);
    const keyAt = at + NODE_BYTES;
    const keyEnd = keyAt + bytes.readUInt16LE(at + 6);
    let end = keyEnd;
    if (kind === "leaf") {
      if (flags !== 0 && flags !== BIG && flags !== TREE) return "has a node of an unknown kind";
      const bytesOfValue = valueBytes(bytes, at);
      if (flags === TREE && bytesOfValue !== TREE_RECORD_BYTES) return "has a broken tree record";
      end += flags === BIG ? BIG_BYTES : bytesOfValue;
    }
    if (end > bytes.length) return "has a node outside of it";
    // Nodes start at even positions.
    filled += end - at + ((end - at) & 1);
    if (ordered && lastEnd > 0 && bytes.compare(bytes, lastKey, lastEnd, keyAt, keyEnd) <= 0) {
      return "has its keys in disorder";
    }
    // The first key of a branch page is ignored.
    if (kind === "branch" && index === 0) continue;
    lastKey = keyAt;
    lastEnd = keyEnd;
  }
  // LMDB keeps the nodes of a page compact, so they neither overlap nor have gaps.
  return filled === bytes.length - HEAD_BYTES - upper ? undefined : "has nodes that do not fill it";
}

function nodeAt({ bytes }: Page, index: number): number {
  return HEAD_BYTES + bytes.readUInt16LE(HEAD_BYTES + 2 * index);
}

function valueBytes(bytes: Buffer, at: number): number {
  return bytes.readUInt16LE(at) + bytes.readUInt16LE(at + 2) * 0x1_0000;
}

/** Returns the number of the page that a node of a branch page refers to. */
export function childOf(page: Page, index: number): number {
  const at = nodeAt(page, index);
  return valueBytes(page.bytes, at) + page.bytes.readUInt16LE(at + 4) * 0x1_0000_0000;
}

/** Returns the number of the transaction that wrote a page. */
export function transactionOf({ bytes }: Page): number {
  return readNumber(bytes, 8);
}

/** Location of a big value. */
export interface BigValue {
  readonly page: number;
  readonly pages: number;
  readonly bytes: number;
}

/** An entry of a leaf page. Its value is in the page, in pages of its own, or the record of a tree. */
export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer | BigValue | TreeRecord;
}

export function entryOf(page: Page, index: number): Entry {
  const { bytes } = page;
  const at = nodeAt(page, index);
  const flags = bytes.readUInt16LE(at + 4);
  const keyEnd = at + NODE_BYTES + bytes.readUInt16LE(at + 6);
  const key = bytes.subarray(at + NODE_BYTES, keyEnd);
  const size = valueBytes(bytes, at);
  if (flags === TREE) return { key, value: readTreeRecord(bytes, keyEnd) };
  if (flags === BIG) {
    return { key, value: { page: readNumber(bytes, keyEnd), pages: readNumber(bytes, keyEnd + 16), bytes: size } };
  }
  return { key, value: bytes.subarray(keyEnd, keyEnd + size) };
}

export function isBigValue(value: Entry["value"]): value is BigValue {
  return "pages" in value;
}

/** Returns a description of the problem with the pages of a big value; `undefined` if they are valid. */
export function checkBigValue(file: PageFile, value: BigValue): string | undefined {
  const head = file.run(value.page, HEAD_BYTES);
  if (head === undefined) return "lies beyond the end of the file";
  if (readNumber(head, 0) !== value.page || (head.readUInt16LE(18) & KIND) !== OVERFLOW) return "is another page";
  if (head.readUInt32LE(20) !== value.pages) return "has another length than its entry says";
  if (value.pages * file.pageBytes < HEAD_BYTES + value.bytes) return "is shorter than its value";
  if ((value.page + value.pages) * file.pageBytes > file.bytes) return "lies beyond the end of the file";
  return undefined;
}

/** Returns the bytes of an entry's value; `undefined` if they cannot be read or are a tree. */
export function valueOf(file: PageFile, { value }: Entry): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value;
  if (!isBigValue(value) || checkBigValue(file, value) !== undefined) return undefined;
  return file.run(value.page, HEAD_BYTES + value.bytes)?.subarray(HEAD_BYTES);
}
