import type { PublishedEvent } from "../event.ts";
import type { FilterDescription } from "../resources/resources.ts";
import { comparandsOf, filterProblems, type FilterProblem } from "./check-filter.ts";
import type { AdvancedFilterDescription } from "./description.ts";
import { foldCase } from "./fold-case.ts";
import { OPERATORS } from "./operators.ts";
import type { FilterKeys } from "./shared-keys.ts";

/** One condition of a filter. */
export interface FilterCondition {
  /** Path within the filter, for example `subjectBeginsWith` or `advancedFilters[2]`. */
  readonly field: string;
  /** Set where a whole text is searched. */
  readonly searches?: boolean;
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
 * @param keys of the topic's input schema: filters read events in the form they were published in
 * Source: [EG-FILTER-ALL]
 */
export function compileFilter(description: FilterDescription, keys: FilterKeys): CompiledFilter {
  const problems = filterProblems(description);
  if (problems.length > 0) return { kind: "invalid", problems };
  const conditions = [
    ...eventTypeCondition(description),
    ...subjectConditions(description),
    ...(description.advancedFilters ?? []).map((filter, index) =>
      advancedCondition(filter, `advancedFilters[${index}]`, keys, description),
    ),
  ];
  // Those that search a text come last: most events have failed another condition by then.
  const cheapFirst = [
    ...conditions.filter(({ searches }) => !searches),
    ...conditions.filter(({ searches }) => searches),
  ];
  const matches = (event: PublishedEvent): boolean => cheapFirst.every((condition) => condition.holds(event));
  return { kind: "compiled", filter: { conditions, matches } };
}

/**
 * The event types a filter asks for, folded; `undefined` when it asks for none in particular: no list, an empty one,
 * or one that says `All`. Source: [EG-FILTER-TYPE]
 */
export function wantedEventTypes({ includedEventTypes }: FilterDescription): ReadonlySet<string> | undefined {
  const wanted = new Set((includedEventTypes ?? []).map(foldCase));
  return wanted.size === 0 || wanted.has("ALL") ? undefined : wanted;
}

function eventTypeCondition(description: FilterDescription): readonly FilterCondition[] {
  const wanted = wantedEventTypes(description);
  if (wanted === undefined) return [];
  return [{ field: "includedEventTypes", holds: ({ envelope }) => wanted.has(foldCase(envelope.type)) }];
}

/** [EG-FILTER-SUBJECT] Plain prefix and suffix; a missing subject has neither. */
function subjectConditions(description: FilterDescription): readonly FilterCondition[] {
  const { isSubjectCaseSensitive } = description;
  const read = isSubjectCaseSensitive === true ? (text: string) => text : foldCase;
  const condition = (
    field: "subjectBeginsWith" | "subjectEndsWith",
    compare: (subject: string, part: string) => boolean,
  ): readonly FilterCondition[] => {
    const part = read(description[field] ?? "");
    if (part === "") return [];
    return [
      {
        field,
        holds: ({ envelope: { subject } }) => subject !== undefined && compare(read(subject), part),
      },
    ];
  };
  return [
    ...condition("subjectBeginsWith", (subject, part) => subject.startsWith(part)),
    ...condition("subjectEndsWith", (subject, part) => subject.endsWith(part)),
  ];
}

function advancedCondition(
  filter: AdvancedFilterDescription,
  field: string,
  keys: FilterKeys,
  { enableAdvancedFilteringOnArrays }: FilterDescription,
): FilterCondition {
  const read = comparandsOf(filter, field);
  // Shapes were checked before; should that ever miss one, its condition holds for nothing.
  if (read.kind === "problems") return { field, holds: () => false };
  const key = keys.get(filter.key);
  const passes = OPERATORS[filter.operatorType].bind(read.comparands, {
    arrays: enableAdvancedFilteringOnArrays === true,
    scalarsAsText: key.place === "attribute",
  });
  const searches = filter.operatorType === "StringContains" || filter.operatorType === "StringNotContains";
  return { field, searches, holds: (event) => passes(key.valueIn(event)) };
}
