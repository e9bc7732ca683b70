import { RingmainError } from "../../core/errors.ts";
import type { InputSchema } from "../../core/event.ts";
import { SCHEMA_WIRE_NAMES } from "../schema-wire-name.ts";

/** The kind of a JSON value by the names Azure's reader gives them in its messages. */
type Token = "StartArray" | "StartObject" | "String" | "Integer" | "Float" | "Boolean" | "Null";

/** The token a parsed value begins with. */
export function tokenOf(value: unknown): Token {
  if (value === null) return "Null";
  if (Array.isArray(value)) return "StartArray";
  if (typeof value === "number") return Number.isInteger(value) ? "Integer" : "Float";
  if (typeof value === "boolean") return "Boolean";
  return typeof value === "string" ? "String" : "StartObject";
}

/** The body is JSON of another shape. Source: [EG-PUBLISH-SHAPE] */
export function notConforming(schema: InputSchema, found?: { expected: Token; actual: Token }): RingmainError {
  const tokens = found && ` Token Expected: ${found.expected}, Actual Token Received: ${found.actual}.`;
  return new RingmainError(
    "input_json_invalid",
    `This resource is configured to receive event in '${SCHEMA_WIRE_NAMES[schema]}' schema. ` +
      `The JSON received does not conform to the expected schema.${tokens ?? ""}`,
  );
}

/** A property is missing, or is not what it must be; `to` completes "requires 'x' property to …". */
export function requiresProperty(schema: InputSchema, property: string, to = "be set"): RingmainError {
  return new RingmainError(
    "input_json_invalid",
    `This resource is configured for '${SCHEMA_WIRE_NAMES[schema]}' schema and requires '${excerpt(property)}' ` +
      `property to ${to}.`,
  );
}

/** A property that the schema does not have. Source: [EG-SCHEMA-CLOSED] */
export function unexpectedProperty(schema: InputSchema, property: string): RingmainError {
  return new RingmainError(
    "input_json_invalid",
    `This resource is configured for '${SCHEMA_WIRE_NAMES[schema]}' schema. Received unexpected property ` +
      `'${excerpt(property)}' in JSON which does not conform to the expected schema.`,
  );
}

/** A size limit was passed; `limit` in the unit of what was measured. */
export function tooLarge(limit: number): RingmainError {
  return new RingmainError("payload_too_large", `The maximum size (${limit}) has been exceeded.`);
}

/** A publisher's own text inside a message: bounded. */
export function excerpt(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
