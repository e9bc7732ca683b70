import type { InputSchema, PublishedEvent } from "../core/event.ts";
import type { Anchor, Dimension, Scalar } from "./routing-table-anchors.ts";
import { KeyFinder } from "./routing-table-keys.ts";
import { backwards, TextTree } from "./routing-table-text-tree.ts";

/** What is indexed: its conditions, and whatever the owner needs to find it again. */
export interface Indexed {
  readonly anchors: readonly Anchor[];
}

/** So few entries are looked at one by one. */
const FEW = 8;
/** With more keys than this, the event is searched for keys instead of being asked for each. */
const FEW_KEYS = 16;
/** An entry is filed under each value of its anchor, and again one level below; this bounds its copies. */
const MAX_COPIES_AT_TOP = 1_024;
const MAX_COPIES_BELOW = 64;
/** Levels of one index; each narrows by another dimension. */
const MAX_LEVELS = 8;

/** Entries that share a value of each dimension above. */
interface Node<Entry> {
  /** To be looked at for every event that comes here. */
  readonly here: readonly Entry[];
  /** Dimensions that every event is asked for. */
  readonly branches: readonly Branch<Entry>[];
  /** Dimensions by filter key, when there are many. */
  readonly byKey: KeyFinder<Branch<Entry>> | undefined;
}

/** The entries of a node that are filed under one dimension. */
interface Branch<Entry> {
  readonly dimension: Dimension;
  visit(value: Scalar, visit: (node: Node<Entry>) => void): void;
}

/**
 * An index over entries with several conditions each. Every entry is filed under the one of its conditions that the
 * fewest others share; where many are filed under one value, the index continues below it with their other conditions.
 * So the entries looked at for an event are about those that match it, however many there are.
 */
export class AnchorIndex<Entry extends Indexed> {
  readonly #top: Node<Entry>;

  constructor(entries: readonly Entry[], schema: InputSchema) {
    const filed = entries.map((entry) => ({ entry, copies: 1 }));
    this.#top = buildNode(filed, { schema, used: new Set(), level: 0 });
  }

  /** All entries whose anchors the event satisfies, perhaps with others among them; each one once. */
  candidates(event: PublishedEvent): readonly Entry[] {
    const found: Entry[] = [];
    const severalValues = visitNode(this.#top, event, found);
    return severalValues ? [...new Set(found)] : found;
  }
}

/** Answers whether an entry may have been met twice: only an event with several values in a dimension does that. */
function visitNode<Entry>(node: Node<Entry>, event: PublishedEvent, found: Entry[]): boolean {
  for (const entry of node.here) found.push(entry);
  let severalValues = false;
  const follow = (branch: Branch<Entry>): void => {
    const values = branch.dimension.read(event);
    if (values.length > 1) severalValues = true;
    for (const value of values) {
      branch.visit(value, (below) => {
        if (visitNode(below, event, found)) severalValues = true;
      });
    }
  };
  for (const branch of node.branches) follow(branch);
  if (node.byKey !== undefined) for (const branch of node.byKey.find(event)) follow(branch);
  return severalValues;
}

interface Filed<Entry> {
  readonly entry: Entry;
  readonly copies: number;
}

interface Surroundings {
  readonly schema: InputSchema;
  /** Dimensions of the levels above. */
  readonly used: ReadonlySet<Dimension>;
  readonly level: number;
}

function buildNode<Entry extends Indexed>(entries: readonly Filed<Entry>[], around: Surroundings): Node<Entry> {
  const here: Entry[] = [];
  if (entries.length <= FEW || around.level === MAX_LEVELS) {
    return { here: entries.map(({ entry }) => entry), branches: [], byKey: undefined };
  }
  const usable = ({ entry, copies }: Filed<Entry>): readonly Anchor[] => {
    const limit = around.level === 0 ? MAX_COPIES_AT_TOP : MAX_COPIES_BELOW;
    return entry.anchors.filter(
      ({ dimension, values }) => !around.used.has(dimension) && copies * values.length <= limit,
    );
  };
  const population = countValues(entries.flatMap(usable));
  const groups = new Map<Dimension, Map<Scalar, Filed<Entry>[]>>();
  for (const filed of entries) {
    const anchor = mostSelective(usable(filed), population);
    if (anchor === undefined) {
      here.push(filed.entry);
      continue;
    }
    const group = groups.get(anchor.dimension) ?? new Map<Scalar, Filed<Entry>[]>();
    groups.set(anchor.dimension, group);
    const copies = filed.copies * anchor.values.length;
    for (const value of anchor.values) {
      const sharing = group.get(value);
      if (sharing === undefined) group.set(value, [{ entry: filed.entry, copies }]);
      else sharing.push({ entry: filed.entry, copies });
    }
  }
  const branches = Array.from(groups, ([dimension, group]) => buildBranch(dimension, group, around));
  return { here, ...arrange(branches, around.schema) };
}

function buildBranch<Entry extends Indexed>(
  dimension: Dimension,
  group: ReadonlyMap<Scalar, readonly Filed<Entry>[]>,
  around: Surroundings,
): Branch<Entry> {
  const below = { ...around, used: new Set([...around.used, dimension]), level: around.level + 1 };
  const nodes = Array.from(group, ([value, entries]) => [value, buildNode(entries, below)] as const);
  if (dimension.comparison === "equals") {
    const byValue = new Map<Scalar, Node<Entry>>(nodes);
    return {
      dimension,
      visit(value, visit) {
        const node = byValue.get(value);
        if (node !== undefined) visit(node);
      },
    };
  }
  const reversed = dimension.comparison === "ends";
  const tree = new TextTree<Node<Entry>>();
  let longest = 0;
  for (const [value, node] of nodes) {
    const text = String(value);
    longest = Math.max(longest, text.length);
    tree.set(reversed ? backwards(text) : text, node);
  }
  return {
    dimension,
    visit(value, visit) {
      if (typeof value !== "string") return;
      tree.visitPrefixes(reversed ? backwards(value.slice(-longest)) : value, visit);
    },
  };
}

/** Splits branches into those always asked and those found by key. */
function arrange<Entry>(
  branches: readonly Branch<Entry>[],
  schema: InputSchema,
): Pick<Node<Entry>, "branches" | "byKey"> {
  const keyed = branches.filter(({ dimension }) => dimension.key !== undefined);
  if (keyed.length <= FEW_KEYS) return { branches, byKey: undefined };
  const byKey = new KeyFinder<Branch<Entry>>(schema);
  for (const branch of keyed) if (branch.dimension.key !== undefined) byKey.add(branch.dimension.key, branch);
  return { branches: branches.filter(({ dimension }) => dimension.key === undefined), byKey };
}

type Population = ReadonlyMap<Dimension, ReadonlyMap<Scalar, number>>;

function countValues(anchors: readonly Anchor[]): Population {
  const population = new Map<Dimension, Map<Scalar, number>>();
  for (const { dimension, values } of anchors) {
    const counts = population.get(dimension) ?? new Map<Scalar, number>();
    population.set(dimension, counts);
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return population;
}

/** The anchor whose values the fewest entries share; among equals, exact values before prefixes and suffixes. */
function mostSelective(anchors: readonly Anchor[], population: Population): Anchor | undefined {
  let best: Anchor | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const anchor of anchors) {
    const counts = population.get(anchor.dimension);
    const shared = Math.max(...anchor.values.map((value) => counts?.get(value) ?? 0));
    const weight = shared + (anchor.dimension.comparison === "equals" ? 0 : 0.5);
    if (weight < fewest) {
      fewest = weight;
      best = anchor;
    }
  }
  return best;
}
