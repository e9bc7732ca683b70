import type { JsonValue } from "../../../core/json.ts";

/** A value as text: strings as they are, the rest as JSON. */
export function valueText(value: JsonValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  return JSON.stringify(value);
}

/** A value as an error names it: the beginning of its JSON. */
export function templateExcerpt(value: JsonValue): string {
  return JSON.stringify(value).slice(0, 100);
}
