/**
 * Finds the positions of values in JSON text without building the values, so that a publisher's text can be passed
 * on byte for byte. Runs beside `JSON.parse`: for text that `JSON.parse` accepts, the offsets are exact. For any
 * other text they mean nothing, but the functions terminate and throw nothing.
 */
import type { Buffer } from "node:buffer";
import { asBuffer } from "./as-buffer.ts";

/** Byte offsets of one member of an object. The name includes its quotes. Ends are exclusive. */
export interface MemberSlice {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Byte offsets of one value. The end is exclusive. */
export interface ValueSlice {
  readonly start: number;
  readonly end: number;
  /** Number of an object's members, counting repeated names each time; 0 for other values. */
  readonly memberCount: number;
}

/** Kind of the outermost value, and the events in it: the elements of an array, or the one object. */
export interface JsonSlices {
  readonly root: "array" | "object" | "scalar";
  readonly values: readonly ValueSlice[];
}

export interface SliceLimits {
  /** Maximum number of elements in the outermost array; for {@link exceededLimit}, of values and member names. */
  readonly values: number;
  /** Maximum levels of objects and arrays in one event. The event itself is the first level. */
  readonly depth: number;
}

/** Reason why text could not be sliced: it ends too early, is not JSON, or exceeds a limit. */
export type SliceProblem = "incomplete" | "malformed" | "too-deep" | "too-many";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Bytes of a string after which native code searches for its end. One native call costs about as much. */
const LONG_STRING = 32;

/** Values returned in place of an offset. */
const INCOMPLETE = -1;
const TOO_DEEP = -2;
const MALFORMED = -3;
const TOO_MANY = -4;

const PROBLEMS: Readonly<Record<number, SliceProblem>> = {
  [INCOMPLETE]: "incomplete",
  [TOO_DEEP]: "too-deep",
  [TOO_MANY]: "too-many",
};

/**
 * Slices a request body or a stored event: UTF-8 JSON text without byte order mark.
 * Measured in docs/hot-path.md.
 */
export function sliceJson(text: Uint8Array, limits: SliceLimits): JsonSlices | SliceProblem {
  const bytes = asBuffer(text);
  const start = skipSpace(bytes, 0);
  const values: ValueSlice[] = [];
  const first = bytes[start];
  if (first === undefined) return "incomplete";
  if (first === OPEN_ARRAY) {
    const end = sliceElements(bytes, start, limits, values);
    return end < 0 ? problem(end) : { root: "array", values };
  }
  const end = sliceValue(bytes, start, limits.depth, values);
  if (end < 0) return problem(end);
  return { root: first === OPEN_OBJECT ? "object" : "scalar", values };
}

/** Returns the members of the object at `start` in the order of the text, or `undefined` if there is no object. */
export function sliceMembers(text: Uint8Array, start: number): MemberSlice[] | undefined {
  const bytes = asBuffer(text);
  if (bytes[start] !== OPEN_OBJECT) return undefined;
  const members: MemberSlice[] = [];
  const end = skipMembers(bytes, start, Number.POSITIVE_INFINITY, { memberCount: 0 }, members);
  return end < 0 ? undefined : members;
}

/** Returns the first problem of text that is one JSON value, without slicing it. */
export function jsonProblem(text: Uint8Array, depth: number): SliceProblem | undefined {
  const bytes = asBuffer(text);
  const end = skipValue(bytes, skipSpace(bytes, 0), depth);
  return end < 0 ? problem(end) : undefined;
}

/**
 * Returns the limit that a JSON text exceeds, without parsing it. For texts that are parsed as a whole: many small values
 * take much more time and memory than the length of the text suggests.
 */
export function exceededLimit(text: Uint8Array, limits: SliceLimits): "too-deep" | "too-many" | undefined {
  const bytes = asBuffer(text);
  let level = 0;
  let values = 1;
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = skipString(bytes, at);
      // An unterminated string is not valid JSON; the parser reports it.
      if (at < 0) return undefined;
      continue;
    }
    at += 1;
    if (byte === COMMA || byte === COLON) values += 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      level += 1;
      values += 1;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) level -= 1;
    if (level > limits.depth) return "too-deep";
    if (values > limits.values) return "too-many";
  }
  return undefined;
}

function problem(offset: number): SliceProblem {
  return PROBLEMS[offset] ?? "malformed";
}

function sliceElements(bytes: Buffer, start: number, limits: SliceLimits, values: ValueSlice[]): number {
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === CLOSE_ARRAY) return at + 1;
  for (;;) {
    if (values.length === limits.values) return TOO_MANY;
    at = sliceValue(bytes, at, limits.depth, values);
    if (at < 0) return at;
    at = skipSpace(bytes, at);
    const next = bytes[at];
    if (next === CLOSE_ARRAY) return at + 1;
    if (next !== COMMA) return next === undefined ? INCOMPLETE : MALFORMED;
    at = skipSpace(bytes, at + 1);
  }
}

/** Adds the value at `start` to `values`. Returns its end. */
function sliceValue(bytes: Buffer, start: number, depth: number, values: ValueSlice[]): number {
  const value = { start, end: 0, memberCount: 0 };
  const end = bytes[start] === OPEN_OBJECT ? skipMembers(bytes, start, depth, value) : skipValue(bytes, start, depth);
  value.end = end;
  if (end >= 0) values.push(value);
  return end;
}

/** Returns the end of the object at `start`. Counts its members, and adds them to `members` if set. */
function skipMembers(
  bytes: Buffer,
  start: number,
  depth: number,
  counted: { memberCount: number },
  members?: MemberSlice[],
): number {
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === CLOSE_OBJECT) return at + 1;
  for (;;) {
    if (bytes[at] !== QUOTE) return bytes[at] === undefined ? INCOMPLETE : MALFORMED;
    const nameStart = at;
    const nameEnd = skipString(bytes, nameStart);
    if (nameEnd < 0) return nameEnd;
    at = skipSpace(bytes, nameEnd);
    if (bytes[at] !== COLON) return bytes[at] === undefined ? INCOMPLETE : MALFORMED;
    const valueStart = skipSpace(bytes, at + 1);
    const valueEnd = skipValue(bytes, valueStart, depth - 1);
    if (valueEnd < 0) return valueEnd;
    counted.memberCount += 1;
    members?.push({ nameStart, nameEnd, valueStart, valueEnd });
    at = skipSpace(bytes, valueEnd);
    const next = bytes[at];
    if (next === CLOSE_OBJECT) return at + 1;
    if (next !== COMMA) return next === undefined ? INCOMPLETE : MALFORMED;
    at = skipSpace(bytes, at + 1);
  }
}

/** Returns the end of the value at `start`. Counts brackets instead of recursing, so depth costs no stack. */
function skipValue(bytes: Buffer, start: number, depth: number): number {
  const first = bytes[start];
  if (first === undefined) return INCOMPLETE;
  if (first === QUOTE) return skipString(bytes, start);
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return skipScalar(bytes, start);
  let level = 0;
  for (let at = start; at < bytes.length;) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = skipString(bytes, at);
      if (at < 0) return at;
      continue;
    }
    at += 1;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      level += 1;
      if (level > depth) return TOO_DEEP;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      level -= 1;
      if (level === 0) return at;
    }
  }
  return INCOMPLETE;
}

function skipString(bytes: Buffer, start: number): number {
  let near = start + 1 + LONG_STRING;
  for (let at = start + 1; at < bytes.length; at += 1) {
    if (at >= near) {
      at = bytes.indexOf(QUOTE, at);
      if (at < 0) return INCOMPLETE;
      if (!isEscaped(bytes, at)) return at + 1;
      near = at + LONG_STRING;
      continue;
    }
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
  }
  return INCOMPLETE;
}

/** Returns whether the quote at `at`, in or at the end of a string, follows an odd number of backslashes. */
function isEscaped(bytes: Buffer, at: number): boolean {
  let before = at - 1;
  while (bytes[before] === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}

function skipScalar(bytes: Buffer, start: number): number {
  let at = start;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || isSpace(byte)) break;
  }
  return at;
}

function skipSpace(bytes: Buffer, start: number): number {
  let at = start;
  while (isSpace(bytes[at])) at += 1;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
