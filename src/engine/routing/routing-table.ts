import type { PublishedEvent } from "../../core/event.ts";
import { filterProblems, type FilterProblem } from "../../core/filter/check-filter.ts";
import { compileFilter, type EventFilter } from "../../core/filter/compile-filter.ts";
import { SharedKeys, type FilterRules } from "../../core/filter/shared-keys.ts";
import type { FilterDescription } from "../../core/filter/description.ts";
import { Dimensions, type Anchor } from "./anchors.ts";
import { matchingWork, type MatchingSlice } from "./matching-slice.ts";
import { AnchorIndex } from "./routing-index.ts";

/** A filter, and the target of the events that pass it. */
export interface RoutingEntry<Target> {
  readonly filter: FilterDescription;
  readonly target: Target;
  /** Counter of evaluated advanced filters. It outlives the table. */
  readonly evaluations?: Evaluations;
}

/** Number of advanced filters that have been evaluated for one subscription. */
export interface Evaluations {
  count: number;
}

/** All filters of a source, compiled and indexed. Immutable. */
export interface RoutingTable<Target> {
  /**
   * Returns the targets of all entries whose filter the event passes, each once, in no particular order. Never throws.
   * Returns a promise if this takes longer than the slice; the promise never rejects.
   */
  match(event: PublishedEvent, slice: MatchingSlice): readonly Target[] | Promise<readonly Target[]>;
  /** Entries whose filter does not compile: no event passes them. */
  readonly broken: readonly BrokenEntry<Target>[];
}

/** An entry whose filter does not compile, and the reasons. */
export interface BrokenEntry<Target> {
  readonly target: Target;
  readonly problems: readonly FilterProblem[];
}

/**
 * An entry whose filter has no problems. It is compiled when the entry first becomes a candidate: most entries never
 * do.
 */
interface SoundEntry<Target> extends RoutingEntry<Target> {
  readonly anchors: readonly Anchor[];
  readonly advancedFilters: number;
  /** Number of values that its advanced filters compare with. */
  readonly comparands: number;
  compiled: EventFilter | undefined;
}

/**
 * Compiles the filters of a source's subscriptions into one table. The cost of a match depends on the number of
 * entries that match: the index finds entries by event type, by subject prefix and suffix, and by advanced filters
 * that need an exact value, a prefix, a suffix or a range of numbers. Entries without any of these (for example, with
 * `StringContains` only) are tested one by one if the event has a value under their key, which is read once for all of
 * them. No event passes a filter that does not compile.
 * Measured in docs/hot-path.md.
 *
 * Source: [EG-FILTER-ALL], [EG-FILTER-BROKEN]
 */
export function compileRoutingTable<Target>(
  rules: FilterRules,
  entries: readonly RoutingEntry<Target>[],
): RoutingTable<Target> {
  const dimensions = new Dimensions(rules);
  const sound: SoundEntry<Target>[] = [];
  const broken: BrokenEntry<Target>[] = [];
  for (const entry of entries) {
    const { filter, target } = entry;
    const problems = filterProblems(filter);
    if (problems.length > 0) broken.push({ target, problems });
    else {
      const advancedFilters = filter.advancedFilters?.length ?? 0;
      const comparands = comparandsIn(filter);
      sound.push({ ...entry, anchors: dimensions.anchorsOf(filter), advancedFilters, comparands, compiled: undefined });
    }
  }
  const index = new AnchorIndex(sound, rules.schema);
  const keys = new SharedKeys(rules);
  /** Tests candidates from index `from` on, until the slice is over. Returns the index of the next candidate. */
  const matchSome = (matching: Matching<Target>, from: number): number => {
    const { event, candidates, targets, slice } = matching;
    const bytes = event.envelope.json.byteLength;
    let at = from;
    while (at < candidates.length && (at === from || !slice.isOver)) {
      const entry = candidates[at] as SoundEntry<Target>;
      entry.compiled ??= filterOf(entry.filter, keys);
      if (entry.evaluations !== undefined) entry.evaluations.count += entry.advancedFilters;
      slice.spend(matchingWork(entry.comparands, bytes));
      if (entry.compiled.matches(event)) targets.push(entry.target);
      at += 1;
    }
    keys.forget();
    return at;
  };
  const matchRest = async (matching: Matching<Target>, from: number): Promise<readonly Target[]> => {
    for (let at = from; at < matching.candidates.length; at = matchSome(matching, at)) await matching.slice.pause();
    return matching.targets;
  };
  return {
    broken,
    match(event, slice) {
      const matching: Matching<Target> = { event, candidates: index.candidates(event), targets: [], slice };
      const at = matchSome(matching, 0);
      return at < matching.candidates.length ? matchRest(matching, at) : matching.targets;
    },
  };
}

/** State of matching one event. */
interface Matching<Target> {
  readonly event: PublishedEvent;
  readonly candidates: readonly SoundEntry<Target>[];
  readonly targets: Target[];
  readonly slice: MatchingSlice;
}

/**
 * Returns the number of values that the advanced filters of a description compare with. A filter without a value
 * counts as one.
 */
export function comparandsIn({ advancedFilters }: FilterDescription): number {
  return (advancedFilters ?? []).reduce((sum, filter) => sum + ("values" in filter ? filter.values.length : 1), 0);
}

function filterOf(description: FilterDescription, keys: SharedKeys): EventFilter {
  const result = compileFilter(description, keys);
  // [EG-FILTER-BROKEN] Not reached, because its problems have been checked. It must not let every event pass in any
  // case.
  return result.kind === "compiled" ? result.filter : { conditions: [], matches: () => false };
}
