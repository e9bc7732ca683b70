import type { FilterDescription } from "./description.ts";
import type { Comparand } from "./comparisons.ts";
import { isOperatorType, OPERATORS, type ComparandForm } from "./operators.ts";

/** A problem of one field of a filter. */
export interface FilterProblem {
  /** Path within the filter, for example `advancedFilters[1].values[0]`. */
  readonly field: string;
  /** One sentence that names the value and the allowed values. */
  readonly message: string;
}

/** Comparands of one advanced filter, or its problems. */
export type Comparands =
  | { readonly kind: "comparands"; readonly comparands: readonly Comparand[] }
  | { readonly kind: "problems"; readonly problems: readonly FilterProblem[] };

/**
 * Returns the problems that prevent a filter from being compiled: wrong types and structures, but not exceeded limits.
 * Descriptions come from files, requests and stores, so their declared type is not relied on. `null` counts as unset.
 *
 * Source: [EG-FILTER-SHAPE]
 */
export function filterProblems(filter: FilterDescription): readonly FilterProblem[] {
  const fields: Readonly<Record<string, unknown>> = { ...filter };
  const problems: FilterProblem[] = [];
  for (const field of ["subjectBeginsWith", "subjectEndsWith"]) {
    if (isGiven(fields[field]) && typeof fields[field] !== "string") {
      problems.push({ field, message: `${field} must be a string, not ${show(fields[field])}.` });
    }
  }
  for (const field of ["isSubjectCaseSensitive", "enableAdvancedFilteringOnArrays"]) {
    if (isGiven(fields[field]) && typeof fields[field] !== "boolean") {
      problems.push({ field, message: `${field} must be true or false, not ${show(fields[field])}.` });
    }
  }
  const types = fields["includedEventTypes"];
  if (isGiven(types) && !isListOf(types, isString)) {
    problems.push({ field: "includedEventTypes", message: "includedEventTypes must be a list of strings." });
  }
  const advanced = fields["advancedFilters"];
  if (!isGiven(advanced)) return problems;
  if (!Array.isArray(advanced)) {
    return [...problems, { field: "advancedFilters", message: "advancedFilters must be a list of filters." }];
  }
  const each = advanced.flatMap((entry: unknown, index) => advancedFilterProblems(entry, `advancedFilters[${index}]`));
  return [...problems, ...each];
}

function advancedFilterProblems(filter: unknown, field: string): readonly FilterProblem[] {
  const read = comparandsOf(filter, field);
  const { key } = membersOf(filter);
  const wrongKey = typeof key !== "string" || key === "";
  const keyProblem = { field: `${field}.key`, message: "An advanced filter needs a key: a string that is not empty." };
  return [...(wrongKey ? [keyProblem] : []), ...(read.kind === "problems" ? read.problems : [])];
}

/**
 * Returns the comparands of an advanced filter.
 *
 * @param field path of the filter, for the problems
 * Source: [EG-FILTER-SHAPE]
 */
export function comparandsOf(filter: unknown, field: string): Comparands {
  const { operatorType, value, values } = membersOf(filter);
  if (!isOperatorType(operatorType)) {
    const message = `${show(operatorType)} is not an operator of advanced filters.`;
    return { kind: "problems", problems: [{ field: `${field}.operatorType`, message }] };
  }
  const { member, needs, isComparand } = FORMS[OPERATORS[operatorType].takes];
  const problem = (at: string): Comparands => ({
    kind: "problems",
    problems: [{ field: `${field}.${at}`, message: `${operatorType} needs '${member}', ${needs}.` }],
  });
  if (member === "none") return { kind: "comparands", comparands: [] };
  if (member === "value") return isComparand(value) ? { kind: "comparands", comparands: [value] } : problem(member);
  if (!Array.isArray(values)) return problem(member);
  const wrong = values.findIndex((entry: unknown) => !isComparand(entry));
  if (wrong >= 0) return problem(`values[${wrong}]`);
  return { kind: "comparands", comparands: values.filter(isComparand) };
}

/** Member and type of the comparands of one form. */
interface FormRule {
  readonly member: "value" | "values" | "none";
  /** Requirement for the member, as text for messages. */
  readonly needs: string;
  readonly isComparand: (value: unknown) => value is Comparand;
}

const FORMS: Readonly<Record<ComparandForm, FormRule>> = {
  number: { member: "value", needs: "a number", isComparand: isNumber },
  boolean: { member: "value", needs: "true or false", isComparand: (value) => typeof value === "boolean" },
  numbers: { member: "values", needs: "a list of numbers", isComparand: isNumber },
  ranges: { member: "values", needs: "a list of ranges, each a pair of numbers", isComparand: isRange },
  strings: { member: "values", needs: "a list of strings", isComparand: isString },
  none: { member: "none", needs: "", isComparand: (_value): _value is never => false },
};

function membersOf(filter: unknown): Readonly<Record<"operatorType" | "key" | "value" | "values", unknown>> {
  const members: Readonly<Record<string, unknown>> = typeof filter === "object" && filter !== null ? { ...filter } : {};
  return {
    operatorType: members["operatorType"],
    key: members["key"],
    value: members["value"],
    values: members["values"],
  };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isRange(value: unknown): value is readonly [low: number, high: number] {
  return isListOf(value, isNumber) && value.length === 2;
}

function isListOf<T>(value: unknown, is: (entry: unknown) => entry is T): value is readonly T[] {
  return Array.isArray(value) && value.every(is);
}

/** Returns a short form of any value for a message. */
function show(value: unknown): string {
  if (typeof value === "string") return `'${value.length > 64 ? `${value.slice(0, 64)}…` : value}'`;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "this value";
}
