import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../../../core/json.ts";
import { eager, type Arguments, type FunctionTable } from "./function.ts";

const MANY = Number.POSITIVE_INFINITY;
/** The service's own limit on `range`. */
const MAX_RANGE = 10_000;

/** Functions on arrays and objects; some take strings as well. Source: [ARM-TEMPLATE-FUNCTIONS] */
export const COLLECTION_FUNCTIONS: FunctionTable = {
  array: eager("array", 1, 1, (args) => (Array.isArray(args.value(0)) ? args.value(0) : [args.value(0)])),
  coalesce: eager("coalesce", 1, MANY, (args) => args.all.find((value) => value !== null) ?? null),
  contains: eager("contains", 2, 2, contains),
  createarray: eager("createArray", 0, MANY, (args) => args.all),
  createobject: eager("createObject", 0, MANY, createObject),
  empty: eager("empty", 1, 1, (args) => args.value(0) === null || sizeOf(args, 0) === 0),
  first: eager("first", 1, 1, (args) => at(args, 0)),
  flatten: eager("flatten", 1, 1, (args) => args.array(0).flatMap((value) => value as JsonArray)),
  indexof: eager("indexOf", 2, 2, indexOf),
  intersection: eager("intersection", 2, MANY, intersection),
  items: eager("items", 1, 1, (args) =>
    Object.entries(args.object(0))
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, value]) => ({ key, value: value ?? null })),
  ),
  last: eager("last", 1, 1, (args) => at(args, sizeOf(args, 0) - 1)),
  lastindexof: eager("lastIndexOf", 2, 2, lastIndexOf),
  length: eager("length", 1, 1, (args) => sizeOf(args, 0)),
  max: eager("max", 1, MANY, (args) => numbers(args).reduce((one, other) => Math.max(one, other))),
  min: eager("min", 1, MANY, (args) => numbers(args).reduce((one, other) => Math.min(one, other))),
  objectkeys: eager("objectKeys", 1, 1, (args) => Object.keys(args.object(0)).toSorted()),
  range: eager("range", 2, 2, range),
  shallowmerge: eager("shallowMerge", 1, 1, shallowMerge),
  skip: eager("skip", 2, 2, (args) => part(args, Math.max(0, args.integer(1)))),
  take: eager("take", 2, 2, (args) => part(args, 0, Math.max(0, args.integer(1)))),
  tryget: eager("tryGet", 2, MANY, tryGet),
  union: eager("union", 2, MANY, union),
};

function contains(args: Arguments): boolean {
  const container = args.value(0);
  const wanted = args.value(1);
  if (typeof container === "string") return searched(args, container, args.text(1)).includes(args.text(1));
  if (Array.isArray(container)) return (container as JsonArray).some((value) => same(value, wanted));
  if (!isJsonObject(container)) throw args.wrong(0, "a string, an array or an object");
  const key = args.text(1).toLowerCase();
  return Object.keys(container).some((name) => name.toLowerCase() === key);
}

function createObject(args: Arguments): JsonObject {
  const members: [string, JsonValue][] = [];
  for (let index = 0; index < args.all.length; index += 2) members.push([args.text(index), args.value(index + 1)]);
  return Object.fromEntries(members);
}

function sizeOf(args: Arguments, index: number): number {
  const value = args.value(index);
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (isJsonObject(value)) return Object.keys(value).length;
  throw args.wrong(index, "a string, an array or an object");
}

function at(args: Arguments, index: number): JsonValue {
  const value = args.value(0);
  if (typeof value === "string") return value.charAt(index);
  return args.array(0)[index] ?? null;
}

function part(args: Arguments, start: number, end?: number): JsonValue {
  const value = args.value(0);
  return typeof value === "string" ? value.slice(start, end) : args.array(0).slice(start, end);
}

/** Charges for a search and returns the text that is searched. */
function searched(args: Arguments, text: string, wanted: string): string {
  args.budget.spendOnSearch(text, wanted);
  return text;
}

function indexOf(args: Arguments): number {
  const value = args.value(0);
  if (typeof value !== "string") return args.array(0).findIndex((element) => same(element, args.value(1)));
  const wanted = args.text(1).toLowerCase();
  return searched(args, value, wanted).toLowerCase().indexOf(wanted);
}

function lastIndexOf(args: Arguments): number {
  const value = args.value(0);
  if (typeof value !== "string") return args.array(0).findLastIndex((element) => same(element, args.value(1)));
  const wanted = args.text(1).toLowerCase();
  return searched(args, value, wanted).toLowerCase().lastIndexOf(wanted);
}

/** At least one. */
function numbers(args: Arguments): number[] {
  const values = Array.isArray(args.value(0)) ? args.array(0) : args.all;
  if (values.length === 0) throw args.wrong(0, "an array that is not empty");
  return values.map((value, index) => {
    if (typeof value === "number") return value;
    throw args.wrong(index, "an integer");
  });
}

function range(args: Arguments): number[] {
  const count = args.integer(1);
  if (count < 0 || count > MAX_RANGE) throw args.wrong(1, `between 0 and ${MAX_RANGE}`);
  return Array.from({ length: count }, (_, index) => args.integer(0) + index);
}

function intersection(args: Arguments): JsonValue {
  if (Array.isArray(args.value(0))) {
    return args.all.slice(1).reduce<JsonArray>((shared, _, index) => {
      const others = new Set(args.array(index + 1).map(keyOf));
      args.budget.spendOn([shared]);
      return shared.filter((value) => others.has(keyOf(value)));
    }, args.array(0));
  }
  const shared = Object.entries(args.object(0)).filter(([name, value]) =>
    args.all.every((_, index) => {
      const other = args.object(index);
      return Object.hasOwn(other, name) && same(other[name] ?? null, value ?? null);
    }),
  );
  return Object.fromEntries(shared);
}

/** Arrays without repetitions; objects merged to the bottom, the later one winning. */
function union(args: Arguments): JsonValue {
  if (!Array.isArray(args.value(0))) {
    const merged: Merged = new Map();
    for (let index = 0; index < args.all.length; index += 1) mergeInto(merged, args.object(index));
    return objectOf(merged);
  }
  const values = new Map<string, JsonValue>();
  for (let index = 0; index < args.all.length; index += 1) {
    for (const value of args.array(index)) {
      const key = keyOf(value);
      if (!values.has(key)) values.set(key, value);
    }
  }
  return [...values.values()];
}

/** Members on their way to being an object; a map within it is one that is still merged into. */
type Merged = Map<string, JsonValue | undefined | Merged>;

function mergeInto(merged: Merged, other: JsonObject): void {
  for (const [name, value] of Object.entries(other)) {
    const known = merged.get(name);
    if (!isJsonObject(value)) merged.set(name, value);
    else if (known instanceof Map) mergeInto(known, value);
    else {
      const inner: Merged = new Map(isJsonObject(known) ? Object.entries(known) : []);
      mergeInto(inner, value);
      merged.set(name, inner);
    }
  }
}

function objectOf(merged: Merged): JsonObject {
  const members = Array.from(
    merged,
    ([name, value]) => [name, value instanceof Map ? objectOf(value) : value] as const,
  );
  return Object.fromEntries(members);
}

function shallowMerge(args: Arguments): JsonObject {
  const objects = args.array(0).map((value, index) => {
    if (isJsonObject(value)) return value;
    throw args.wrong(0, `an array of objects; element ${index} is none`);
  });
  return Object.fromEntries(objects.flatMap((object) => Object.entries(object)));
}

function tryGet(args: Arguments): JsonValue {
  let value: JsonValue = args.value(0);
  for (const key of args.all.slice(1)) {
    if (typeof key === "number" && Array.isArray(value)) value = (value as JsonArray)[key] ?? null;
    else if (typeof key === "string" && isJsonObject(value) && Object.hasOwn(value, key)) value = value[key] ?? null;
    else return null;
  }
  return value;
}

/** A text that two values share when they are equal, as {@link same} has it. */
export function keyOf(value: JsonValue): string {
  if (Array.isArray(value)) return `[${(value as JsonArray).map(keyOf).join()}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).toSorted();
  return `{${names.map((name) => `${JSON.stringify(name)}:${keyOf(value[name] ?? null)}`).join()}}`;
}

/** Whether two values are equal, members in any order. Strings differ when their case does. */
export function same(one: JsonValue, other: JsonValue): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    const [first, second] = [one as JsonArray, other as JsonArray];
    return first.length === second.length && first.every((value, index) => same(value, second[index] ?? null));
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && same(one[name] ?? null, other[name] ?? null))
  );
}
