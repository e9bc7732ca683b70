import {
  COMPARISONS,
  type Comparand,
  type ComparisonCost,
  type Indexing,
  type Reading,
  type ValueTest,
} from "./comparisons.ts";
import { absentPasses, OPERATORS, type OperatorType, type Tier } from "./operators.ts";

/** Returns the test of an operator for its comparands, which must have the form of the operator: see `comparandsOf`. */
export function bindOperator(
  name: OperatorType,
  comparands: readonly Comparand[],
  reading: Reading,
  tier: Tier,
): ValueTest {
  const { compares, negated } = OPERATORS[name];
  return COMPARISONS[compares].bind(comparands, reading, { negated, absent: absentPasses(name, tier) });
}

/**
 * Returns how the routing index finds filters with an operator. With a negated operator, the index can check only
 * whether the event has a value. Returns `undefined` if an event without a value passes, too: the index cannot serve
 * such an operator.
 */
export function indexingOf(name: OperatorType, tier: Tier): Indexing | undefined {
  if (absentPasses(name, tier)) return undefined;
  const { compares, negated } = OPERATORS[name];
  return negated ? { by: "has" } : COMPARISONS[compares].index;
}

/** Returns the cost of testing one value with an operator. */
export function costOf(name: OperatorType): ComparisonCost {
  return COMPARISONS[OPERATORS[name].compares].cost;
}
