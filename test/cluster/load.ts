import { publishOne } from "../crash/publisher.ts";
import type { SeededRandom } from "../support/fixtures/seeded-random.ts";
import type { RingmainNode } from "./ringmain-node.ts";

/** Where a publisher goes on after it was refused, in milliseconds. */
const PAUSE_MS = 50;
/** Statuses that a publisher is to expect from a node that cannot reach the store. */
const TRY_LATER: readonly number[] = [429, 503];

/** Publishers that go from node to node, and go on when they are refused. */
export class Load {
  readonly acknowledged: Set<string> = new Set();
  /** Requests that were answered with 503 or not at all: what became of their events is unknown. */
  refused = 0;
  /** Answers that a publisher has no reason to expect. */
  readonly wrong: string[] = [];
  readonly #nodes: readonly RingmainNode[];
  readonly #topics: readonly string[];
  readonly #random: SeededRandom;
  #published = 0;
  #ended = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(nodes: readonly RingmainNode[], topics: readonly string[], random: SeededRandom) {
    this.#nodes = nodes;
    this.#topics = topics;
    this.#random = random;
  }

  start(connections: number): void {
    this.#running = Promise.all(Array.from({ length: connections }, () => this.#publishOn()));
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#running;
  }

  /** Publishes one event at this node; answers whether it was acknowledged. */
  async publishAt(node: RingmainNode): Promise<boolean> {
    const { running } = node;
    if (running === undefined) return false;
    this.#published += 1;
    const topic = this.#topics[this.#published % this.#topics.length] ?? "";
    const id = `${topic}-${this.#published}`;
    const answer = await publishOne(running, topic, id);
    if (answer !== "broken" && answer.status === 200) {
      this.acknowledged.add(id);
      return true;
    }
    this.refused += 1;
    if (answer !== "broken" && !TRY_LATER.includes(answer.status)) this.wrong.push(`${answer.status} ${answer.body}`);
    return false;
  }

  async #publishOn(): Promise<void> {
    while (!this.#ended) {
      if (!(await this.publishAt(this.#random.pick(this.#nodes)))) await pause(PAUSE_MS);
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
