/** Any JSON value. */
export type JsonValue = string | number | boolean | null | JsonArray | JsonObject;

/** A JSON array. */
export type JsonArray = readonly JsonValue[];

/** A JSON object. A missing member reads as `undefined`. */
export interface JsonObject {
  readonly [member: string]: JsonValue | undefined;
}

/** Returns whether a JSON value is an object, and neither `null` nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Returns whether two values are equal as JSON. The order of members is ignored, and `undefined` counts as no member.
 */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const left: Readonly<Record<string, unknown>> = { ...one };
  const right: Readonly<Record<string, unknown>> = { ...other };
  const names = Object.keys(left).filter((name) => left[name] !== undefined);
  const rest = Object.keys(right).filter((name) => right[name] !== undefined);
  return names.length === rest.length && names.every((name) => isSameJson(left[name], right[name]));
}

/** Returns a value that should be text, or an empty text if it is something else. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
