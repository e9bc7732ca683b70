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
  /** The part of the event that is looked at, for example `subject` or `data.order.total`. */
  readonly key: string;
  /** Conditions other than advanced filters have the operator that compares as they do. */
  readonly operator: OperatorType;
  /** The comparands as the filter has them; `undefined` for an operator that takes none. */
  readonly expected: JsonValue | undefined;
  /** Set where texts that differ only in case are different. */
  readonly caseSensitive?: true;
  /** Returns the value that the condition is about. */
  readonly reads: Pick<EventKey, "valueIn">;
  /** Pure; never throws. */
  holds(event: PublishedEvent): boolean;
}

/** A filter, ready for events of one topic. */
export interface EventFilter {
  /** In the order of the description; a filter without conditions lets every event pass. */
  readonly conditions: readonly FilterCondition[];
  /** Whether all conditions hold. Pure; never throws. */
  matches(event: PublishedEvent): boolean;
}

/** A compiled filter, or why there is none. */
export type CompiledFilter =
  | { readonly kind: "compiled"; readonly filter: EventFilter }
  | { readonly kind: "invalid"; readonly problems: readonly FilterProblem[] };

/**
 * Compiles a filter for the events of a topic. Compiling may fail, a compiled filter cannot; what does not compile
 * matches nothing.
 *
 * @param keys of the topic
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
  // Those that search a text come last: most events have failed another condition by then.
  const cheapFirst = [...conditions.filter((each) => !searches(each)), ...conditions.filter(searches)];
  const matches = (event: PublishedEvent): boolean => cheapFirst.every((condition) => condition.holds(event));
  return { kind: "compiled", filter: { conditions, matches } };
}

function searches({ operator }: FilterCondition): boolean {
  return costOf(operator) === "search";
}

/**
 * The event types a filter asks for, folded; `undefined` when it asks for none in particular: no list, an empty one,
 * or one that says `All`. Source: [EG-FILTER-TYPE]
 */
export function wantedEventTypes({ includedEventTypes }: FilterDescription): ReadonlySet<string> | undefined {
  const wanted = new Set((includedEventTypes ?? []).map(foldCase));
  return wanted.size === 0 || wanted.has("ALL") ? undefined : wanted;
}

const EVENT_TYPE: FilterCondition["reads"] = { valueIn: ({ envelope }) => envelope.type };
const SUBJECT: FilterCondition["reads"] = { valueIn: ({ envelope }) => envelope.subject };

function eventTypeCondition(description: FilterDescription, { rules }: FilterKeys): readonly FilterCondition[] {
  const wanted = wantedEventTypes(description);
  if (wanted === undefined) return [];
  return [
    {
      field: "includedEventTypes",
      key: rules.schema === "CloudEventSchemaV1_0" ? "type" : "eventType",
      operator: "StringIn",
      expected: description.includedEventTypes,
      reads: EVENT_TYPE,
      holds: ({ envelope }) => wanted.has(foldCase(envelope.type)),
    },
  ];
}

/** [EG-FILTER-SUBJECT] Plain prefix and suffix; a missing subject has neither. */
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
  // Shapes were checked before; should that ever miss one, its condition holds for nothing.
  if (comparands.kind === "problems") return { ...condition, holds: () => false };
  const reading = {
    arrays: enableAdvancedFilteringOnArrays === true,
    scalarsAsText: reads.place === "attribute",
  };
  const passes = bindOperator(operator, comparands.comparands, reading, keys.rules.tier);
  return { ...condition, holds: (event) => passes(reads.valueIn(event)) };
}
