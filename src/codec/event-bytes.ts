import { Buffer } from "node:buffer";
import { RingmainError } from "../core/errors.ts";
import { asBuffer } from "./as-buffer.ts";
import { type MemberSlice, sliceMembers } from "./json-slices.ts";

/**
 * Maximum levels of objects and arrays in one event, including the event itself. .NET's readers stop at 64, so no event
 * is refused that a typical receiver can read; receivers that recurse cannot overflow their stack. [EG-PUBLISH-DEPTH]
 */
export const MAX_EVENT_DEPTH = 128;

/** Decodes UTF-8 bytes without copying them first. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end: number = bytes.byteLength): string {
  return asBuffer(bytes).toString("utf8", start, end);
}

/**
 * Returns the members of a stored event by name. A stored event is one JSON object and was checked when it was
 * accepted.
 */
export function membersOf(json: Uint8Array): ReadonlyMap<string, MemberSlice> {
  return membersByName(json, 0);
}

/**
 * Returns the members of the object at `start` by name. Of members with one name the last counts, as in `JSON.parse`.
 */
export function membersByName(bytes: Uint8Array, start: number): Map<string, MemberSlice> {
  const members = sliceMembers(bytes, start);
  if (members === undefined) throw new RingmainError("internal", "An event that was checked is not a JSON object.");
  const byName = new Map<string, MemberSlice>();
  for (const member of members) {
    byName.set(JSON.parse(decodeUtf8(bytes, member.nameStart, member.nameEnd)) as string, member);
  }
  return byName;
}

/** Builds an object from members, each copied byte for byte, and `added`: JSON members separated by commas, or "". */
export function objectOf(bytes: Uint8Array, members: Iterable<MemberSlice>, added: string): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { nameStart, nameEnd, valueStart, valueEnd } of members) {
    parts.push(COMMA, bytes.subarray(nameStart, nameEnd), COLON, bytes.subarray(valueStart, valueEnd));
  }
  if (added !== "") parts.push(COMMA, Buffer.from(added));
  return Buffer.concat([OPEN, ...parts.slice(1), CLOSE]);
}

/**
 * Makes longer copies of objects that lie in one text, in the order of the text.
 *
 * All copies share one buffer. It begins with free room for all additions, followed by a copy of the text. Each
 * object moves forward in the buffer, into that room, and never reaches an object that is still to be copied.
 * Measured in docs/hot-path.md.
 */
export class ObjectExtender {
  readonly #text: Uint8Array;
  readonly #count: number;
  /** Offset in the buffer at which the copy of the text begins. */
  #room = 0;
  #buffer: Buffer | undefined;
  #taken = 0;

  /** @param count maximum number of objects */
  constructor(text: Uint8Array, count: number) {
    this.#text = text;
    this.#count = count;
  }

  /**
   * Returns a copy of the object from `start` to `end`, which must not be empty, with `added` in place of its
   * closing brace. `added` ends with a closing brace.
   */
  extend(start: number, end: number, added: Uint8Array): Uint8Array {
    const fits = this.#taken + added.length <= this.#room + start;
    const buffer = fits && this.#buffer !== undefined ? this.#buffer : this.#begin(added.length);
    const from = this.#taken;
    const addedAt = from + end - 1 - start;
    buffer.copyWithin(from, this.#room + start, this.#room + end - 1);
    buffer.set(added, addedAt);
    this.#taken = addedAt + added.length;
    return buffer.subarray(from, this.#taken);
  }

  /** Allocates a buffer with room to extend every object by `addedBytes`. */
  #begin(addedBytes: number): Buffer {
    const buffer = Buffer.allocUnsafe(this.#count * addedBytes + this.#text.length);
    this.#room = this.#count * addedBytes;
    buffer.set(this.#text, this.#room);
    this.#taken = 0;
    return (this.#buffer = buffer);
  }
}

const OPEN = Buffer.from("{");
const CLOSE = Buffer.from("}");
const COMMA = Buffer.from(",");
const COLON = Buffer.from(":");
