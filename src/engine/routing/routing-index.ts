import { assertNever } from "../../core/errors.ts";
import type { InputSchema, PublishedEvent } from "../../core/event.ts";
import type { IndexKind } from "../../core/filter/comparisons.ts";
import type { Anchor, AnchorValue, Dimension, Scalar } from "./anchors.ts";
import { KeyFinder } from "./index-keys.ts";
import { RangeTree } from "./range-tree.ts";
import { backwards, TextTree } from "./text-tree.ts";

/** An entry of the index. The owner may add members. */
export interface Indexed {
  readonly anchors: readonly Anchor[];
}

/** Maximum number of entries that are tested one by one. */
const FEW = 8;
/** Maximum number of keys that are read from the event one by one. With more keys, the event is searched for them. */
const FEW_KEYS = 16;
/**
 * Maximum number of copies of an entry, at the top level and below. An entry is filed under each value of its anchor,
 * and again at the next level.
 */
const MAX_COPIES_AT_TOP = 1_024;
const MAX_COPIES_BELOW = 64;
/** Maximum number of levels. Each level narrows by another dimension. */
const MAX_LEVELS = 8;

/** A node of the index. Its entries share a value in each dimension above. */
interface Node<Entry> {
  /** Entries to test for every event that reaches the node. */
  readonly here: readonly Entry[];
  /** Branches whose dimension is read from every event. */
  readonly branches: readonly Branch<Entry>[];
  /** Branches by filter key, if there are many. */
  readonly byKey: KeyFinder<Branch<Entry>> | undefined;
}

/** The entries of a node that are filed under one dimension. */
interface Branch<Entry> {
  readonly dimension: Dimension;
  visit(value: Scalar, visit: (node: Node<Entry>) => void): void;
}

/**
 * Index over entries with several conditions each. An entry is filed under the condition whose values the fewest other
 * entries share. If many entries have the same value, the index continues below it with their other conditions. So the
 * number of entries that are tested for an event depends on the number that match, not on the total.
 * Measured in docs/hot-path.md.
 */
export class AnchorIndex<Entry extends Indexed> {
  readonly #entries: readonly Entry[];
  readonly #top: Node<Entry>;

  constructor(entries: readonly Entry[], schema: InputSchema) {
    this.#entries = entries;
    const filed = entries.map((entry) => ({ entry, copies: 1 }));
    this.#top = buildNode(filed, { schema, used: new Set(), level: 0 });
  }

  /** Returns all entries whose anchors the event satisfies, and possibly others. Each entry appears once. */
  candidates(event: PublishedEvent): readonly Entry[] {
    const found: Entry[] = [];
    const values = visitNode(this.#top, event, found);
    if (values === "many") return this.#entries;
    return values === "several" ? [...new Set(found)] : found;
  }
}

/**
 * Number of values that an event has in one dimension. With "several", an entry may have been found twice. With
 * "many", not all values have been looked up.
 */
type Values = "one" | "several" | "many";

/** Adds the candidates below a node to `found`. */
function visitNode<Entry>(node: Node<Entry>, event: PublishedEvent, found: Entry[]): Values {
  for (const entry of node.here) found.push(entry);
  let result: Values = "one";
  const follow = (branch: Branch<Entry>): void => {
    const values = branch.dimension.read(event);
    if (values === "many" || result === "many") {
      result = "many";
      return;
    }
    if (values.length > 1) result = "several";
    for (const value of values) {
      branch.visit(value, (below) => {
        const met = visitNode(below, event, found);
        if (met === "many" || result === "one") result = met;
      });
    }
  };
  for (const branch of node.branches) follow(branch);
  if (node.byKey !== undefined) for (const branch of node.byKey.find(event)) follow(branch);
  return result;
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
  const limit = around.level === 0 ? MAX_COPIES_AT_TOP : MAX_COPIES_BELOW;
  const usable = entries.map(({ entry, copies }) =>
    entry.anchors.filter(({ dimension, values }) => !around.used.has(dimension) && copies * values.length <= limit),
  );
  const population = countValues(usable);
  const groups = new Map<Dimension, Map<AnchorValue, Filed<Entry>[]>>();
  for (const [index, filed] of entries.entries()) {
    const anchor = mostSelective(usable[index] ?? [], population);
    if (anchor === undefined) here.push(filed.entry);
    else file(groups, anchor, filed);
  }
  const branches = Array.from(groups, ([dimension, group]) => buildBranch(dimension, group, around));
  return { here, ...arrange(branches, around.schema) };
}

function file<Entry>(
  groups: Map<Dimension, Map<AnchorValue, Filed<Entry>[]>>,
  { dimension, values }: Anchor,
  { entry, copies }: Filed<Entry>,
): void {
  const group = groups.get(dimension) ?? new Map<AnchorValue, Filed<Entry>[]>();
  groups.set(dimension, group);
  const copy = { entry, copies: copies * values.length };
  for (const value of values) {
    const sharing = group.get(value);
    if (sharing === undefined) group.set(value, [copy]);
    else sharing.push(copy);
  }
}

function buildBranch<Entry extends Indexed>(
  dimension: Dimension,
  group: ReadonlyMap<AnchorValue, readonly Filed<Entry>[]>,
  around: Surroundings,
): Branch<Entry> {
  const below = { ...around, used: new Set([...around.used, dimension]), level: around.level + 1 };
  const nodes = new Map<AnchorValue, Node<Entry>>();
  for (const [value, entries] of group) nodes.set(value, buildNode(entries, below));
  switch (dimension.comparison) {
    case "equals":
    case "has":
      return equalsBranch(dimension, nodes);
    case "begins":
    case "ends":
      return textBranch(dimension, nodes);
    case "within":
      return rangeBranch(dimension, nodes);
    default:
      return assertNever(dimension.comparison);
  }
}

type Nodes<Entry> = ReadonlyMap<AnchorValue, Node<Entry>>;

function equalsBranch<Entry>(dimension: Dimension, nodes: Nodes<Entry>): Branch<Entry> {
  return {
    dimension,
    visit(value, visit) {
      const node = nodes.get(value);
      if (node !== undefined) visit(node);
    },
  };
}

function textBranch<Entry>(dimension: Dimension, nodes: Nodes<Entry>): Branch<Entry> {
  const reversed = dimension.comparison === "ends";
  const tree = new TextTree<Node<Entry>>();
  let longest = 0;
  for (const [text, node] of nodes) {
    if (typeof text !== "string") continue;
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

function rangeBranch<Entry>(dimension: Dimension, nodes: Nodes<Entry>): Branch<Entry> {
  const ranges = [...nodes].flatMap(([range, node]) => (typeof range === "object" ? [[range, node] as const] : []));
  const tree = new RangeTree(ranges);
  return {
    dimension,
    visit(value, visit) {
      if (typeof value === "number") tree.visitAround(value, visit);
    },
  };
}

/** Separates the branches that are read from every event from those that are found by key. */
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

type Population = ReadonlyMap<Dimension, ReadonlyMap<AnchorValue, number>>;

function countValues(choices: readonly (readonly Anchor[])[]): Population {
  const population = new Map<Dimension, Map<AnchorValue, number>>();
  // Counting takes much of the build time, and is not needed if no entry has a choice.
  if (choices.every((anchors) => anchors.length < 2)) return population;
  for (const anchors of choices) {
    for (const { dimension, values } of anchors) {
      const counts = population.get(dimension) ?? new Map<AnchorValue, number>();
      population.set(dimension, counts);
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return population;
}

/**
 * Added to the number of entries that share a value. An exact value is more selective than a prefix or suffix, both
 * more than a range, and the mere presence of a value least.
 */
const PENALTY: Readonly<Record<IndexKind, number>> = { equals: 0, begins: 0.5, ends: 0.5, within: 1e9, has: 2e9 };

/** Returns the anchor whose values the fewest entries share. */
function mostSelective(anchors: readonly Anchor[], population: Population): Anchor | undefined {
  if (anchors.length < 2) return anchors[0];
  let best: Anchor | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const anchor of anchors) {
    const counts = population.get(anchor.dimension);
    let shared = 0;
    for (const value of anchor.values) shared = Math.max(shared, counts?.get(value) ?? 0);
    const weight = shared + PENALTY[anchor.dimension.comparison];
    if (weight < fewest) {
      fewest = weight;
      best = anchor;
    }
  }
  return best;
}
