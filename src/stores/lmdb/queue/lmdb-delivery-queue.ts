import { encodeDelivery, type StoredDelivery } from "../../records/stored-delivery.ts";
import type { LockedDelivery, LockToken, QueueName } from "../../../core/delivery.ts";
import { toError } from "../../../core/errors.ts";
import type { EpochMs } from "../../../core/time.ts";
import type {
  DeliveryQueue,
  EnqueueItem,
  QueueDepth,
  RejectOptions,
  ReleaseOptions,
  SettleResult,
  StoreCapabilities,
} from "../../../ports/delivery-queue.ts";
import { Hints } from "../../hints.ts";
import { settlingOf, type Lock, type LockProblem } from "../../lock-table.ts";
import type { RoomNeed } from "../log/room.ts";
import type { StoreFile } from "../log/store-file.ts";
import type { Draft } from "./draft.ts";
import type { GroupCommit } from "../log/group-commit.ts";
import { encodeArrivals, type EncodedArrival } from "./encode-arrivals.ts";
import { singlePlace, textKey } from "../file/keys.ts";
import type { QueueRegistry } from "./queue-registry.ts";
import type { HeldDelivery, QueueState } from "./queue-state.ts";
import type { RemovedQueues } from "./removed-queues.ts";

/** What the LMDB store promises. */
export const LMDB_CAPABILITIES: StoreCapabilities = {
  durable: true,
  virtualTime: true,
  atomicFanOut: true,
  shared: false,
  maxReleaseDelayMs: Number.POSITIVE_INFINITY,
};

export interface LmdbDeliveryQueueParts {
  readonly file: StoreFile;
  readonly commits: GroupCommit;
  readonly registry: QueueRegistry;
  readonly removedQueues: RemovedQueues;
}

/** A record is taken to need so many bytes beside its event. */
const RECORD_BYTES = 256;

/** What a token proves. */
type Claim = Lock<HeldDelivery> | LockProblem;

/** How one settled lock's delivery goes on, as writes. What it answers runs once they are on disk. */
type Ending = (draft: Draft, queue: QueueState, held: HeldDelivery) => (() => void) | undefined;

/** Queues in an LMDB file; locks in memory. */
export class LmdbDeliveryQueue implements DeliveryQueue {
  readonly capabilities: StoreCapabilities = LMDB_CAPABILITIES;
  readonly #parts: LmdbDeliveryQueueParts;
  readonly #hints = new Hints();

  constructor(parts: LmdbDeliveryQueueParts) {
    this.#parts = parts;
  }

  enqueue(items: readonly EnqueueItem[], now: EpochMs): Promise<void> {
    // Not itself asynchronous: as long as the disk writes it would keep every event in memory in a second form.
    try {
      const queues = new Set<QueueName>();
      for (const { to } of items) for (const name of to) queues.add(name);
      // Those that exist have a name that can be a key.
      for (const name of queues) if (this.#parts.registry.get(name) === undefined) textKey(name);
      return queues.size === 0 ? Promise.resolve() : this.#add(encodeArrivals(items, now), queues, now);
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  async #add(encoded: readonly EncodedArrival[], queues: ReadonlySet<QueueName>, now: EpochMs): Promise<void> {
    await this.#parts.commits.write({
      room: roomOf(encoded),
      draft: (draft) => this.#draftArrivals(draft, encoded, now),
    });
    for (const queue of queues) this.#hints.tell(queue);
  }

  async receive(name: QueueName, options: Parameters<DeliveryQueue["receive"]>[1]): Promise<LockedDelivery[]> {
    await this.#readable();
    return this.#parts.registry.get(name)?.receive(options) ?? [];
  }

  async acknowledge(name: QueueName, tokens: readonly LockToken[], now: EpochMs): Promise<SettleResult[]> {
    return this.#end(name, tokens, now, (queue, locks) => this.#letGo(queue, locks));
  }

  async release(name: QueueName, tokens: readonly LockToken[], options: ReleaseOptions): Promise<SettleResult[]> {
    const { now, dueAt, attempt } = options;
    const results = await this.#settle(name, tokens, now, (draft, queue, { place, delivery }) => {
      const after = singlePlace(dueAt, place.sequence);
      draft.end(queue, place);
      draft.put("deliveries", queue.key(after.record), encodeDelivery(withAttempt(delivery, attempt)));
      return () => queue.waiting.add(after);
    });
    if (dueAt <= now && results.includes("settled")) this.#hints.tell(name);
    return results;
  }

  async reject(name: QueueName, tokens: readonly LockToken[], options: RejectOptions): Promise<SettleResult[]> {
    const { now, reason, attempt, moveTo } = options;
    if (moveTo === undefined) return this.#settle(name, tokens, now, drop);
    textKey(moveTo.queue);
    const results = await this.#settle(name, tokens, now, (draft, queue, { place, delivery }) => {
      draft.end(queue, place);
      draft.count(queue, -1);
      const moved = { ...withAttempt(delivery, attempt), enqueuedAt: now, deadLetterReason: reason };
      const target = this.#parts.registry.obtain(moveTo.queue);
      const after = singlePlace(moveTo.dueAt, this.#parts.registry.nextSequence(draft));
      draft.add("deliveries", target.key(after.record), encodeDelivery(moved));
      draft.count(target, 1);
      return () => target.waiting.add(after);
    });
    if (results.includes("settled")) this.#hints.tell(moveTo.queue);
    return results;
  }

  async renewLock(
    name: QueueName,
    tokens: readonly LockToken[],
    { now, lockMs }: { readonly now: EpochMs; readonly lockMs: number },
  ): Promise<SettleResult[]> {
    return this.#claim(name, tokens, now, (queue, locks) =>
      locks.map((lock) => {
        if (typeof lock === "string") return lock;
        queue.locks.renew(lock, now + lockMs);
        return "settled";
      }),
    );
  }

  async nextDueAt(name: QueueName): Promise<EpochMs | undefined> {
    await this.#readable();
    return this.#parts.registry.get(name)?.nextDueAt();
  }

  async occupiedQueues(): Promise<readonly { readonly queue: QueueName; readonly nextDueAt: EpochMs }[]> {
    await this.#readable();
    const occupied: { queue: QueueName; nextDueAt: EpochMs }[] = [];
    for (const queue of this.#parts.registry.all()) {
      const nextDueAt = queue.count > 0 ? queue.nextDueAt() : undefined;
      if (nextDueAt !== undefined) occupied.push({ queue: queue.name, nextDueAt });
    }
    return occupied;
  }

  onAvailable(listener: (queue: QueueName) => void): () => void {
    return this.#hints.listen(listener);
  }

  async depth(name: QueueName, now: EpochMs): Promise<QueueDepth> {
    const queue = this.#parts.registry.get(name);
    queue?.expireLocks(now);
    const { held: locked, leaving } = queue?.locks ?? { held: 0, leaving: 0 };
    return { waiting: Math.max(0, (queue?.count ?? 0) - locked - leaving), locked };
  }

  size(): number {
    return this.#parts.registry.size;
  }

  async removeQueue(name: QueueName): Promise<void> {
    const { commits, registry, removedQueues } = this.#parts;
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
    for (let wait = this.#parts.file.ready(); wait !== undefined; wait = this.#parts.file.ready()) await wait;
    this.#parts.file.checkOpen();
  }

  #draftArrivals(draft: Draft, arrivals: readonly EncodedArrival[], now: EpochMs): void {
    const { registry } = this.#parts;
    for (const arrival of arrivals) {
      if ("pack" in arrival) draft.arrive(registry.obtain(arrival.to), arrival.pack, now);
      else {
        const { to, apart } = arrival;
        const number = registry.nextSequence(draft);
        draft.addEvent(number, apart, to.length);
        const bytes = encodeDelivery({ deliveryCount: 0, enqueuedAt: now, event: number });
        const reference = { bytes, size: 1 };
        for (const name of to) draft.arrive(registry.obtain(name), reference, now);
      }
    }
  }

  #settle(name: QueueName, tokens: readonly LockToken[], now: EpochMs, ending: Ending): Promise<SettleResult[]> {
    return this.#end(name, tokens, now, (queue, locks) => this.#writeEndings(queue, locks, ending));
  }

  /** Ends the locks that tokens prove, each once: one that is named again in the same call is settled by then. */
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
   * Uses the locks that tokens prove, once nothing is being done about one of them by earlier calls. `use` runs in the
   * turn in which that was found: nobody can come in between.
   */
  async #claim(
    name: QueueName,
    tokens: readonly LockToken[],
    now: EpochMs,
    use: (queue: QueueState, locks: readonly Claim[]) => SettleResult[] | Promise<SettleResult[]>,
  ): Promise<SettleResult[]> {
    for (;;) {
      const queue = this.#parts.registry.get(name);
      if (queue === undefined) return tokens.map(() => "unknown-token");
      const locks = tokens.map((token) => queue.locks.find(token, now));
      const settling = settlingOf(locks);
      if (settling === undefined) return use(queue, locks);
      await settling;
    }
  }

  /** Ends deliveries at once; they leave the disk with whatever is written next. */
  #letGo(queue: QueueState, locks: readonly Lock<HeldDelivery>[]): void {
    const { commits, registry } = this.#parts;
    commits.writeLate({
      draft: (draft) => {
        if (queue.removed) return;
        for (const { delivery } of locks) drop(draft, queue, delivery);
      },
      applied: () => registry.left(queue, locks),
    });
    registry.leave(queue, locks);
  }

  async #writeEndings(queue: QueueState, locks: readonly Lock<HeldDelivery>[], ending: Ending): Promise<void> {
    const ends: ((() => void) | undefined)[] = [];
    const written = this.#parts.commits.write({
      ...(ending !== drop && { room: roomOfHeld(locks) }),
      draft: (draft) => {
        // Removed since: all its deliveries go anyway.
        if (queue.removed) return;
        for (const lock of locks) ends.push(ending(draft, queue, lock.delivery));
      },
      applied: () => {
        for (const lock of locks) queue.locks.end(lock);
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

/** The room that arrivals need: a delivery that refers to an event kept apart takes a little. */
function roomOf(encoded: readonly EncodedArrival[]): RoomNeed {
  let [bytes, longest] = [0, 0];
  for (const arrival of encoded) {
    const { length } = "pack" in arrival ? arrival.pack.bytes : arrival.apart;
    bytes += length + ("pack" in arrival ? RECORD_BYTES : RECORD_BYTES * arrival.to.length);
    longest = Math.max(longest, length);
  }
  return { bytes, longest, purpose: "arriving" };
}

/** The room that deliveries need which are written again, each by itself. */
function roomOfHeld(locks: readonly Lock<HeldDelivery>[]): RoomNeed {
  let [bytes, longest] = [0, 0];
  for (const { delivery } of locks) {
    const { event } = delivery.delivery;
    const length = 2 * RECORD_BYTES + (typeof event === "number" ? 0 : event.json.length);
    bytes += length;
    longest = Math.max(longest, length);
  }
  return { bytes, longest, purpose: "settling" };
}

/** The delivery ends, and its event when it was the last one of it. */
function drop(draft: Draft, queue: QueueState, { place, delivery }: HeldDelivery): undefined {
  draft.end(queue, place);
  draft.count(queue, -1);
  if (typeof delivery.event === "number") draft.dropEvent(delivery.event);
}

function withAttempt(delivery: StoredDelivery, attempt: ReleaseOptions["attempt"]): StoredDelivery {
  if (attempt === undefined) return delivery;
  return { ...delivery, deliveryCount: delivery.deliveryCount + 1, lastAttempt: attempt };
}
