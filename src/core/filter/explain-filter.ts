import type { PublishedEvent } from "../event.ts";
import type { JsonValue } from "../json.ts";
import type { FilterDescription } from "./description.ts";
import type { FilterProblem } from "./check-filter.ts";
import { compileFilter, type FilterCondition } from "./compile-filter.ts";
import { boundedValue } from "./bounded-value.ts";
import type { OperatorType } from "./operators.ts";
import { ownKeys, type FilterRules } from "./shared-keys.ts";

/** One condition of a subscription, with the value of the event and the result. Plain data. */
export interface ExplainedCondition {
  /** Path of the condition, for example `subjectBeginsWith`, `advancedFilters[2]` or `expirationTimeUtc`. */
  readonly field: string;
  /** Value that is read: mostly a part of the event, for example `subject` or `data.order.total`. */
  readonly key: string;
  readonly operator: OperatorType | "Before";
  /** Comparands; absent for an operator without comparands. */
  readonly expected?: JsonValue;
  /** Set if case matters. */
  readonly caseSensitive?: true;
  /** Value under the key, shortened if it is long; absent if there is none. */
  readonly found?: JsonValue;
  readonly matched: boolean;
}

/**
 * The conditions of a filter for one event, or the problems of a filter that does not compile and therefore lets no
 * event pass.
 */
export type ExplainedFilter =
  | { readonly kind: "conditions"; readonly conditions: readonly ExplainedCondition[] }
  | { readonly kind: "broken"; readonly problems: readonly FilterProblem[] };

/**
 * Returns the value of the event and the result for each condition of a filter. The conditions are those that routing
 * evaluates; all of them are evaluated, in the order of the description. Pure; never throws.
 *
 * Source: [EG-FILTER-ALL], [EG-FILTER-BROKEN]
 */
export function explainFilter(
  description: FilterDescription,
  rules: FilterRules,
  event: PublishedEvent,
): ExplainedFilter {
  const compiled = compileFilter(description, ownKeys(rules));
  if (compiled.kind === "invalid") return { kind: "broken", problems: compiled.problems };
  return { kind: "conditions", conditions: compiled.filter.conditions.map((each) => explainCondition(each, event)) };
}

function explainCondition(condition: FilterCondition, event: PublishedEvent): ExplainedCondition {
  const { field, key, operator, expected, caseSensitive, reads } = condition;
  const found = reads.valueIn(event);
  return {
    field,
    key,
    operator,
    ...(expected !== undefined && { expected }),
    ...(caseSensitive && { caseSensitive }),
    ...(found !== undefined && { found: boundedValue(found) }),
    matched: condition.holds(event),
  };
}
