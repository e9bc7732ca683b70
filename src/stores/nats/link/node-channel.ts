import type { LockToken, QueueName } from "../../../core/delivery.ts";
import { RingmainError, toError, type ErrorCode } from "../../../core/errors.ts";
import type { SettleResult } from "../../../ports/delivery-queue.ts";
import type { NatsLink } from "./nats-link.ts";
import type { SettleStep } from "./settle-step.ts";

/** Maximum number of queue names per announcement, far below a server's limit on messages. */
const NAMES_PER_ANNOUNCEMENT = 1_000;

/** A message of one node to all others. */
interface Announcement {
  readonly from: string;
  readonly available?: readonly QueueName[];
  readonly removed?: QueueName;
  /** Revision of a resource that was written. */
  readonly changed?: number;
}

interface SettleRequest {
  readonly queue: QueueName;
  readonly tokens: readonly LockToken[];
  readonly step: SettleStep;
}

type SettleResponse =
  | { readonly results: readonly SettleResult[] }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

/** Handlers for messages from other nodes. */
export interface ChannelListener {
  readonly available: (queue: QueueName) => void;
  readonly removed: (queue: QueueName) => void;
  /** Settles tokens that this node issued. */
  readonly settle: (queue: QueueName, tokens: readonly LockToken[], step: SettleStep) => Promise<SettleResult[]>;
}

/**
 * Communication between the nodes of a store over NATS, without storage: announcements, which may be lost, and settling
 * requests to the node that issued a lock. Only that node knows whether the lock was renewed or settled.
 */
export class NodeChannel {
  /** Name of this node; unique among all nodes, also earlier ones. */
  readonly node: string;
  readonly #link: NatsLink;
  readonly #store: string;
  #stops: (() => void)[] = [];
  #changeHandler: ((revision: number) => void) | undefined;

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
        if (changed !== undefined) this.#changeHandler?.(changed);
      }),
      this.#link.subscribe(`${this.#store}.node.${this.node}`, (message) => {
        const { queue, tokens, step } = message.json<SettleRequest>();
        void listener.settle(queue, tokens, step).then(
          (results) => message.respond(JSON.stringify({ results } satisfies SettleResponse)),
          (thrown: unknown) => message.respond(JSON.stringify({ error: describe(thrown) } satisfies SettleResponse)),
        );
      }),
    ];
  }

  /** Sets the handler for resources that other nodes have written. */
  onResourceChange(listener: (revision: number) => void): void {
    this.#changeHandler = listener;
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

  /** Asks the node that issued these tokens to settle them. Returns `undefined` if that node no longer exists. */
  async settleAt(
    node: string,
    queue: QueueName,
    tokens: readonly LockToken[],
    step: SettleStep,
  ): Promise<readonly SettleResult[] | undefined> {
    const request = JSON.stringify({ queue, tokens, step } satisfies SettleRequest);
    const message = await this.#link.request(`${this.#store}.node.${node}`, request);
    if (message === undefined) return undefined;
    const response = message.json<SettleResponse>();
    if ("error" in response) throw new RingmainError(response.error.code, response.error.message);
    return response.results;
  }

  #announce(announcement: Announcement): void {
    try {
      this.#link.publish(`${this.#store}.announce`, JSON.stringify(announcement));
    } catch {
      // Lost with the connection. The regular sweep over the queues, or the watch of the resources, makes up for it.
    }
  }
}

function describe(thrown: unknown): { readonly code: ErrorCode; readonly message: string } {
  const code = thrown instanceof RingmainError ? thrown.code : "internal";
  return { code, message: toError(thrown).message };
}
