import type { LockToken, QueueName } from "../../../core/delivery.ts";
import { RingmainError, toError, type ErrorCode } from "../../../core/errors.ts";
import type { SettleResult } from "../../../ports/delivery-queue.ts";
import type { NatsLink } from "./nats-link.ts";
import type { SettleStep } from "./settle-step.ts";

/** Names in one announcement; keeps it far below a server's limit. */
const NAMES_PER_ANNOUNCEMENT = 1_000;

/** What a node tells all others. */
interface Announcement {
  readonly from: string;
  readonly available?: readonly QueueName[];
  readonly removed?: QueueName;
  /** A resource was written, with this revision. */
  readonly changed?: number;
}

interface SettleRequest {
  readonly queue: QueueName;
  readonly tokens: readonly LockToken[];
  readonly step: SettleStep;
}

type SettleAnswer =
  | { readonly results: readonly SettleResult[] }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

/** What a node hears from the others. */
export interface ChannelListener {
  readonly available: (queue: QueueName) => void;
  readonly removed: (queue: QueueName) => void;
  /** Settles tokens that this node gave. */
  readonly settle: (queue: QueueName, tokens: readonly LockToken[], step: SettleStep) => Promise<SettleResult[]>;
}

/**
 * How the nodes of one store speak with each other, over NATS without any storing: announcements, which may be lost,
 * and settling requests to the node that gave a lock, which alone knows whether it was prolonged or has been used.
 */
export class NodeChannel {
  /** This node's name, unlike any other's, present or past. */
  readonly node: string;
  readonly #link: NatsLink;
  readonly #store: string;
  #stops: (() => void)[] = [];
  #hearChange: ((revision: number) => void) | undefined;

  constructor(link: NatsLink, store: string, node: string) {
    this.#link = link;
    this.#store = store;
    this.node = node;
  }

  listen(listener: ChannelListener): void {
    this.#stops = [
      this.#link.subscribe(`${this.#store}.announce`, (message) => {
        const { from, available, removed, changed } = message.json<Announcement>();
        if (from === this.node) return;
        for (const queue of available ?? []) listener.available(queue);
        if (removed !== undefined) listener.removed(removed);
        if (changed !== undefined) this.#hearChange?.(changed);
      }),
      this.#link.subscribe(`${this.#store}.node.${this.node}`, (message) => {
        const { queue, tokens, step } = message.json<SettleRequest>();
        void listener.settle(queue, tokens, step).then(
          (results) => message.respond(JSON.stringify({ results } satisfies SettleAnswer)),
          (thrown: unknown) => message.respond(JSON.stringify({ error: describe(thrown) } satisfies SettleAnswer)),
        );
      }),
    ];
  }

  /** Hears of resources that other nodes have written. */
  onResourceChange(listener: (revision: number) => void): void {
    this.#hearChange = listener;
  }

  announceResourceChange(revision: number): void {
    this.#announce({ from: this.node, changed: revision });
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  announceAvailable(queues: readonly QueueName[]): void {
    for (let start = 0; start < queues.length; start += NAMES_PER_ANNOUNCEMENT) {
      this.#announce({ from: this.node, available: queues.slice(start, start + NAMES_PER_ANNOUNCEMENT) });
    }
  }

  announceRemoved(queue: QueueName): void {
    this.#announce({ from: this.node, removed: queue });
  }

  /** Lets the node that gave these tokens settle them; `undefined` when there is no such node any more. */
  async settleAt(
    node: string,
    queue: QueueName,
    tokens: readonly LockToken[],
    step: SettleStep,
  ): Promise<readonly SettleResult[] | undefined> {
    const request = JSON.stringify({ queue, tokens, step } satisfies SettleRequest);
    const message = await this.#link.request(`${this.#store}.node.${node}`, request);
    if (message === undefined) return undefined;
    const answer = message.json<SettleAnswer>();
    if ("error" in answer) throw new RingmainError(answer.error.code, answer.error.message);
    return answer.results;
  }

  #announce(announcement: Announcement): void {
    try {
      this.#link.publish(`${this.#store}.announce`, JSON.stringify(announcement));
    } catch {
      // Lost with the connection. What it would have told is found by looking through the queues.
    }
  }
}

function describe(thrown: unknown): { readonly code: ErrorCode; readonly message: string } {
  const code = thrown instanceof RingmainError ? thrown.code : "internal";
  return { code, message: toError(thrown).message };
}
