import { Buffer } from "node:buffer";
import { RingmainError } from "../core/errors.ts";
import { asBuffer } from "./as-buffer.ts";
import { type MemberSlice, sliceMembers } from "./json-slices.ts";

/**
 * Levels of objects and arrays in one event, the event itself counted. .NET's readers stop at 64, so nothing that a
 * receiver is likely to read is refused; receivers that recurse are kept from overflowing. [EG-PUBLISH-DEPTH]
 */
export const MAX_EVENT_DEPTH = 128;

/** UTF-8 bytes as text, without copying them first. */
export function textOf(bytes: Uint8Array, start = 0, end: number = bytes.byteLength): string {
  return asBuffer(bytes).toString("utf8", start, end);
}

/** The members of a stored event (one JSON object, checked when it was accepted) by name. */
export function membersOf(json: Uint8Array): ReadonlyMap<string, MemberSlice> {
  return membersByName(json, 0);
}

/** The members of the object at `start` by name; of members that share one, the last, as `JSON.parse` does. */
export function membersByName(bytes: Uint8Array, start: number): Map<string, MemberSlice> {
  const members = sliceMembers(bytes, start);
  if (members === undefined) throw new RingmainError("internal", "An event that was checked is not a JSON object.");
  const byName = new Map<string, MemberSlice>();
  for (const member of members) {
    byName.set(JSON.parse(textOf(bytes, member.nameStart, member.nameEnd)) as string, member);
  }
  return byName;
}

/** An object of the given members, each byte for byte, and of `added`: JSON members with commas between, or "". */
export function objectOf(bytes: Uint8Array, members: Iterable<MemberSlice>, added: string): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { nameStart, nameEnd, valueStart, valueEnd } of members) {
    parts.push(COMMA, bytes.subarray(nameStart, nameEnd), COLON, bytes.subarray(valueStart, valueEnd));
  }
  if (added !== "") parts.push(COMMA, Buffer.from(added));
  return Buffer.concat([OPEN, ...parts.slice(1), CLOSE]);
}

/**
 * Makes longer copies of objects that lie in one text, in their order there. All of them share a buffer, which begins
 * as room for what is added, with the text behind it: an object moves forward within it, never past what is to come.
 * Measured in docs/hot-path.md.
 */
export class ObjectExtender {
  readonly #text: Uint8Array;
  readonly #count: number;
  /** Where the text begins in the buffer. */
  #room = 0;
  #buffer: Buffer | undefined;
  #taken = 0;

  /** @param count of objects, at most */
  constructor(text: Uint8Array, count: number) {
    this.#text = text;
    this.#count = count;
  }

  /** The object at `start`, which is not empty, with `added`, its closing brace included, in the place of its own. */
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

  /** A buffer in which all objects could be extended by so much. */
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
