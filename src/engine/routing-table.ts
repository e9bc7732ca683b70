import type { InputSchema, PublishedEvent } from "../core/event.ts";
import type { FilterProblem } from "../core/filter/check-filter.ts";
import { compileFilter, type EventFilter } from "../core/filter/compile-filter.ts";
import type { FilterDescription } from "../core/resources.ts";
import { Dimensions, type Anchor } from "./routing-table-anchors.ts";
import { AnchorIndex } from "./routing-table-index.ts";

/** A filter, and what an event that passes it goes to. */
export interface RoutingEntry<Target> {
  readonly filter: FilterDescription;
  readonly target: Target;
}

/** All filters of a topic, compiled and indexed. Immutable. */
export interface RoutingTable<Target> {
  /** The targets of all entries that the event passes, each entry's once, in no particular order. Never throws. */
  match(event: PublishedEvent): readonly Target[];
  /** The entries whose filter does not compile: no event passes them. */
  readonly broken: readonly BrokenEntry<Target>[];
}

/** An entry without a working filter, and why. */
export interface BrokenEntry<Target> {
  readonly target: Target;
  readonly problems: readonly FilterProblem[];
}

interface CompiledEntry<Target> {
  readonly filter: EventFilter;
  readonly anchors: readonly Anchor[];
  readonly target: Target;
}

/**
 * Compiles the filters of a topic's subscriptions into one table. A match costs about as much as there are entries
 * that match: entries are found by event type, subject prefix and suffix, and by filters of the kinds `StringIn`,
 * `NumberIn`, `BoolEquals`, `StringBeginsWith` and `StringEndsWith`. Entries that have none of these are looked at one
 * by one. A filter that does not compile lets nothing pass.
 *
 * @param schema the topic's input schema
 * Source: [EG-FILTER-ALL]
 */
export function compileRoutingTable<Target>(
  schema: InputSchema,
  entries: readonly RoutingEntry<Target>[],
): RoutingTable<Target> {
  const dimensions = new Dimensions(schema);
  const compiled: CompiledEntry<Target>[] = [];
  const broken: BrokenEntry<Target>[] = [];
  for (const { filter: description, target } of entries) {
    const result = compileFilter(description, schema);
    if (result.kind === "invalid") broken.push({ target, problems: result.problems });
    else compiled.push({ filter: result.filter, anchors: dimensions.anchorsOf(description), target });
  }
  const index = new AnchorIndex(compiled, schema);
  return {
    broken,
    match(event) {
      const targets: Target[] = [];
      for (const { filter, target } of index.candidates(event)) if (filter.matches(event)) targets.push(target);
      return targets;
    },
  };
}
