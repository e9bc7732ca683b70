import { randomBytes } from "node:crypto";
import type { Delivery, LockedDelivery, LockToken, PeekedDelivery, QueueName } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type {
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
} from "../../ports/delivery-queue.ts";
import { afterAttempt } from "../after-attempt.ts";
import { Hints } from "../hints.ts";
import { isRenewable, LockTable } from "../lock-table.ts";
import { MinHeap } from "../../core/min-heap.ts";
import { decodePosition, encodePosition, type OrderedPlace } from "../queue-position.ts";
import { takeSmallest } from "./take-smallest.ts";

/** Guarantees of the memory store. */
export const MEMORY_CAPABILITIES: StoreCapabilities = {
  durable: false,
  virtualTime: true,
  atomicFanOut: true,
  shared: false,
  maxReleaseDelayMs: Number.POSITIVE_INFINITY,
  measuresBytes: true,
};

/** A delivery and its place in the queue. */
interface Placed extends OrderedPlace {
  readonly delivery: Delivery;
}

interface MemoryQueue {
  readonly waiting: MinHeap<Placed>;
  readonly locks: LockTable<Placed>;
  /** Bytes of event JSON, including locked deliveries. */
  bytes: number;
}

/** Queues as heaps in memory. Each step takes time proportional to the logarithm of a queue's length. */
export class MemoryDeliveryQueue implements DeliveryQueue {
  readonly capabilities: StoreCapabilities = MEMORY_CAPABILITIES;
  readonly #queues = new Map<QueueName, MemoryQueue>();
  readonly #hints = new Hints();
  readonly #tokenPrefix = randomBytes(6).toString("hex");
  #sequence = 0;
  #size = 0;

  async enqueue(items: readonly EnqueueItem[], now: EpochMs): Promise<void> {
    const touched = new Set<QueueName>();
    for (const { event, to, dueAt = now } of items) {
      for (const queue of to) {
        this.#place(queue, Math.max(dueAt, now), { event, deliveryCount: 0, enqueuedAt: now });
        touched.add(queue);
      }
    }
    for (const queue of touched) this.#hints.notify(queue);
  }

  async receive(name: QueueName, options: ReceiveOptions): Promise<LockedDelivery[]> {
    const { max, maxBytes = Number.POSITIVE_INFINITY, now } = options;
    const queue = this.#queues.get(name);
    const received: LockedDelivery[] = [];
    if (queue === undefined) return received;
    expireLocks(queue, now);
    let bytes = 0;
    while (received.length < max) {
      const next = queue.waiting.peek();
      if (next === undefined || next.dueAt > now) break;
      bytes += next.delivery.event.json.length;
      if (received.length > 0 && bytes > maxBytes) break;
      queue.waiting.pop();
      const { token, until } = queue.locks.take(next.sequence, next, options);
      received.push({ ...next.delivery, lockToken: token, receivedAt: now, lockedUntil: until });
    }
    return received;
  }

  async acknowledge(queue: QueueName, tokens: readonly LockToken[], now: EpochMs): Promise<SettleResult[]> {
    return this.#settle(queue, tokens, now, () => {});
  }

  async release(queue: QueueName, tokens: readonly LockToken[], options: ReleaseOptions): Promise<SettleResult[]> {
    const { now, dueAt } = options;
    const results = this.#settle(queue, tokens, now, ({ sequence, delivery }) => {
      this.#hold(queue, { dueAt, sequence, delivery: afterAttempt(delivery, options) });
    });
    if (dueAt <= now && results.includes("settled")) this.#hints.notify(queue);
    return results;
  }

  async reject(queue: QueueName, tokens: readonly LockToken[], options: RejectOptions): Promise<SettleResult[]> {
    const { now, reason, moveTo } = options;
    const results = this.#settle(queue, tokens, now, ({ delivery }) => {
      if (moveTo === undefined) return;
      const moved = { ...afterAttempt(delivery, options), enqueuedAt: now, deadLetterReason: reason };
      this.#place(moveTo.queue, moveTo.dueAt, moved);
    });
    if (moveTo !== undefined && results.includes("settled")) this.#hints.notify(moveTo.queue);
    return results;
  }

  async renewLock(name: QueueName, tokens: readonly LockToken[], options: RenewLockOptions): Promise<SettleResult[]> {
    const { now, lockMs } = options;
    const locks = this.#queues.get(name)?.locks;
    return tokens.map((token) => {
      const lock = locks?.find(token, now) ?? "unknown-token";
      if (typeof lock === "string") return lock;
      if (!isRenewable(lock, options)) return "renewal-refused";
      locks?.renew(lock, now + lockMs);
      return "settled";
    });
  }

  async peek(name: QueueName, options: PeekOptions): Promise<PeekedDelivery[]> {
    const { max, maxBytes = Number.POSITIVE_INFINITY, after, now } = options;
    const start = after === undefined ? undefined : decodePosition(after);
    const queue = this.#queues.get(name);
    if (queue === undefined) return [];
    expireLocks(queue, now);
    const peeked: PeekedDelivery[] = [];
    let bytes = 0;
    for (const placed of takeSmallest(heldBehind(queue, start), max, isBefore)) {
      bytes += placed.delivery.event.json.length;
      if (peeked.length > 0 && bytes > maxBytes) break;
      const lockedUntil = queue.locks.lockedUntil(placed.sequence);
      peeked.push({
        ...placed.delivery,
        position: encodePosition(placed),
        dueAt: placed.dueAt,
        ...(lockedUntil !== undefined && { lockedUntil }),
      });
    }
    return peeked;
  }

  async nextDueAt(name: QueueName): Promise<EpochMs | undefined> {
    const queue = this.#queues.get(name);
    return queue && nextDueAt(queue);
  }

  async occupiedQueues(): Promise<readonly { readonly queue: QueueName; readonly nextDueAt: EpochMs }[]> {
    return Array.from(this.#queues).flatMap(([queue, held]) => {
      const at = nextDueAt(held);
      return at === undefined ? [] : [{ queue, nextDueAt: at }];
    });
  }

  onAvailable(listener: (queue: QueueName) => void): () => void {
    return this.#hints.listen(listener);
  }

  async depth(name: QueueName, now: EpochMs): Promise<QueueDepth> {
    const queue = this.#queues.get(name);
    if (queue === undefined) return { waiting: 0, locked: 0 };
    expireLocks(queue, now);
    return { waiting: queue.waiting.size, locked: queue.locks.held };
  }

  size(): number {
    return this.#size;
  }

  bytesIn(name: QueueName): number {
    return this.#queues.get(name)?.bytes ?? 0;
  }

  async removeQueue(name: QueueName): Promise<void> {
    const queue = this.#queues.get(name);
    if (queue === undefined) return;
    this.#size -= queue.waiting.size + queue.locks.held;
    this.#queues.delete(name);
  }

  #place(name: QueueName, dueAt: EpochMs, delivery: Delivery): void {
    this.#hold(name, { dueAt, sequence: (this.#sequence += 1), delivery });
  }

  #hold(name: QueueName, placed: Placed): void {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = { waiting: new MinHeap<Placed>(isBefore), locks: new LockTable(this.#tokenPrefix), bytes: 0 };
      this.#queues.set(name, queue);
    }
    queue.waiting.push(placed);
    queue.bytes += placed.delivery.event.json.length;
    this.#size += 1;
  }

  #settle(name: QueueName, tokens: readonly LockToken[], now: EpochMs, end: (placed: Placed) => void): SettleResult[] {
    const queue = this.#queues.get(name);
    if (queue === undefined) return tokens.map(() => "unknown-token");
    return tokens.map((token) => {
      const lock = queue.locks.find(token, now);
      if (typeof lock === "string") return lock;
      queue.locks.end(lock);
      queue.bytes -= lock.delivery.delivery.event.json.length;
      this.#size -= 1;
      end(lock.delivery);
      return "settled";
    });
  }
}

function isBefore(one: OrderedPlace, other: OrderedPlace): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.sequence < other.sequence);
}

function expireLocks({ waiting, locks }: MemoryQueue, now: EpochMs): void {
  for (const { delivery: placed, counted } of locks.expire(now)) {
    waiting.push(counted ? { ...placed, delivery: afterAttempt(placed.delivery, { counted }) } : placed);
  }
}

/** Returns all deliveries of a queue behind a place, in no particular order. */
function* heldBehind({ waiting, locks }: MemoryQueue, start: OrderedPlace | undefined): Generator<Placed, void, void> {
  for (const placed of waiting.values()) if (start === undefined || isBefore(start, placed)) yield placed;
  for (const { delivery: placed } of locks.current()) if (start === undefined || isBefore(start, placed)) yield placed;
}

function nextDueAt({ waiting, locks }: MemoryQueue): EpochMs | undefined {
  const waits = waiting.peek()?.dueAt;
  const lockEnd = locks.earliestEnd();
  if (waits === undefined || lockEnd === undefined) return waits ?? lockEnd;
  return Math.min(waits, lockEnd);
}
