import { isUtf8 } from "node:buffer";
import { assertNever, RingmainError } from "../../core/errors.ts";
import type { InputSchema } from "../../core/event.ts";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { LIMITS } from "../../core/limits.ts";
import { MAX_EVENT_DEPTH, decodeUtf8 } from "../event-bytes.ts";
import { type JsonSlices, type SliceProblem, sliceJson, type ValueSlice } from "../json-slices.ts";
import { notConforming, tokenOf, tooLarge } from "./schema-error.ts";

/** One event of a body: its parsed value and its position in the body's bytes. */
export interface ParsedEvent {
  readonly body: JsonObject;
  readonly slice: ValueSlice;
}

/** A body that is JSON, with its events. */
export interface ParsedBody {
  /** The body without its byte order mark. Slices hold offsets into it. */
  readonly bytes: Uint8Array;
  readonly events: readonly ParsedEvent[];
}

/** Allowed forms of the outermost JSON value. */
export type Shape = "array" | "object" | "object-or-single";

/**
 * Parses a publish request's body and enforces the limits: size of the body, number of events, size and depth of
 * each event. Throws `payload_too_large` or `input_json_invalid`.
 */
export function parseBody(received: Uint8Array, schema: InputSchema, shape: Shape): ParsedBody {
  const bytes = checkedText(received);
  const slices = sliceJson(bytes, { values: LIMITS.eventsPerRequest, depth: MAX_EVENT_DEPTH });
  if (typeof slices === "string") throw sliceError(slices, schema);
  const root = parsePublishedJson(decodeUtf8(bytes), schema);
  const events = Array.isArray(root) ? elements(root as JsonArray, schema, shape) : [single(root, schema, shape)];
  return { bytes, events: paired(events, slices, schema) };
}

/** Checks size and encoding. Returns the bytes without byte order mark. */
export function checkedText(received: Uint8Array): Uint8Array {
  // [EG-LIMIT-REQUEST]
  if (received.byteLength > LIMITS.publishRequestBytes) throw tooLarge(LIMITS.publishRequestBytes);
  // [EG-PUBLISH-UTF8]
  if (!isUtf8(received)) throw new RingmainError("input_json_invalid", "The request body is not valid UTF-8.");
  const marked = received[0] === 0xef && received[1] === 0xbb && received[2] === 0xbf;
  return marked ? received.subarray(3) : received;
}

/** Parses JSON text from a publisher. Throws `input_json_invalid`. */
export function parsePublishedJson(text: string, schema: InputSchema): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (thrown) {
    // The parser's own message quotes the text, and messages must not contain event data.
    throw new RingmainError("input_json_invalid", `${notConforming(schema).message} It is not well-formed JSON.`, {
      cause: thrown,
    });
  }
}

/** Returns the error for text that could not be sliced. */
export function sliceError(problem: SliceProblem, schema: InputSchema): RingmainError {
  switch (problem) {
    case "incomplete":
      // [EG-PUBLISH-EMPTY]
      return new RingmainError("input_json_invalid", "Unexpected end when reading JSON.");
    case "malformed":
      return new RingmainError("input_json_invalid", `${notConforming(schema).message} It is not well-formed JSON.`);
    case "too-deep":
      // [EG-PUBLISH-DEPTH]
      return new RingmainError(
        "input_json_invalid",
        `The event is nested deeper than the maximum of ${MAX_EVENT_DEPTH} levels.`,
      );
    case "too-many":
      // [EG-LIMIT-BATCH]
      return new RingmainError(
        "payload_too_large",
        `The maximum number of events (${LIMITS.eventsPerRequest}) has been exceeded.`,
      );
    default:
      return assertNever(problem);
  }
}

function elements(root: JsonArray, schema: InputSchema, shape: Shape): JsonArray {
  // [EG-PUBLISH-SHAPE]
  const allowed = shape === "array" || (shape === "object-or-single" && root.length <= 1);
  if (!allowed) throw notConforming(schema, { expected: "StartObject", actual: "StartArray" });
  // [EG-PUBLISH-EMPTY]
  if (root.length === 0) throw notConforming(schema);
  return root;
}

function single(root: JsonValue, schema: InputSchema, shape: Shape): JsonValue {
  // [EG-PUBLISH-SHAPE]
  if (shape === "array") throw notConforming(schema, { expected: "StartArray", actual: tokenOf(root) });
  return root;
}

function paired(values: JsonArray, { values: slices }: JsonSlices, schema: InputSchema): ParsedEvent[] {
  return values.map((body, index) => {
    const slice = slices[index];
    if (slice === undefined || !isJsonObject(body)) {
      throw notConforming(schema, { expected: "StartObject", actual: tokenOf(body) });
    }
    // [EG-LIMIT-EVENT]
    if (slice.end - slice.start > LIMITS.eventBytes) throw tooLarge(LIMITS.eventBytes);
    return { body, slice };
  });
}
