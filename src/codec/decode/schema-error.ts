import { RingmainError } from "../../core/errors.ts";
import type { InputSchema } from "../../core/event.ts";
import { SCHEMA_WIRE_NAMES } from "../schema-wire-name.ts";

/** Kinds of JSON values, by the names in Azure's messages. */
type Token = "StartArray" | "StartObject" | "String" | "Integer" | "Float" | "Boolean" | "Null";

/** Returns the token that a parsed value begins with. */
export function tokenOf(value: unknown): Token {
  if (value === null) return "Null";
  if (Array.isArray(value)) return "StartArray";
  if (typeof value === "number") return Number.isInteger(value) ? "Integer" : "Float";
  if (typeof value === "boolean") return "Boolean";
  return typeof value === "string" ? "String" : "StartObject";
}

/** Returns the error for a body that is JSON of another shape. Source: [EG-PUBLISH-SHAPE] */
export function notConforming(schema: InputSchema, found?: { expected: Token; actual: Token }): RingmainError {
  const tokens = found && ` Token Expected: ${found.expected}, Actual Token Received: ${found.actual}.`;
  return new RingmainError(
    "input_json_invalid",
    `This resource is configured to receive event in '${SCHEMA_WIRE_NAMES[schema]}' schema. ` +
      `The JSON received does not conform to the expected schema.${tokens ?? ""}`,
  );
}

/** Returns the error for a property that is missing or invalid; `to` completes "requires 'x' property to …". */
export function requiresProperty(schema: InputSchema, property: string, to = "be set"): RingmainError {
  return new RingmainError(
    "input_json_invalid",
    `This resource is configured for '${SCHEMA_WIRE_NAMES[schema]}' schema and requires '${shortened(property)}' ` +
      `property to ${to}.`,
  );
}

/** Returns the error for a property that the schema does not have. Source: [EG-SCHEMA-CLOSED] */
export function unexpectedProperty(schema: InputSchema, property: string): RingmainError {
  return new RingmainError(
    "input_json_invalid",
    `This resource is configured for '${SCHEMA_WIRE_NAMES[schema]}' schema. Received unexpected property ` +
      `'${shortened(property)}' in JSON which does not conform to the expected schema.`,
  );
}

/** Returns the error for an exceeded size limit. `limit` is in the unit of the measured size. */
export function tooLarge(limit: number): RingmainError {
  return new RingmainError("payload_too_large", `The maximum size (${limit}) has been exceeded.`);
}

/** Shortens a publisher's text for use in a message. */
export function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
