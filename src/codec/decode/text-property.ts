import type { InputSchema } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { requiresProperty } from "./schema-error.ts";

/** Returns an optional property, which must be a string; `null` counts as absent. [EG-SCHEMA-TYPES] [EG-CE-NULL] */
export function optionalText(schema: InputSchema, event: JsonObject, name: string): string | undefined {
  const value = event[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw requiresProperty(schema, name, "be a string");
  return value;
}

/** Returns a required property, which must be a string and may be empty. */
export function requiredText(schema: InputSchema, event: JsonObject, name: string): string {
  const value = optionalText(schema, event, name);
  if (value === undefined) throw requiresProperty(schema, name);
  return value;
}
