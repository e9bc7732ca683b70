import type { JsonValue } from "../json.ts";
import type { OperatorType } from "./description.ts";
import { memoOfLast } from "../memo-of-last.ts";
import { containing } from "./find-text.ts";
import { foldCase } from "./fold-case.ts";

/** What an operator compares with, and under which member its description holds that. */
export type ComparandForm = "number" | "boolean" | "numbers" | "ranges" | "strings" | "none";

/** One thing to compare with; a range has both ends, inclusive. */
export type Comparand = string | number | boolean | readonly [low: number, high: number];

/** How a key's value is read before it is compared. */
export interface Reading {
  /** The subscription's `enableAdvancedFilteringOnArrays`. */
  readonly arrays: boolean;
  /** String operators read a number or boolean as its JSON text: context attributes of CloudEvents only. */
  readonly scalarsAsText: boolean;
  /** Texts are folded already. */
  readonly isFolded?: boolean;
}

/** Whether a key's value passes; `undefined` stands for a key that is not there. Never throws. */
export type ValueTest = (value: JsonValue | undefined) => boolean;

/** One operator of the advanced filters. */
export interface Operator {
  readonly form: ComparandForm;
  /** Binds the operator to its comparands, which must have its form: see `comparandsOf`. */
  bind(comparands: readonly Comparand[], reading: Reading): ValueTest;
}

/** A kind of value that operators compare; what it does not take is not comparable. */
type Reader<T> = (value: JsonValue | undefined, reading: Reading) => T | undefined;
/** Makes the test for a match with any of the comparands. */
type AnyOf<T> = (comparands: readonly Comparand[]) => (value: T) => boolean;

/**
 * Many filters read the same text one after the other, and folding is most of the cost of a long one.
 * Measured in docs/hot-path.md.
 */
const foldText = memoOfLast(foldCase);

const readNumber: Reader<number> = (value) => (typeof value === "number" ? value : undefined);
const readBoolean: Reader<boolean> = (value) => (typeof value === "boolean" ? value : undefined);
/** [EG-FILTER-TEXT-CASE] [EG-FILTER-CE-TEXT] */
const readText: Reader<string> = (value, { scalarsAsText, isFolded }) => {
  if (typeof value === "string") return isFolded ? value : foldText(value);
  const scalar = scalarsAsText && (typeof value === "number" || typeof value === "boolean");
  return scalar ? foldCase(String(value)) : undefined;
};

/** Elements of an array are read as they are, whatever the array hangs on. */
const ELEMENT: Reading = { arrays: false, scalarsAsText: false };

/**
 * True when the value, or any element of it, matches any comparand.
 * Source: [EG-FILTER-VALUES], [EG-FILTER-ABSENT], [EG-FILTER-ARRAYS]
 */
function matching<T>(form: ComparandForm, read: Reader<T>, anyOf: AnyOf<T>): Operator {
  return {
    form,
    bind(comparands, reading) {
      const matches = anyOf(comparands);
      return (value) => {
        const scalar = read(value, reading);
        if (scalar !== undefined) return matches(scalar);
        return reading.arrays && Array.isArray(value) && anyElement(value, read, matches);
      };
    },
  };
}

/**
 * True when the value, and every element of it, matches no comparand.
 *
 * @param whenAbsent what holds where nothing can be compared: the key is not there, null, or of another type
 * Source: [EG-FILTER-VALUES], [EG-FILTER-ABSENT], [EG-FILTER-ARRAYS]
 */
function excluding<T>(form: ComparandForm, read: Reader<T>, anyOf: AnyOf<T>, whenAbsent: boolean): Operator {
  return {
    form,
    bind(comparands, reading) {
      const matches = anyOf(comparands);
      return (value) => {
        const scalar = read(value, reading);
        if (scalar !== undefined) return !matches(scalar);
        if (reading.arrays && Array.isArray(value)) return !anyElement(value, read, matches);
        return whenAbsent;
      };
    },
  };
}

function anyElement<T>(elements: readonly JsonValue[], read: Reader<T>, matches: (value: T) => boolean): boolean {
  const isLong = elements.length >= LONG_ARRAY;
  const reading = isLong ? FOLDED_ELEMENT : ELEMENT;
  return (isLong ? foldedOnce(elements) : elements).some((element) => {
    const scalar = read(element, reading);
    return scalar !== undefined && matches(scalar);
  });
}

const LONG_ARRAY = 64;
const FOLDED_ELEMENT: Reading = { ...ELEMENT, isFolded: true };
/** Long arrays with their texts folded: many filters may read the same one. */
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

/** [EG-FILTER-RANGE] Both ends belong to a range. */
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

const isBelow = comparesWith((value, bound) => value < bound);
const isAtMost = comparesWith((value, bound) => value <= bound);
const isAbove = comparesWith((value, bound) => value > bound);
const isAtLeast = comparesWith((value, bound) => value >= bound);

const someText =
  (compare: (value: string, part: string) => boolean): AnyOf<string> =>
  (comparands) => {
    const parts = texts(comparands);
    return (value) => parts.some((part) => compare(value, part));
  };

const beginsWithAny = someText((value, part) => value.startsWith(part));
const endsWithAny = someText((value, part) => value.endsWith(part));
const containsAny: AnyOf<string> = (comparands) => {
  const tests = texts(comparands).map(containing);
  return (value) => tests.some((test) => test(value));
};

function texts(comparands: readonly Comparand[]): readonly string[] {
  return comparands.filter((comparand) => typeof comparand === "string").map(foldCase);
}

/** Looks only at whether there is a value. [EG-FILTER-PRESENCE] */
function presence(test: ValueTest): Operator {
  return { form: "none", bind: () => test };
}

/**
 * Every operator, with what it says of a key that is not there: only `NumberNotIn` and `StringNotIn` of the excluding
 * operators let such an event pass.
 *
 * Source: [EG-FILTER-OPERATORS], [EG-FILTER-ABSENT]
 */
export const OPERATORS: Readonly<Record<OperatorType, Operator>> = {
  NumberIn: matching("numbers", readNumber, equalsAny),
  NumberNotIn: excluding("numbers", readNumber, equalsAny, true),
  NumberLessThan: matching("number", readNumber, isBelow),
  NumberLessThanOrEquals: matching("number", readNumber, isAtMost),
  NumberGreaterThan: matching("number", readNumber, isAbove),
  NumberGreaterThanOrEquals: matching("number", readNumber, isAtLeast),
  NumberInRange: matching("ranges", readNumber, inAnyRange),
  NumberNotInRange: excluding("ranges", readNumber, inAnyRange, false),
  BoolEquals: matching("boolean", readBoolean, equalsAny),
  StringIn: matching("strings", readText, equalsAnyText),
  StringNotIn: excluding("strings", readText, equalsAnyText, true),
  StringBeginsWith: matching("strings", readText, beginsWithAny),
  StringNotBeginsWith: excluding("strings", readText, beginsWithAny, false),
  StringEndsWith: matching("strings", readText, endsWithAny),
  StringNotEndsWith: excluding("strings", readText, endsWithAny, false),
  StringContains: matching("strings", readText, containsAny),
  StringNotContains: excluding("strings", readText, containsAny, false),
  IsNullOrUndefined: presence((value) => value === null || value === undefined),
  IsNotNull: presence((value) => value !== null && value !== undefined),
} satisfies Record<OperatorType, Operator>;

/** Whether there is an operator of this name; names are exact. */
export function isOperatorType(name: unknown): name is OperatorType {
  return typeof name === "string" && Object.hasOwn(OPERATORS, name);
}
