import type { PublishedEvent } from "../../core/event.ts";
import { filterProblems, type FilterProblem } from "../../core/filter/check-filter.ts";
import { compileFilter, type EventFilter } from "../../core/filter/compile-filter.ts";
import { SharedKeys, type FilterRules } from "../../core/filter/shared-keys.ts";
import type { FilterDescription } from "../../core/filter/description.ts";
import { Dimensions, type Anchor } from "./anchors.ts";
import { matchingWork, type MatchingSlice } from "./matching-slice.ts";
import { AnchorIndex } from "./routing-index.ts";

/** A filter, and what an event that passes it goes to. */
export interface RoutingEntry<Target> {
  readonly filter: FilterDescription;
  readonly target: Target;
  /** Counts the advanced filters that are looked at; it outlives the table. */
  readonly evaluations?: Evaluations;
}

/** How many advanced filters have been looked at for one subscription. */
export interface Evaluations {
  count: number;
}

/** All filters of a topic, compiled and indexed. Immutable. */
export interface RoutingTable<Target> {
  /**
   * Returns the targets of all entries that the event passes, each entry's once, in no particular order. Never throws.
   * A promise where that takes longer than the slice: it never rejects.
   */
  match(event: PublishedEvent, slice: MatchingSlice): readonly Target[] | Promise<readonly Target[]>;
  /** The entries whose filter does not compile: no event passes them. */
  readonly broken: readonly BrokenEntry<Target>[];
}

/** An entry without a working filter, and why. */
export interface BrokenEntry<Target> {
  readonly target: Target;
  readonly problems: readonly FilterProblem[];
}

/** An entry whose filter is known to compile, and is compiled when an event first comes near it: most never are. */
interface SoundEntry<Target> extends RoutingEntry<Target> {
  readonly anchors: readonly Anchor[];
  readonly advancedFilters: number;
  /** Values that its advanced filters compare with. */
  readonly comparands: number;
  compiled: EventFilter | undefined;
}

/**
 * Compiles the filters of a topic's subscriptions into one table. A match costs about as much as there are entries
 * that match: entries are found by event type, subject prefix and suffix, and by advanced filters that need an exact
 * value, a prefix, a suffix or a range of numbers. Those that ask for none of these (only `StringContains`, say) are
 * looked at one by one if the event has a value under their key; what it has there is read once for all of them. A
 * filter that does not compile lets nothing pass.
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
  /** Looks at candidates from one place on; returns the place that it came to. */
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

/** An event on its way through a table. */
interface Matching<Target> {
  readonly event: PublishedEvent;
  readonly candidates: readonly SoundEntry<Target>[];
  readonly targets: Target[];
  readonly slice: MatchingSlice;
}

/** Returns how many values the advanced filters of a description compare with; one without a value counts as one. */
export function comparandsIn({ advancedFilters }: FilterDescription): number {
  return (advancedFilters ?? []).reduce((sum, filter) => sum + ("values" in filter ? filter.values.length : 1), 0);
}

function filterOf(description: FilterDescription, keys: SharedKeys): EventFilter {
  const result = compileFilter(description, keys);
  // [EG-FILTER-BROKEN] Cannot be: its problems were looked for. It must not let everything pass all the same.
  return result.kind === "compiled" ? result.filter : { conditions: [], matches: () => false };
}
