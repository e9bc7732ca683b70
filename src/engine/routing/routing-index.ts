import { assertNever } from "../../core/errors.ts";
import type { InputSchema, PublishedEvent } from "../../core/event.ts";
import type { IndexKind } from "../../core/filter/comparisons.ts";
import type { Anchor, AnchorValue, Dimension, Scalar } from "./anchors.ts";
import { KeyFinder } from "./index-keys.ts";
import { RangeTree } from "./range-tree.ts";
import { backwards, TextTree } from "./text-tree.ts";

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

  /** All entries whose anchors the event satisfies, perhaps with others among them; each one once. */
  candidates(event: PublishedEvent): readonly Entry[] {
    const found: Entry[] = [];
    const values = visitNode(this.#top, event, found);
    if (values === "many") return this.#entries;
    return values === "several" ? [...new Set(found)] : found;
  }
}

/**
 * How many values an event was found to have in one dimension: with several, an entry may have been met twice; with
 * many, not all of them were looked up.
 */
type Values = "one" | "several" | "many";

/** Adds entries to `found`. */
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

type Population = ReadonlyMap<Dimension, ReadonlyMap<AnchorValue, number>>;

function countValues(choices: readonly (readonly Anchor[])[]): Population {
  const population = new Map<Dimension, Map<AnchorValue, number>>();
  // Counting takes a good part of building: spare it where nobody has a choice.
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
 * Added to the entries that share a value: an exact value says more than a prefix, both more than a range, and that
 * there is a value at all says least.
 */
const HANDICAP: Readonly<Record<IndexKind, number>> = { equals: 0, begins: 0.5, ends: 0.5, within: 1e9, has: 2e9 };

/** The anchor whose values the fewest entries share. */
function mostSelective(anchors: readonly Anchor[], population: Population): Anchor | undefined {
  if (anchors.length < 2) return anchors[0];
  let best: Anchor | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const anchor of anchors) {
    const counts = population.get(anchor.dimension);
    let shared = 0;
    for (const value of anchor.values) shared = Math.max(shared, counts?.get(value) ?? 0);
    const weight = shared + HANDICAP[anchor.dimension.comparison];
    if (weight < fewest) {
      fewest = weight;
      best = anchor;
    }
  }
  return best;
}
