import type { PublishedEvent } from "../event.ts";
import type { JsonValue } from "../json.ts";
import { comparandsOf, filterProblems, type FilterProblem } from "./check-filter.ts";
import type { AdvancedFilterDescription, FilterDescription } from "./description.ts";
import { bindOperator, costOf } from "./bind-operator.ts";
import type { EventKey } from "./event-key.ts";
import { foldCase } from "./fold-case.ts";
import type { OperatorType } from "./operators.ts";
import type { FilterKeys } from "./shared-keys.ts";

/** One condition of a filter. */
export interface FilterCondition {
  /** Path within the filter, for example `subjectBeginsWith` or `advancedFilters[2]`. */
  readonly field: string;
  /** Part of the event that is read, for example `subject` or `data.order.total`. */
  readonly key: string;
  /** Operator. Conditions other than advanced filters have the operator that compares in the same way. */
  readonly operator: OperatorType;
  /** Comparands as written in the filter; `undefined` for an operator without comparands. */
  readonly expected: JsonValue | undefined;
  /** Set if case matters. */
  readonly caseSensitive?: true;
  /** Reads the value to compare from an event. */
  readonly reads: Pick<EventKey, "valueIn">;
  /** Pure; never throws. */
  holds(event: PublishedEvent): boolean;
}

/** A compiled filter for the events of one topic. */
export interface EventFilter {
  /** Conditions in the order of the description. A filter without conditions lets every event pass. */
  readonly conditions: readonly FilterCondition[];
  /** Returns whether all conditions hold. Pure; never throws. */
  matches(event: PublishedEvent): boolean;
}

/** A compiled filter, or the problems that prevent compiling. */
export type CompiledFilter =
  | { readonly kind: "compiled"; readonly filter: EventFilter }
  | { readonly kind: "invalid"; readonly problems: readonly FilterProblem[] };

/**
 * Compiles a filter for the events of a topic. Only compiling can fail; evaluating a compiled filter cannot. No event
 * passes a filter that does not compile.
 *
 * @param keys filter keys of the topic
 * Source: [EG-FILTER-ALL]
 */
export function compileFilter(description: FilterDescription, keys: FilterKeys): CompiledFilter {
  const problems = filterProblems(description);
  if (problems.length > 0) return { kind: "invalid", problems };
  const conditions = [
    ...eventTypeCondition(description, keys),
    ...subjectConditions(description),
    ...(description.advancedFilters ?? []).map((filter, index) =>
      advancedCondition(filter, `advancedFilters[${index}]`, keys, description),
    ),
  ];
  // Searches in a text come last: most events have failed another condition by then.
  const cheapFirst = [...conditions.filter((each) => !searches(each)), ...conditions.filter(searches)];
  const matches = (event: PublishedEvent): boolean => cheapFirst.every((condition) => condition.holds(event));
  return { kind: "compiled", filter: { conditions, matches } };
}

function searches({ operator }: FilterCondition): boolean {
  return costOf(operator) === "search";
}

/**
 * Returns the event types that a filter selects, case-folded, or `undefined` if it selects all: the list is missing,
 * empty or contains `All`. Source: [EG-FILTER-TYPE]
 */
export function selectedEventTypes({ includedEventTypes }: FilterDescription): ReadonlySet<string> | undefined {
  const selected = new Set((includedEventTypes ?? []).map(foldCase));
  return selected.size === 0 || selected.has("ALL") ? undefined : selected;
}

const EVENT_TYPE: FilterCondition["reads"] = { valueIn: ({ envelope }) => envelope.type };
const SUBJECT: FilterCondition["reads"] = { valueIn: ({ envelope }) => envelope.subject };

function eventTypeCondition(description: FilterDescription, { rules }: FilterKeys): readonly FilterCondition[] {
  const selected = selectedEventTypes(description);
  if (selected === undefined) return [];
  return [
    {
      field: "includedEventTypes",
      key: rules.schema === "CloudEventSchemaV1_0" ? "type" : "eventType",
      operator: "StringIn",
      expected: description.includedEventTypes,
      reads: EVENT_TYPE,
      holds: ({ envelope }) => selected.has(foldCase(envelope.type)),
    },
  ];
}

/**
 * Returns the conditions on the subject: its prefix and suffix. A missing subject matches neither. [EG-FILTER-SUBJECT]
 */
function subjectConditions(description: FilterDescription): readonly FilterCondition[] {
  const exact = description.isSubjectCaseSensitive === true;
  const read = exact ? (text: string) => text : foldCase;
  const condition = (
    field: "subjectBeginsWith" | "subjectEndsWith",
    operator: OperatorType,
    compare: (subject: string, part: string) => boolean,
  ): readonly FilterCondition[] => {
    const part = read(description[field] ?? "");
    if (part === "") return [];
    return [
      {
        field,
        key: "subject",
        operator,
        expected: description[field],
        ...(exact && { caseSensitive: true }),
        reads: SUBJECT,
        holds: ({ envelope: { subject } }) => subject !== undefined && compare(read(subject), part),
      },
    ];
  };
  return [
    ...condition("subjectBeginsWith", "StringBeginsWith", (subject, part) => subject.startsWith(part)),
    ...condition("subjectEndsWith", "StringEndsWith", (subject, part) => subject.endsWith(part)),
  ];
}

function advancedCondition(
  filter: AdvancedFilterDescription,
  field: string,
  keys: FilterKeys,
  { enableAdvancedFilteringOnArrays }: FilterDescription,
): FilterCondition {
  const { key: name, operatorType: operator } = filter;
  const reads = keys.get(name);
  const expected = "values" in filter ? filter.values : "value" in filter ? filter.value : undefined;
  const condition = { field, key: name, operator, expected, reads };
  const comparands = comparandsOf(filter, field);
  // Not reached, because the structure has been checked. No event may pass in any case.
  if (comparands.kind === "problems") return { ...condition, holds: () => false };
  const reading = {
    arrays: enableAdvancedFilteringOnArrays === true,
    scalarsAsText: reads.place === "attribute",
  };
  const passes = bindOperator(operator, comparands.comparands, reading, keys.rules.tier);
  return { ...condition, holds: (event) => passes(reads.valueIn(event)) };
}
