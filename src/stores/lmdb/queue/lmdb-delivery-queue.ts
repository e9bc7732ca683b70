import { encodeStoredDelivery } from "../../records/stored-delivery.ts";
import type { LockedDelivery, LockToken, PeekedDelivery, QueueName } from "../../../core/delivery.ts";
import { toError } from "../../../core/errors.ts";
import type { EpochMs } from "../../../core/time.ts";
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
import { isRenewable, settlingOf, type Lock, type LockProblem } from "../../lock-table.ts";
import type { StoreFile } from "../log/store-file.ts";
import type { Draft } from "./draft.ts";
import type { GroupCommit } from "../log/group-commit.ts";
import { encodeArrivals, type EncodedArrival } from "./encode-arrivals.ts";
import { drop, move, waitAgain, type Ending } from "./endings.ts";
import { singlePlace, textKey } from "../file/keys.ts";
import type { QueueRegistry } from "./queue-registry.ts";
import type { HeldDelivery, QueueState } from "./queue-state.ts";
import type { RemovedQueues } from "./removed-queues.ts";
import { roomOfArrivals, roomOfHeld } from "./room-needs.ts";

/** Guarantees of the LMDB store. */
export const LMDB_CAPABILITIES: StoreCapabilities = {
  durable: true,
  virtualTime: true,
  atomicFanOut: true,
  shared: false,
  maxReleaseDelayMs: Number.POSITIVE_INFINITY,
  measuresBytes: true,
};

/** Dependencies of an {@link LmdbDeliveryQueue}. */
export interface LmdbDeliveryQueueDependencies {
  readonly file: StoreFile;
  readonly commits: GroupCommit<Draft>;
  readonly registry: QueueRegistry;
  readonly removedQueues: RemovedQueues;
}

/** Result of looking up a token. */
type Claim = Lock<HeldDelivery> | LockProblem;

/** Queues in an LMDB file, with locks in memory. */
export class LmdbDeliveryQueue implements DeliveryQueue {
  readonly capabilities: StoreCapabilities = LMDB_CAPABILITIES;
  readonly #dependencies: LmdbDeliveryQueueDependencies;
  readonly #hints = new Hints();

  constructor(dependencies: LmdbDeliveryQueueDependencies) {
    this.#dependencies = dependencies;
  }

  enqueue(items: readonly EnqueueItem[], now: EpochMs): Promise<void> {
    // Not an async function: its frame would keep every event in memory in a second form while the disk writes.
    try {
      const queues = new Set<QueueName>();
      for (const { to } of items) for (const name of to) queues.add(name);
      // The names of existing queues are known to be valid keys.
      for (const name of queues) if (this.#dependencies.registry.get(name) === undefined) textKey(name);
      return queues.size === 0 ? Promise.resolve() : this.#add(encodeArrivals(items, now), queues, now);
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  async #add(encoded: readonly EncodedArrival[], queues: ReadonlySet<QueueName>, now: EpochMs): Promise<void> {
    const delayed: (() => void)[] = [];
    await this.#dependencies.commits.write({
      room: roomOfArrivals(encoded),
      draft: (draft) => this.#draftArrivals(draft, encoded, now, delayed),
      applied: () => {
        for (const wait of delayed) wait();
      },
    });
    for (const queue of queues) this.#hints.notify(queue);
  }

  async receive(name: QueueName, options: ReceiveOptions): Promise<LockedDelivery[]> {
    const queue = await this.#lookAt(name, options.now);
    return queue?.receive(options) ?? [];
  }

  async acknowledge(
    name: QueueName,
    tokens: readonly LockToken[],
    now: EpochMs,
    { durable = false }: AcknowledgeOptions = {},
  ): Promise<SettleResult[]> {
    if (durable) return this.#settle(name, tokens, now, drop);
    return this.#end(name, tokens, now, (queue, locks) => this.#dropLate(queue, locks));
  }

  async release(name: QueueName, tokens: readonly LockToken[], options: ReleaseOptions): Promise<SettleResult[]> {
    const { now, dueAt } = options;
    const results = await this.#settle(name, tokens, now, waitAgain(options));
    if (dueAt <= now && results.includes("settled")) this.#hints.notify(name);
    return results;
  }

  async reject(name: QueueName, tokens: readonly LockToken[], options: RejectOptions): Promise<SettleResult[]> {
    const { now, moveTo } = options;
    if (moveTo === undefined) return this.#settle(name, tokens, now, drop);
    textKey(moveTo.queue);
    const results = await this.#settle(name, tokens, now, move(this.#dependencies.registry, moveTo, options));
    if (results.includes("settled")) this.#hints.notify(moveTo.queue);
    return results;
  }

  async renewLock(name: QueueName, tokens: readonly LockToken[], options: RenewLockOptions): Promise<SettleResult[]> {
    const { now, lockMs } = options;
    return this.#claim(name, tokens, now, (queue, locks) =>
      locks.map((lock) => {
        if (typeof lock === "string") return lock;
        if (!isRenewable(lock, options)) return "renewal-refused";
        queue.locks.renew(lock, now + lockMs);
        return "settled";
      }),
    );
  }

  async peek(name: QueueName, options: PeekOptions): Promise<PeekedDelivery[]> {
    const queue = await this.#lookAt(name, options.now);
    return queue?.peek(options) ?? [];
  }

  async nextDueAt(name: QueueName): Promise<EpochMs | undefined> {
    await this.#dependencies.registry.get(name)?.counting;
    await this.#readable();
    return this.#dependencies.registry.get(name)?.nextDueAt();
  }

  async occupiedQueues(): Promise<readonly { readonly queue: QueueName; readonly nextDueAt: EpochMs }[]> {
    const { registry } = this.#dependencies;
    for (const { counting } of registry.all()) await counting;
    await this.#readable();
    const occupied: { queue: QueueName; nextDueAt: EpochMs }[] = [];
    for (const queue of registry.all()) {
      const nextDueAt = queue.count > 0 ? queue.nextDueAt() : undefined;
      if (nextDueAt !== undefined) occupied.push({ queue: queue.name, nextDueAt });
    }
    return occupied;
  }

  onAvailable(listener: (queue: QueueName) => void): () => void {
    return this.#hints.listen(listener);
  }

  async depth(name: QueueName, now: EpochMs): Promise<QueueDepth> {
    const queue = this.#dependencies.registry.get(name);
    if (queue === undefined) return { waiting: 0, locked: 0 };
    void this.#expireLocks(queue, now);
    const { held: locked, leaving } = queue.locks;
    return { waiting: Math.max(0, queue.count - locked - leaving), locked };
  }

  bytesIn(name: QueueName): number {
    const queue = this.#dependencies.registry.get(name);
    return queue === undefined ? 0 : queue.bytes - queue.leavingBytes;
  }

  size(): number {
    return this.#dependencies.registry.size;
  }

  async removeQueue(name: QueueName): Promise<void> {
    const { commits, registry, removedQueues } = this.#dependencies;
    let removed: QueueState | undefined;
    await commits.write({
      draft: (draft) => {
        removed = registry.get(name);
        if (removed !== undefined) registry.draftRemoval(draft, removed);
      },
      failed: () => {
        if (removed !== undefined) registry.undoRemoval(removed);
      },
    });
    if (removed === undefined) return;
    removed.waiting.clear();
    removedQueues.clear(removed.id);
  }

  async #readable(): Promise<void> {
    for (let wait = this.#dependencies.file.ready(); wait !== undefined; wait = this.#dependencies.file.ready())
      await wait;
    this.#dependencies.file.checkOpen();
  }

  /**
   * Expires the locks of a queue that have run out, and returns it. It must be read in the same turn of the event loop.
   */
  async #lookAt(name: QueueName, now: EpochMs): Promise<QueueState | undefined> {
    const { registry } = this.#dependencies;
    await this.#readable();
    const queue = registry.get(name);
    const counting = queue && this.#expireLocks(queue, now);
    if (counting === undefined) return queue;
    await counting;
    await this.#readable();
    return registry.get(name);
  }

  /**
   * Expires the locks that have run out. The deliveries of counted receives wait again when their counts are on disk.
   * Returns a promise for that, which must be awaited before the queue is read; `undefined` if there are none.
   */
  #expireLocks(queue: QueueState, now: EpochMs): Promise<void> | undefined {
    const expired = queue.expireLocks(now);
    if (expired.length === 0) return queue.counting;
    const counting = this.#countReceives(queue, expired, queue.counting).finally(() => {
      if (queue.counting === counting) queue.counting = undefined;
    });
    queue.counting = counting;
    return counting;
  }

  /**
   * Counts receives whose locks have run out. If the counts cannot be written, the deliveries wait with the old ones.
   */
  async #countReceives(
    queue: QueueState,
    expired: readonly Lock<HeldDelivery>[],
    earlier: Promise<void> | undefined,
  ): Promise<void> {
    await this.#writeEndings(queue, expired, waitAgain({ counted: true }), leaveExpired).catch(() => {});
    await earlier;
    this.#hints.notify(queue.name);
  }

  /**
   * Drafts new deliveries.
   *
   * @param delayed receives functions to call for deliveries that are due later, when they are on disk
   */
  #draftArrivals(draft: Draft, arrivals: readonly EncodedArrival[], now: EpochMs, delayed: (() => void)[]): void {
    const { registry } = this.#dependencies;
    for (const arrival of arrivals) {
      if ("pack" in arrival) {
        draft.arrive(registry.obtain(arrival.to), arrival.pack, now, arrival.eventBytes);
        continue;
      }
      const { to, encodedEvent, eventBytes, dueAt } = arrival;
      const number = registry.nextSequence(draft);
      draft.addEvent(number, encodedEvent, to.length);
      const bytes = encodeStoredDelivery({ deliveryCount: 0, enqueuedAt: now, event: number });
      for (const name of to) {
        const queue = registry.obtain(name);
        if (dueAt === undefined) draft.arrive(queue, { bytes, size: 1 }, now, eventBytes);
        else {
          const place = singlePlace(dueAt, registry.nextSequence(draft));
          draft.add("deliveries", queue.key(place.record), bytes);
          draft.count(queue, 1, eventBytes);
          delayed.push(() => queue.waiting.add(place));
        }
      }
    }
  }

  #settle(name: QueueName, tokens: readonly LockToken[], now: EpochMs, ending: Ending): Promise<SettleResult[]> {
    return this.#end(name, tokens, now, (queue, locks) => this.#writeEndings(queue, locks, ending));
  }

  /** Ends the locks of tokens, each once: a token that occurs again in the same call is settled by then. */
  #end(
    name: QueueName,
    tokens: readonly LockToken[],
    now: EpochMs,
    end: (queue: QueueState, locks: readonly Lock<HeldDelivery>[]) => Promise<void> | void,
  ): Promise<SettleResult[]> {
    return this.#claim(name, tokens, now, async (queue, claims) => {
      const locks = new Set<Lock<HeldDelivery>>();
      const results = claims.map((claim): SettleResult => {
        if (typeof claim === "string") return claim;
        if (locks.has(claim)) return "unknown-token";
        locks.add(claim);
        return "settled";
      });
      if (locks.size > 0) await end(queue, [...locks]);
      return results;
    });
  }

  /**
   * Calls `use` with the locks of tokens once no earlier call is settling any of them. `use` is called in the same turn
   * of the event loop as the check, so that no other call can intervene.
   */
  async #claim(
    name: QueueName,
    tokens: readonly LockToken[],
    now: EpochMs,
    use: (queue: QueueState, locks: readonly Claim[]) => SettleResult[] | Promise<SettleResult[]>,
  ): Promise<SettleResult[]> {
    for (;;) {
      const queue = this.#dependencies.registry.get(name);
      if (queue === undefined) return tokens.map(() => "unknown-token");
      const locks = tokens.map((token) => queue.locks.find(token, now));
      const settling = settlingOf(locks);
      if (settling === undefined) return use(queue, locks);
      await settling;
    }
  }

  /** Ends deliveries at once. They are deleted from the disk with the next write. */
  #dropLate(queue: QueueState, locks: readonly Lock<HeldDelivery>[]): void {
    const { commits, registry } = this.#dependencies;
    commits.writeLate({
      draft: (draft) => {
        if (queue.removed) return;
        for (const { delivery } of locks) drop(draft, queue, delivery);
      },
      applied: () => registry.left(queue, locks),
    });
    registry.leave(queue, locks);
  }

  /**
   * Writes the endings of locked deliveries.
   *
   * @param ended called with each lock when the ending of its delivery is on disk
   */
  async #writeEndings(
    queue: QueueState,
    locks: readonly Lock<HeldDelivery>[],
    ending: Ending,
    ended: (lock: Lock<HeldDelivery>) => void = (lock) => queue.locks.end(lock),
  ): Promise<void> {
    const ends: ((() => void) | undefined)[] = [];
    const written = this.#dependencies.commits.write({
      ...(ending !== drop && { room: roomOfHeld(locks) }),
      draft: (draft) => {
        // The queue was removed meanwhile, with all its deliveries.
        if (queue.removed) return;
        for (const lock of locks) ends.push(ending(draft, queue, lock.delivery));
      },
      applied: () => {
        for (const lock of locks) ended(lock);
        for (const end of ends) end?.();
      },
      failed: () => {
        for (const lock of locks) {
          lock.settling = undefined;
          if (lock.expired) queue.waiting.add(lock.delivery.place);
        }
      },
    });
    const settling = written.catch(() => {});
    for (const lock of locks) lock.settling = settling;
    await written;
  }
}

/** Ends the settling of an expired lock. Its token stays `lock-lost` until the delivery is settled. */
function leaveExpired(lock: Lock<HeldDelivery>): void {
  lock.settling = undefined;
}
