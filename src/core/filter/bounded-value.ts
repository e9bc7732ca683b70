import { isJsonObject, type JsonValue } from "../json.ts";

const MAX_CHARS = 256;
const MAX_NAME_CHARS = 64;
const MAX_ENTRIES = 10;

/**
 * Returns a short form of a value to show to people. Long texts are cut. Of a list or an object, the first ten entries
 * are kept; a list or an object inside another one becomes `[…]` or `{…}`. A cut ends in `…`.
 */
export function boundedValue(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const shown = value.slice(0, MAX_ENTRIES).map(shallow);
    const left = value.length - shown.length;
    return left === 0 ? shown : [...shown, `${left} more…`];
  }
  if (!isJsonObject(value)) return shallow(value);
  const names = Object.keys(value);
  const shown = names.slice(0, MAX_ENTRIES).map((name) => [cut(name, MAX_NAME_CHARS), shallow(value[name] ?? null)]);
  const left = names.length - shown.length;
  return Object.fromEntries(left === 0 ? shown : [...shown, ["…", `${left} more`]]) as JsonValue;
}

function shallow(value: JsonValue): JsonValue {
  if (typeof value === "string") return cut(value, MAX_CHARS);
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? "[…]" : "{…}";
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars)}…`;
}
