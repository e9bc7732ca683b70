import type { JsonValue } from "../json.ts";
import { memoOfLast } from "../memo-of-last.ts";
import { containing } from "./find-text.ts";
import { foldCase } from "./fold-case.ts";
import type { ComparisonName } from "./operators.ts";

/** Value to compare with. A range includes both ends. */
export type Comparand = string | number | boolean | readonly [low: number, high: number];

/** Options for reading the value under a key. */
export interface Reading {
  /** Whether the elements of an array are compared: the subscription's `enableAdvancedFilteringOnArrays`. */
  readonly arrays: boolean;
  /** Whether numbers and booleans are compared as their JSON text: context attributes of CloudEvents only. */
  readonly scalarsAsText: boolean;
}

/**
 * Kind of condition under which the routing index files a filter: an equal value, a prefix, a suffix, a range of
 * numbers, or the presence of a value.
 */
export type IndexKind = "equals" | "begins" | "ends" | "within" | "has";

/** Use of the routing index by a comparison. */
export type Indexing =
  | { readonly by: Exclude<IndexKind, "within"> }
  | {
      readonly by: "within";
      /** Returns the range of numbers that match a comparand. Its ends may be numbers that do not match. */
      readonly rangeOf: (comparand: Comparand) => readonly [low: number, high: number] | undefined;
    };

/**
 * Cost of a comparison: a few steps, or time in proportion to the length of the text. Filters evaluate searches last.
 */
export type ComparisonCost = "constant" | "search";

/** Rule for the effect of a comparison on an event. An operator and its negation use the same comparison. */
export interface Passing {
  /** Whether a value passes if it matches none of the comparands, instead of at least one. */
  readonly negated: boolean;
  /** Whether an event passes that has no value to compare. */
  readonly absent: boolean;
}

/**
 * Returns whether the value under a key passes; `undefined` means that the event does not have the key. Never throws.
 */
export type ValueTest = (value: JsonValue | undefined) => boolean;

/** A comparison of the value under a key with comparands. */
export interface Comparison {
  readonly index: Indexing;
  readonly cost: ComparisonCost;
  /**
   * Returns a test for a match with any of the comparands, which must have the form of the operator: see
   * `comparandsOf`. If the value is an array, each element is tested.
   *
   * Source: [EG-FILTER-VALUES], [EG-FILTER-ABSENT], [EG-FILTER-ARRAYS]
   */
  bind(comparands: readonly Comparand[], reading: Reading, passing: Passing): ValueTest;
}

/** Reads values of one type. Returns `undefined` for other values, which cannot be compared. */
type Reader<Value> = (value: JsonValue | undefined, reading: Reading, isFolded: boolean) => Value | undefined;
/** Returns a test for a match with any of the comparands. */
type AnyOf<Value> = (comparands: readonly Comparand[]) => (value: Value) => boolean;

/**
 * Remembers the latest folded text: many filters read the same text in a row, and folding is most of the cost of a
 * long one.
 * Measured in docs/hot-path.md.
 */
const foldText = memoOfLast(foldCase);

const readNumber: Reader<number> = (value) => (typeof value === "number" ? value : undefined);
const readBoolean: Reader<boolean> = (value) => (typeof value === "boolean" ? value : undefined);
/** Reads a text, case-folded. [EG-FILTER-TEXT-CASE] [EG-FILTER-CE-TEXT] */
const readText: Reader<string> = (value, { scalarsAsText }, isFolded) => {
  if (typeof value === "string") return isFolded ? value : foldText(value);
  const scalar = scalarsAsText && (typeof value === "number" || typeof value === "boolean");
  return scalar ? foldCase(String(value)) : undefined;
};
/** Reads any value other than null. [EG-FILTER-PRESENCE] */
const readAny: Reader<JsonValue> = (value) => value ?? undefined;

function comparison<Value>(
  read: Reader<Value>,
  anyOf: AnyOf<Value>,
  index: Indexing,
  cost: ComparisonCost = "constant",
): Comparison {
  return {
    index,
    cost,
    bind(comparands, reading, { negated, absent }) {
      const matches = anyOf(comparands);
      return (value) => {
        const scalar = read(value, reading, false);
        if (scalar !== undefined) return matches(scalar) !== negated;
        if (reading.arrays && Array.isArray(value)) return anyElement(value, read, matches) !== negated;
        return absent;
      };
    },
  };
}

/** Options for the elements of an array. They are read unchanged, even in a context attribute. */
const ELEMENT: Reading = { arrays: false, scalarsAsText: false };
const LONG_ARRAY = 64;

function anyElement<Value>(
  elements: readonly JsonValue[],
  read: Reader<Value>,
  matches: (value: Value) => boolean,
): boolean {
  const isLong = elements.length >= LONG_ARRAY;
  return (isLong ? foldedOnce(elements) : elements).some((element) => {
    const scalar = read(element, ELEMENT, isLong);
    return scalar !== undefined && matches(scalar);
  });
}

/** Case-folded copies of long arrays, because many filters may read the same array. */
const foldedArrays = new WeakMap<readonly JsonValue[], readonly JsonValue[]>();

function foldedOnce(elements: readonly JsonValue[]): readonly JsonValue[] {
  const known = foldedArrays.get(elements);
  if (known !== undefined) return known;
  const folded = elements.map((element) => (typeof element === "string" ? foldCase(element) : element));
  foldedArrays.set(elements, folded);
  return folded;
}

const equalsAny: AnyOf<string | number | boolean> = (comparands) => {
  const set = new Set(comparands);
  return (value) => set.has(value);
};
const equalsAnyText: AnyOf<string> = (comparands) => equalsAny(texts(comparands));

/** Tests ranges, which include both ends. [EG-FILTER-RANGE] */
const inAnyRange: AnyOf<number> = (comparands) => {
  const ranges = comparands.filter((comparand) => typeof comparand === "object");
  return (value) => ranges.some(([low, high]) => low <= value && value <= high);
};

const comparesWith =
  (compare: (value: number, bound: number) => boolean): AnyOf<number> =>
  (comparands) => {
    const bounds = comparands.filter((comparand) => typeof comparand === "number");
    return (value) => bounds.some((bound) => compare(value, bound));
  };

const someText =
  (compare: (value: string, part: string) => boolean): AnyOf<string> =>
  (comparands) => {
    const parts = texts(comparands);
    return (value) => parts.some((part) => compare(value, part));
  };

const containsAny: AnyOf<string> = (comparands) => {
  const tests = texts(comparands).map(containing);
  return (value) => tests.some((test) => test(value));
};

function texts(comparands: readonly Comparand[]): readonly string[] {
  return comparands.filter((comparand) => typeof comparand === "string").map(foldCase);
}

const BELOW: Indexing = {
  by: "within",
  rangeOf: (bound) => (typeof bound === "number" ? [-Infinity, bound] : undefined),
};
const ABOVE: Indexing = {
  by: "within",
  rangeOf: (bound) => (typeof bound === "number" ? [bound, Infinity] : undefined),
};
const INSIDE: Indexing = { by: "within", rangeOf: (range) => (typeof range === "object" ? range : undefined) };

/** All comparisons: how each one reads values, compares them, uses the index, and what it costs. */
export const COMPARISONS: Readonly<Record<ComparisonName, Comparison>> = {
  lessThan: comparison(
    readNumber,
    comparesWith((value, bound) => value < bound),
    BELOW,
  ),
  atMost: comparison(
    readNumber,
    comparesWith((value, bound) => value <= bound),
    BELOW,
  ),
  greaterThan: comparison(
    readNumber,
    comparesWith((value, bound) => value > bound),
    ABOVE,
  ),
  atLeast: comparison(
    readNumber,
    comparesWith((value, bound) => value >= bound),
    ABOVE,
  ),
  inRange: comparison(readNumber, inAnyRange, INSIDE),
  equalsNumber: comparison(readNumber, equalsAny, { by: "equals" }),
  equalsBoolean: comparison(readBoolean, equalsAny, { by: "equals" }),
  equalsText: comparison(readText, equalsAnyText, { by: "equals" }),
  beginsWith: comparison(
    readText,
    someText((value, part) => value.startsWith(part)),
    { by: "begins" },
  ),
  endsWith: comparison(
    readText,
    someText((value, part) => value.endsWith(part)),
    { by: "ends" },
  ),
  contains: comparison(readText, containsAny, { by: "has" }, "search"),
  exists: comparison(readAny, () => () => true, { by: "has" }),
};
