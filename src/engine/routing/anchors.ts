import type { InputSchema, PublishedEvent } from "../../core/event.ts";
import { comparandsOf } from "../../core/filter/check-filter.ts";
import { wantedEventTypes } from "../../core/filter/compile-filter.ts";
import type { AdvancedFilterDescription, OperatorType } from "../../core/filter/description.ts";
import { compileKey, type EventKey } from "../../core/filter/event-key.ts";
import { foldCase } from "../../core/filter/fold-case.ts";
import type { Comparand } from "../../core/filter/operators.ts";
import type { JsonValue } from "../../core/json.ts";
import type { FilterDescription } from "../../core/resources/resources.ts";
import type { Range } from "./range-tree.ts";

/** What an index is keyed by. Texts are folded, except in a case-sensitive subject dimension. */
export type Scalar = string | number | boolean;

/** What entries are filed under. Equal ones are identical. */
export type AnchorValue = Scalar | Range;

/** How the values of a dimension are compared with an event's. */
export type Comparison = "equals" | "begins" | "ends" | "within" | "has";

/** Something of an event that filters ask for; all entries that ask for it share one index. */
export interface Dimension {
  readonly comparison: Comparison;
  /** The filter key it reads; absent for event type and subject. */
  readonly key?: EventKey;
  /** What to look up for an event: nothing, or several values where the event holds an array. */
  read(event: PublishedEvent): readonly Scalar[] | "many";
}

/** A condition that an index can answer: the event must have one of the values in the dimension. */
export interface Anchor {
  readonly dimension: Dimension;
  /** Distinct, never empty; other than with `equals`, no two of them hold for the same scalar. */
  readonly values: readonly AnchorValue[];
}

/** Hands out one dimension per thing asked for. */
export class Dimensions {
  readonly #schema: InputSchema;
  readonly #byName = new Map<string, Dimension>();
  readonly #ranges = new Map<string, Range>();

  constructor(schema: InputSchema) {
    this.#schema = schema;
  }

  /** The conditions of a filter that an index can answer; the filter must compile. */
  anchorsOf(filter: FilterDescription): readonly Anchor[] {
    const types = wantedEventTypes(filter);
    return [
      ...(types === undefined ? [] : [{ dimension: this.#get("type", eventTypeDimension), values: [...types] }]),
      ...this.#subjectAnchors(filter),
      ...(filter.advancedFilters ?? []).flatMap((advanced) => this.#advancedAnchors(advanced)),
    ];
  }

  #subjectAnchors({ subjectBeginsWith, subjectEndsWith, isSubjectCaseSensitive }: FilterDescription): Anchor[] {
    const exact = isSubjectCaseSensitive === true;
    const anchor = (comparison: Comparison, part: string): Anchor[] => {
      if (part === "") return [];
      const dimension = this.#get(`subject ${comparison} ${exact}`, () => subjectDimension(comparison, exact));
      return [{ dimension, values: [exact ? part : foldCase(part)] }];
    };
    return [...anchor("begins", subjectBeginsWith ?? ""), ...anchor("ends", subjectEndsWith ?? "")];
  }

  #advancedAnchors(filter: AdvancedFilterDescription): Anchor[] {
    const comparison = INDEXED[filter.operatorType];
    if (comparison === undefined) return [];
    if (comparison === "has") return [{ dimension: this.#keyed(comparison, filter.key), values: [true] }];
    const read = comparandsOf(filter, "");
    if (read.kind === "problems") return [];
    const values =
      comparison === "within"
        ? rangesOf(filter.operatorType, read.comparands).map((range) => this.#intern(range))
        : textsOf(read.comparands, comparison);
    // A prefix that everything has narrows nothing.
    if (values.length === 0 || (comparison !== "equals" && values.some((value) => value === ""))) return [];
    return [{ dimension: this.#keyed(comparison, filter.key), values }];
  }

  #keyed(comparison: Comparison, key: string): Dimension {
    return this.#get(`${comparison} ${key}`, () => keyDimension(comparison, compileKey(key, this.#schema)));
  }

  #intern(range: Range): Range {
    const name = `${range.low} ${range.high}`;
    const known = this.#ranges.get(name) ?? range;
    this.#ranges.set(name, known);
    return known;
  }

  #get(name: string, make: () => Dimension): Dimension {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const dimension = make();
    this.#byName.set(name, dimension);
    return dimension;
  }
}

/** The operators that need a value which an index can find, or at least a value. [EG-FILTER-ABSENT] */
const INDEXED: Readonly<Partial<Record<OperatorType, Comparison>>> = {
  NumberIn: "equals",
  BoolEquals: "equals",
  StringIn: "equals",
  StringBeginsWith: "begins",
  StringEndsWith: "ends",
  NumberInRange: "within",
  NumberLessThan: "within",
  NumberLessThanOrEquals: "within",
  NumberGreaterThan: "within",
  NumberGreaterThanOrEquals: "within",
  NumberNotInRange: "has",
  StringContains: "has",
  StringNotBeginsWith: "has",
  StringNotEndsWith: "has",
  StringNotContains: "has",
  IsNotNull: "has",
};

function eventTypeDimension(): Dimension {
  return { comparison: "equals", read: ({ envelope }) => [foldCase(envelope.type)] };
}

function subjectDimension(comparison: Comparison, exact: boolean): Dimension {
  return {
    comparison,
    read({ envelope: { subject } }) {
      if (subject === undefined) return [];
      return [exact ? subject : foldCase(subject)];
    },
  };
}

function keyDimension(comparison: Comparison, key: EventKey): Dimension {
  return {
    comparison,
    key,
    read(event) {
      const value = key.valueIn(event);
      if (comparison === "has") return value === undefined || value === null ? [] : [true];
      if (Array.isArray(value) && value.length > MANY_VALUES) return "many";
      if (Array.isArray(value)) return [...new Set(value.flatMap((element: JsonValue) => scalarsOf(element, false)))];
      return scalarsOf(value, key.place === "attribute");
    },
  };
}

/** Looking up each element of a longer array, at every level of an index, takes longer than looking at every entry. */
const MANY_VALUES = 100;

function scalarsOf(value: JsonValue | undefined, alsoAsText: boolean): Scalar[] {
  if (typeof value === "string") return [foldCase(value)];
  if (typeof value !== "number" && typeof value !== "boolean") return [];
  return alsoAsText ? [value, foldCase(String(value))] : [value];
}

/** The scalars among comparands, folded, without what begins (ends) with another: finding that one is enough. */
function textsOf(comparands: readonly Comparand[], comparison: Comparison): readonly Scalar[] {
  const scalars = comparands.filter((comparand) => typeof comparand !== "object");
  const folded = scalars.map((scalar) => (typeof scalar === "string" ? foldCase(scalar) : scalar));
  if (folded.length < 2) return folded;
  const distinct = [...new Set(folded)];
  if (comparison === "equals") return distinct;
  const covers = (part: string, text: string): boolean =>
    comparison === "begins" ? text.startsWith(part) : text.endsWith(part);
  const texts = distinct.filter((value) => typeof value === "string");
  return texts.filter((text) => !texts.some((other) => other !== text && covers(other, text)));
}

/** What numbers a filter may let pass, as ranges that do not meet; ends count in, which an index may be wrong about. */
function rangesOf(operator: OperatorType, comparands: readonly Comparand[]): readonly Range[] {
  const ranges = comparands.flatMap((comparand): Range[] => {
    if (typeof comparand === "number") {
      const below = operator === "NumberLessThan" || operator === "NumberLessThanOrEquals";
      return [below ? { low: -Infinity, high: comparand } : { low: comparand, high: Infinity }];
    }
    if (typeof comparand !== "object" || comparand[0] > comparand[1]) return [];
    return [{ low: comparand[0], high: comparand[1] }];
  });
  const merged: Range[] = [];
  for (const range of ranges.toSorted((one, other) => one.low - other.low)) {
    const last = merged.at(-1);
    if (last === undefined || range.low > last.high) merged.push(range);
    else merged[merged.length - 1] = { low: last.low, high: Math.max(last.high, range.high) };
  }
  return merged;
}
