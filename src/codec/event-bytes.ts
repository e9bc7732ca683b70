import { Buffer } from "node:buffer";
import { RingmainError } from "../core/errors.ts";
import { type MemberSlice, sliceMembers } from "./json-slices.ts";

/**
 * Levels of objects and arrays in one event, the event itself counted. .NET's readers stop at 64, so nothing that a
 * receiver is likely to read is refused; receivers that recurse are kept from overflowing. [EG-PUBLISH-DEPTH]
 */
export const MAX_EVENT_DEPTH = 128;

/** UTF-8 bytes as text, without copying them first. */
export function textOf(bytes: Uint8Array, start = 0, end: number = bytes.byteLength): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
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

/** The object that ends at `end`, which is not empty, with `added`, its closing brace included, put in its place. */
export function extendedObject(bytes: Uint8Array, start: number, end: number, added: Uint8Array): Uint8Array {
  const length = end - 1 - start;
  const extended = Buffer.allocUnsafe(length + added.length);
  extended.set(bytes.subarray(start, end - 1));
  extended.set(added, length);
  return extended;
}

const OPEN = Buffer.from("{");
const CLOSE = Buffer.from("}");
const COMMA = Buffer.from(",");
const COLON = Buffer.from(":");
