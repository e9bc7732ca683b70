import type { LockedDelivery, LockToken, PeekedDelivery, QueueName } from "../../../core/delivery.ts";
import { SECOND_MS, type EpochMs } from "../../../core/time.ts";
import type {
  AcknowledgeOptions,
  DeliveryQueue,
  EnqueueItem,
  PeekOptions,
  QueueDepth,
  ReceiveOptions,
  RejectOptions,
  ReleaseOptions,
  RenewLockOptions,
  SettleResult,
  StoreCapabilities,
} from "../../../ports/delivery-queue.ts";
import { Hints } from "../../hints.ts";
import { allDone } from "./all-done.ts";
import { CountedLocks } from "./counted-locks.ts";
import type { DeliveryWriter } from "./delivery-writer.ts";
import type { JetStreamApi } from "../link/jetstream-api.ts";
import type { LockTokens } from "./lock-tokens.ts";
import { deliverySubject, queueAddress, queueOfSubject, streamName, type QueueAddress } from "../link/names.ts";
import type { NatsLink } from "../link/nats-link.ts";
import type { NodeChannel } from "../link/node-channel.ts";
import { pause } from "../link/pause.ts";
import { peekMessages } from "./peek-messages.ts";
import { QueueView } from "./queue-view.ts";
import { Receiving } from "./receiving.ts";
import { SettleRouter } from "./settle-router.ts";
import type { SettleStep } from "../link/settle-step.ts";
import { Settling } from "./settling.ts";
import { StuckConsumers } from "./stuck-consumers.ts";

/** Guarantees of the NATS store. */
export const NATS_CAPABILITIES: StoreCapabilities = {
  durable: true,
  virtualTime: false,
  atomicFanOut: false,
  shared: true,
  maxReleaseDelayMs: Number.POSITIVE_INFINITY,
  measuresBytes: false,
};

/** Milliseconds between two sweeps, which notify listeners of every queue that is not empty in case hints were lost. */
const SWEEP_MS = 30 * SECOND_MS;

/** Dependencies of a {@link NatsDeliveryQueue}. */
export interface NatsDeliveryQueueDependencies {
  readonly store: string;
  readonly shards: number;
  readonly link: NatsLink;
  readonly api: JetStreamApi;
  readonly writer: DeliveryWriter;
  readonly tokens: LockTokens;
  readonly channel: NodeChannel;
}

/**
 * Queues in JetStream.
 *
 * A delivery is a message. A queue is a subject in one of a fixed number of streams, with one durable pull consumer.
 * The message contains the whole state of the delivery. A change (an attempt, a due time) therefore writes a new
 * message and then deletes the old one. A message stays in its stream until its delivery has ended.
 *
 * The consumer only records until when messages are locked or held back. A lock is a negative acknowledgement with a
 * delay: the server does not deliver the message again before the delay ends. Locks of any length, renewals, and
 * messages that are not due yet all work this way.
 */
export class NatsDeliveryQueue implements DeliveryQueue {
  readonly capabilities: StoreCapabilities = NATS_CAPABILITIES;
  readonly #dependencies: NatsDeliveryQueueDependencies;
  readonly #receiving: Receiving;
  readonly #countedLocks: CountedLocks;
  readonly #router: SettleRouter;
  readonly #stuck: StuckConsumers;
  readonly #hints = new Hints();
  readonly #views = new Map<QueueName, QueueView>();
  /**
   * Queues that are being removed. Later enqueues wait for the removal, so that it does not delete their deliveries.
   */
  readonly #removing = new Map<QueueName, Promise<void>>();
  readonly #closing = new AbortController();
  readonly #active = new Set<Promise<unknown>>();
  /** The latest time that a caller passed: a queue reads no clock. */
  #now: EpochMs = 0;

  constructor(dependencies: NatsDeliveryQueueDependencies) {
    this.#dependencies = dependencies;
    this.#stuck = new StuckConsumers(dependencies.api);
    this.#countedLocks = new CountedLocks({
      ...dependencies,
      closing: this.#closing.signal,
      available: (queue) => this.#announce([queue]),
    });
    this.#receiving = new Receiving({
      ...dependencies,
      countedLocks: this.#countedLocks,
      available: (queue) => this.#hints.notify(queue),
    });
    const settling = new Settling({
      api: dependencies.api,
      writer: dependencies.writer,
      addressOf: (queue) => this.#addressOf(queue),
      epoch: () => dependencies.link.epoch,
    });
    const own = (queue: QueueName, locals: readonly LockToken[], step: SettleStep): Promise<SettleResult[]> =>
      settling.settleOwn(this.#views.get(queue), locals, step);
    this.#router = new SettleRouter({ channel: dependencies.channel, tokens: dependencies.tokens, settling, own });
    dependencies.channel.listen({
      available: (queue) => this.#hints.notify(queue),
      removed: (queue) => this.#forget(queue),
      settle: own,
    });
    dependencies.link.onReconnect(() => void this.#sweep());
    void this.#sweepRegularly();
  }

  enqueue(items: readonly EnqueueItem[], now: EpochMs): Promise<void> {
    return this.#run(now, async () => {
      const queues = new Map<QueueName, QueueAddress>();
      for (const { to } of items) for (const queue of to) queues.set(queue, this.#addressOf(queue));
      if (queues.size === 0) return;
      await Promise.allSettled(Array.from(queues.keys()).flatMap((name) => this.#removing.get(name) ?? []));
      const { writer } = this.#dependencies;
      const added: Promise<unknown>[] = [];
      const frames = items.map(({ event, dueAt = now }) =>
        writer.encode({ deliveryCount: 0, enqueuedAt: now, event }, dueAt > now ? dueAt : undefined),
      );
      for (const [index, frame] of (await Promise.all(frames)).entries()) {
        const { to } = items[index] as EnqueueItem;
        for (const queue of to) added.push(writer.add(queues.get(queue) as QueueAddress, frame));
      }
      await allDone(added);
      this.#announce([...queues.keys()]);
    });
  }

  receive(name: QueueName, options: ReceiveOptions): Promise<LockedDelivery[]> {
    return this.#run(options.now, () => this.#receiving.receive(this.#viewOf(name), options));
  }

  acknowledge(
    name: QueueName,
    tokens: readonly LockToken[],
    now: EpochMs,
    options: AcknowledgeOptions = {},
  ): Promise<SettleResult[]> {
    return this.#settle(name, tokens, { verb: "acknowledge", now, ...options });
  }

  async release(name: QueueName, tokens: readonly LockToken[], options: ReleaseOptions): Promise<SettleResult[]> {
    const results = await this.#settle(name, tokens, { verb: "release", ...options });
    if (results.includes("settled")) this.#noteReturned(name, options.dueAt, options.now);
    return results;
  }

  async reject(name: QueueName, tokens: readonly LockToken[], options: RejectOptions): Promise<SettleResult[]> {
    const { moveTo, now } = options;
    if (moveTo !== undefined) this.#addressOf(moveTo.queue);
    const results = await this.#settle(name, tokens, { verb: "reject", ...options });
    if (moveTo !== undefined && results.includes("settled")) {
      this.#noteReturned(moveTo.queue, moveTo.dueAt, now);
      if (moveTo.dueAt > now) this.#hints.notify(moveTo.queue);
    }
    return results;
  }

  renewLock(name: QueueName, tokens: readonly LockToken[], options: RenewLockOptions): Promise<SettleResult[]> {
    return this.#settle(name, tokens, { verb: "renewLock", ...options });
  }

  peek(name: QueueName, options: PeekOptions): Promise<PeekedDelivery[]> {
    return this.#run(options.now, () =>
      peekMessages(this.#dependencies.api, this.#addressOf(name), this.#views.get(name), options),
    );
  }

  nextDueAt(name: QueueName): Promise<EpochMs | undefined> {
    return this.#run(this.#now, async () => {
      const { api } = this.#dependencies;
      const address = this.#addressOf(name);
      const view = this.#views.get(name);
      view?.expire(this.#now);
      const state = await api.consumerState(address);
      if (state === undefined) return (await api.count(address)) > 0 ? this.#now : undefined;
      if (state.pending > 0) return this.#now;
      const known = view?.nextKnown(this.#now);
      // Other nodes may know due times that this node does not, so the queue is also checked regularly.
      if (state.unsettled > 0) return Math.min(known ?? Number.POSITIVE_INFINITY, this.#now + SWEEP_MS);
      return view !== undefined && view.locks.held > 0 ? known : undefined;
    });
  }

  occupiedQueues(): Promise<readonly { readonly queue: QueueName; readonly nextDueAt: EpochMs }[]> {
    return this.#run(this.#now, async () => {
      const names = await this.#occupied();
      return names.map((queue) => ({ queue, nextDueAt: this.#now }));
    });
  }

  onAvailable(listener: (queue: QueueName) => void): () => void {
    return this.#hints.listen(listener);
  }

  depth(name: QueueName, now: EpochMs): Promise<QueueDepth> {
    return this.#run(now, async () => {
      const view = this.#views.get(name);
      view?.expire(now);
      const count = await this.#dependencies.api.count(this.#addressOf(name));
      const locked = Math.min(count, view?.locks.held ?? 0);
      return { waiting: count - locked, locked };
    });
  }

  removeQueue(name: QueueName): Promise<void> {
    const removed = this.#run(this.#now, () => this.#remove(name));
    const ended = removed.finally(() => {
      if (this.#removing.get(name) === ended) this.#removing.delete(name);
    });
    this.#removing.set(name, ended);
    return ended;
  }

  /** Accepts no further calls. Resolves when all calls in progress have ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#dependencies.channel.stop();
    while (this.#active.size > 0) await Promise.allSettled(this.#active);
  }

  async #remove(name: QueueName): Promise<void> {
    const { api, channel } = this.#dependencies;
    const address = this.#addressOf(name);
    await api.purge(address);
    this.#forget(name);
    // Announced before the consumer is deleted: a pull from a deleted consumer waits in vain.
    channel.announceRemoved(name);
    await api.deleteConsumer(address);
  }

  #forget(name: QueueName): void {
    const view = this.#views.get(name);
    if (view !== undefined) this.#countedLocks.forget(view);
    this.#views.delete(name);
  }

  #addressOf(queue: QueueName): QueueAddress {
    return queueAddress(this.#dependencies.store, this.#dependencies.shards, queue);
  }

  /**
   * Returns the view of a queue. It is kept until the queue is removed: two views would not know each other's locks.
   */
  #viewOf(queue: QueueName): QueueView {
    let view = this.#views.get(queue);
    if (view === undefined) {
      view = new QueueView(queue, this.#addressOf(queue), {
        node: this.#dependencies.channel.node,
        count: (counted, lock) => void this.#run(this.#now, () => this.#countedLocks.count(counted, lock)),
      });
      this.#views.set(queue, view);
    }
    return view;
  }

  /** Runs a call and makes {@link close} wait for it. */
  async #run<T>(now: EpochMs, call: () => Promise<T>): Promise<T> {
    this.#now = Math.max(this.#now, now);
    const running = call();
    this.#active.add(running);
    try {
      return await running;
    } finally {
      this.#active.delete(running);
    }
  }

  #settle(name: QueueName, tokens: readonly LockToken[], step: SettleStep): Promise<SettleResult[]> {
    return this.#run(step.now, () => this.#router.settle(name, this.#addressOf(name), tokens, step));
  }

  /** Notes that a delivery was returned to a queue and is due at `dueAt`. */
  #noteReturned(name: QueueName, dueAt: EpochMs, now: EpochMs): void {
    if (dueAt > now) {
      this.#views.get(name)?.noteDue(dueAt);
      return;
    }
    this.#announce([name]);
  }

  /** Notifies the listeners of this and all other nodes that these queues have due deliveries. */
  #announce(queues: readonly QueueName[]): void {
    for (const queue of queues) this.#hints.notify(queue);
    this.#dependencies.channel.announceAvailable(queues);
  }

  async #occupied(): Promise<QueueName[]> {
    const { store, shards, api } = this.#dependencies;
    const found = await Promise.all(
      Array.from({ length: shards }, (_, shard) =>
        api.subjects(streamName(store, shard), deliverySubject(store, shard, "*")),
      ),
    );
    return found.flatMap((subjects) => Array.from(subjects.keys(), queueOfSubject));
  }

  async #sweepRegularly(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await pause(SWEEP_MS, signal);
      if (signal.aborted) return;
      await this.#sweep();
    }
  }

  /** Notifies listeners of every queue that is not empty: hints may be lost, and nodes that know due times may end. */
  async #sweep(): Promise<void> {
    try {
      const occupied = await this.#occupied();
      for (const queue of occupied) this.#hints.notify(queue);
      await this.#stuck.check(occupied.map((queue) => ({ queue, address: this.#addressOf(queue) })));
    } catch {
      // There is no connection. The sweep after reconnecting, or the next one, sends the same hints.
    }
  }
}
