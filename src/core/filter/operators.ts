/** The tiers of Event Grid, whose filters differ in few rules. Source: [EG-FILTER-ABSENT] */
export type Tier = "basic" | "namespaces";

/** How a filter holds what its operator compares with: under `value`, under `values`, or not at all. */
export type ComparandForm = "number" | "boolean" | "numbers" | "ranges" | "strings" | "none";

/** One row of the table of operators. */
interface OperatorRow {
  readonly takes: ComparandForm;
  /** The comparison with each comparand: a key of `COMPARISONS`, which has its test, index and cost. */
  readonly compares: string;
  /** Whether an event passes when no comparand matches, instead of when one does. */
  readonly negated: boolean;
  /** The tiers in which an event passes that has nothing to compare: the key is absent, null or of another type. */
  readonly absentPasses: readonly Tier[];
}

/**
 * The operators of advanced filters, by their names on the wire. This is the only list of them: types, schemas, reading,
 * the index and the command line derive from it. A comparison that is new needs an entry in `COMPARISONS` as well.
 *
 * Of the operators that compare, only NumberNotIn and StringNotIn let an event pass that has nothing to compare; in a
 * namespace NumberNotInRange does too.
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
// Fails to compile where a row is not complete.
OPERATORS satisfies Readonly<Record<string, OperatorRow>>;

/** Every operator of advanced filters. Source: [EG-FILTER-OPERATORS] */
export type OperatorType = keyof typeof OPERATORS;

/** The comparisons that operators make. */
export type ComparisonName = (typeof OPERATORS)[OperatorType]["compares"];

/** The operators whose comparands have one of these forms. */
export type OperatorTaking<Form extends ComparandForm> = {
  [Name in OperatorType]: (typeof OPERATORS)[Name]["takes"] extends Form ? Name : never;
}[OperatorType];

/** All operators, in the order of the table. */
export const OPERATOR_TYPES: readonly OperatorType[] = Object.keys(OPERATORS).filter(isOperatorType);

/** Returns whether there is an operator of this name; names are exact. */
export function isOperatorType(name: unknown): name is OperatorType {
  return typeof name === "string" && Object.hasOwn(OPERATORS, name);
}

/** Returns the operators whose comparands have one of these forms, in the order of the table. */
export function operatorsTaking<Form extends ComparandForm>(
  ...forms: readonly Form[]
): readonly OperatorTaking<Form>[] {
  const wanted: readonly ComparandForm[] = forms;
  const takes = (name: OperatorType): name is OperatorTaking<Form> => wanted.includes(OPERATORS[name].takes);
  return OPERATOR_TYPES.filter(takes);
}

/** Returns whether an event passes that has nothing that the operator could compare. Source: [EG-FILTER-ABSENT] */
export function absentPasses(name: OperatorType, tier: Tier): boolean {
  const tiers: readonly Tier[] = OPERATORS[name].absentPasses;
  return tiers.includes(tier);
}
