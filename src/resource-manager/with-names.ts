import { foldCase } from "../core/filter/fold-case.ts";
import type { JsonObject } from "../core/json.ts";

/** Returns an object with its members of these names in this spelling, in whatever case they stand in it. [ARM-CASE] */
export function withNames(object: JsonObject, names: readonly string[]): JsonObject {
  const known = new Map(names.map((name) => [foldCase(name), name]));
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [known.get(foldCase(name)) ?? name, value]));
}
