import { publishOne } from "../crash/publisher.ts";
import type { SeededRandom } from "../support/fixtures/seeded-random.ts";
import type { RingmainNode } from "./ringmain-node.ts";

/** Pause in milliseconds of a publisher that was refused. */
const PAUSE_MS = 50;
/** Statuses to expect from a node that cannot reach the store. */
const TRY_LATER: readonly number[] = [429, 503];

/** Publishers that send to the nodes in turn and continue after a refusal. */
export class Load {
  readonly acknowledged: Set<string> = new Set();
  /** Number of requests that got 503 or no response. Their events may have been stored. */
  refused = 0;
  /** Unexpected responses. */
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

  /** Publishes one event at a node. Resolves with whether it was acknowledged. */
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
