import { foldCase } from "../core/filter/fold-case.ts";
import type { JsonObject } from "../core/json.ts";

/** Returns an object whose members with one of these names, in any case, are renamed to this spelling. [ARM-CASE] */
export function withNames(object: JsonObject, names: readonly string[]): JsonObject {
  const known = new Map(names.map((name) => [foldCase(name), name]));
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [known.get(foldCase(name)) ?? name, value]));
}
