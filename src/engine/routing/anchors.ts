import type { PublishedEvent } from "../../core/event.ts";
import { comparandsOf } from "../../core/filter/check-filter.ts";
import { selectedEventTypes } from "../../core/filter/compile-filter.ts";
import { indexingOf } from "../../core/filter/bind-operator.ts";
import type { Comparand, Indexing, IndexKind } from "../../core/filter/comparisons.ts";
import type { AdvancedFilterDescription, FilterDescription } from "../../core/filter/description.ts";
import { compileKey, type EventKey } from "../../core/filter/event-key.ts";
import { foldCase } from "../../core/filter/fold-case.ts";
import type { FilterRules } from "../../core/filter/shared-keys.ts";
import type { JsonValue } from "../../core/json.ts";
import type { Range } from "./range-tree.ts";

/** Value of an event that an index looks up. Strings are case-folded, except in a case-sensitive subject dimension. */
export type Scalar = string | number | boolean;

/** Key under which an index files its entries. Equal keys are identical objects. */
export type AnchorValue = Scalar | Range;

/**
 * A property of events that filters compare, and the way in which they compare it. All entries with the same dimension
 * share one index.
 */
export interface Dimension {
  readonly comparison: IndexKind;
  /** Filter key of the property; unset for event type and subject. */
  readonly key?: EventKey;
  /**
   * Returns the values of an event to look up: none, one, or several if the event has an array. Returns "many" if
   * there are too many to look up.
   */
  read(event: PublishedEvent): readonly Scalar[] | "many";
}

/** A condition that an index can check: the event must match one of the values in the dimension. */
export interface Anchor {
  readonly dimension: Dimension;
  /** Distinct values, never empty. Unless the comparison is `equals`, no two of them match the same scalar. */
  readonly values: readonly AnchorValue[];
}

/** Creates dimensions, one for all filters that compare the same property in the same way. */
export class Dimensions {
  readonly #rules: FilterRules;
  readonly #byName = new Map<string, Dimension>();
  readonly #ranges = new Map<string, Range>();

  constructor(rules: FilterRules) {
    this.#rules = rules;
  }

  /** Returns the conditions of a filter that an index can check. The filter must compile. */
  anchorsOf(filter: FilterDescription): readonly Anchor[] {
    const types = selectedEventTypes(filter);
    return [
      ...(types === undefined ? [] : [{ dimension: this.#get("type", eventTypeDimension), values: [...types] }]),
      ...this.#subjectAnchors(filter),
      ...(filter.advancedFilters ?? []).flatMap((advanced) => this.#advancedAnchors(advanced)),
    ];
  }

  #subjectAnchors({ subjectBeginsWith, subjectEndsWith, isSubjectCaseSensitive }: FilterDescription): Anchor[] {
    const exact = isSubjectCaseSensitive === true;
    const anchor = (comparison: IndexKind, part: string): Anchor[] => {
      if (part === "") return [];
      const dimension = this.#get(`subject ${comparison} ${exact}`, () => subjectDimension(comparison, exact));
      return [{ dimension, values: [exact ? part : foldCase(part)] }];
    };
    return [...anchor("begins", subjectBeginsWith ?? ""), ...anchor("ends", subjectEndsWith ?? "")];
  }

  #advancedAnchors(filter: AdvancedFilterDescription): Anchor[] {
    const indexing = indexingOf(filter.operatorType, this.#rules.tier);
    if (indexing === undefined) return [];
    const dimension = (): Dimension => this.#keyed(indexing.by, filter.key);
    if (indexing.by === "has") return [{ dimension: dimension(), values: [true] }];
    const read = comparandsOf(filter, "");
    if (read.kind === "problems") return [];
    const values =
      indexing.by === "within"
        ? rangesOf(indexing, read.comparands).map((range) => this.#intern(range))
        : textsOf(read.comparands, indexing.by);
    // An empty prefix or suffix matches every text and narrows nothing.
    if (values.length === 0 || (indexing.by !== "equals" && values.some((value) => value === ""))) return [];
    return [{ dimension: dimension(), values }];
  }

  #keyed(comparison: IndexKind, key: string): Dimension {
    return this.#get(`${comparison} ${key}`, () => keyDimension(comparison, compileKey(key, this.#rules.schema)));
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

function eventTypeDimension(): Dimension {
  return { comparison: "equals", read: ({ envelope }) => [foldCase(envelope.type)] };
}

function subjectDimension(comparison: IndexKind, exact: boolean): Dimension {
  return {
    comparison,
    read({ envelope: { subject } }) {
      if (subject === undefined) return [];
      return [exact ? subject : foldCase(subject)];
    },
  };
}

function keyDimension(comparison: IndexKind, key: EventKey): Dimension {
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

/**
 * Maximum number of array elements to look up. Looking up more, at every level of an index, takes longer than testing
 * every entry.
 */
const MANY_VALUES = 100;

function scalarsOf(value: JsonValue | undefined, alsoAsText: boolean): Scalar[] {
  if (typeof value === "string") return [foldCase(value)];
  if (typeof value !== "number" && typeof value !== "boolean") return [];
  return alsoAsText ? [value, foldCase(String(value))] : [value];
}

/**
 * Returns the scalars among comparands, case-folded. A text that begins (or ends) with another of the texts is
 * omitted: the other one finds all that it finds.
 */
function textsOf(comparands: readonly Comparand[], comparison: IndexKind): readonly Scalar[] {
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

/** Returns the numbers that can pass a filter, as ranges that do not overlap. */
function rangesOf(
  { rangeOf }: Extract<Indexing, { by: "within" }>,
  comparands: readonly Comparand[],
): readonly Range[] {
  const ranges = comparands.flatMap((comparand): Range[] => {
    const [low, high] = rangeOf(comparand) ?? [];
    return low === undefined || high === undefined || low > high ? [] : [{ low, high }];
  });
  const merged: Range[] = [];
  for (const range of ranges.toSorted((one, other) => one.low - other.low)) {
    const last = merged.at(-1);
    if (last === undefined || range.low > last.high) merged.push(range);
    else merged[merged.length - 1] = { low: last.low, high: Math.max(last.high, range.high) };
  }
  return merged;
}
