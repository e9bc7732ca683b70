/** Tier of Event Grid. The filters of the tiers differ in few rules. Source: [EG-FILTER-ABSENT] */
export type Tier = "basic" | "namespaces";

/** Form of the comparands of an operator: one under `value`, several under `values`, or none. */
export type ComparandForm = "number" | "boolean" | "numbers" | "ranges" | "strings" | "none";

/** One row of the table of operators. */
interface OperatorRow {
  readonly takes: ComparandForm;
  /** Comparison with each comparand: a key of `COMPARISONS`, which defines test, index and cost. */
  readonly compares: string;
  /** Whether an event passes if no comparand matches, instead of if one matches. */
  readonly negated: boolean;
  /** Tiers in which an event passes that has no value to compare: the key is absent, null or of another type. */
  readonly absentPasses: readonly Tier[];
}

/**
 * The operators of advanced filters by their names on the wire. Types, schemas, checks, the index and the command line
 * derive from this table; there is no other list. A new comparison also needs an entry in `COMPARISONS`.
 *
 * Of the comparing operators, only NumberNotIn and StringNotIn let an event pass that has no value to compare, and in
 * a namespace NumberNotInRange as well.
 *
 * Source: [EG-FILTER-OPERATORS], [EG-FILTER-ABSENT]
 */
export const OPERATORS = {
  NumberLessThan: { takes: "number", compares: "lessThan", negated: false, absentPasses: [] },
  NumberLessThanOrEquals: { takes: "number", compares: "atMost", negated: false, absentPasses: [] },
  NumberGreaterThan: { takes: "number", compares: "greaterThan", negated: false, absentPasses: [] },
  NumberGreaterThanOrEquals: { takes: "number", compares: "atLeast", negated: false, absentPasses: [] },
  BoolEquals: { takes: "boolean", compares: "equalsBoolean", negated: false, absentPasses: [] },
  NumberIn: { takes: "numbers", compares: "equalsNumber", negated: false, absentPasses: [] },
  NumberNotIn: { takes: "numbers", compares: "equalsNumber", negated: true, absentPasses: ["basic", "namespaces"] },
  NumberInRange: { takes: "ranges", compares: "inRange", negated: false, absentPasses: [] },
  NumberNotInRange: { takes: "ranges", compares: "inRange", negated: true, absentPasses: ["namespaces"] },
  StringIn: { takes: "strings", compares: "equalsText", negated: false, absentPasses: [] },
  StringNotIn: { takes: "strings", compares: "equalsText", negated: true, absentPasses: ["basic", "namespaces"] },
  StringBeginsWith: { takes: "strings", compares: "beginsWith", negated: false, absentPasses: [] },
  StringNotBeginsWith: { takes: "strings", compares: "beginsWith", negated: true, absentPasses: [] },
  StringEndsWith: { takes: "strings", compares: "endsWith", negated: false, absentPasses: [] },
  StringNotEndsWith: { takes: "strings", compares: "endsWith", negated: true, absentPasses: [] },
  StringContains: { takes: "strings", compares: "contains", negated: false, absentPasses: [] },
  StringNotContains: { takes: "strings", compares: "contains", negated: true, absentPasses: [] },
  IsNullOrUndefined: { takes: "none", compares: "exists", negated: true, absentPasses: ["basic", "namespaces"] },
  IsNotNull: { takes: "none", compares: "exists", negated: false, absentPasses: [] },
} as const;
// Does not compile if a row is incomplete.
OPERATORS satisfies Readonly<Record<string, OperatorRow>>;

/** Name of an operator of advanced filters. Source: [EG-FILTER-OPERATORS] */
export type OperatorType = keyof typeof OPERATORS;

/** Name of a comparison. */
export type ComparisonName = (typeof OPERATORS)[OperatorType]["compares"];

/** Names of the operators whose comparands have one of these forms. */
export type OperatorTaking<Form extends ComparandForm> = {
  [Name in OperatorType]: (typeof OPERATORS)[Name]["takes"] extends Form ? Name : never;
}[OperatorType];

/** Names of all operators, in the order of the table. */
export const OPERATOR_TYPES: readonly OperatorType[] = Object.keys(OPERATORS).filter(isOperatorType);

/** Returns whether an operator with this name exists. Case matters. */
export function isOperatorType(name: unknown): name is OperatorType {
  return typeof name === "string" && Object.hasOwn(OPERATORS, name);
}

/** Returns the operators whose comparands have one of these forms, in the order of the table. */
export function operatorsTaking<Form extends ComparandForm>(
  ...forms: readonly Form[]
): readonly OperatorTaking<Form>[] {
  const accepted: readonly ComparandForm[] = forms;
  const takes = (name: OperatorType): name is OperatorTaking<Form> => accepted.includes(OPERATORS[name].takes);
  return OPERATOR_TYPES.filter(takes);
}

/** Returns whether an event passes that has no value for the operator to compare. Source: [EG-FILTER-ABSENT] */
export function absentPasses(name: OperatorType, tier: Tier): boolean {
  const tiers: readonly Tier[] = OPERATORS[name].absentPasses;
  return tiers.includes(tier);
}
