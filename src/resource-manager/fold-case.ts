import type { JsonObject } from "../core/json.ts";

/**
 * Returns a name for comparing without regard to case, as Resource Manager compares names: ASCII letters alone have case,
 * so that no other character can stand for one.
 */
export function foldCase(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Returns an object with its members of these names in this spelling, in whatever case they stand in it. [ARM-CASE] */
export function withNames(object: JsonObject, names: readonly string[]): JsonObject {
  const known = new Map(names.map((name) => [foldCase(name), name]));
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [known.get(foldCase(name)) ?? name, value]));
}
