/** Any JSON value. */
export type JsonValue = string | number | boolean | null | JsonArray | JsonObject;

/** A JSON array. */
export type JsonArray = readonly JsonValue[];

/** A JSON object. A missing member reads as `undefined`. */
export interface JsonObject {
  readonly [member: string]: JsonValue | undefined;
}

/** Whether a JSON value is an object (neither `null` nor an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
