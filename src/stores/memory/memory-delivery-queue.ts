import { randomBytes } from "node:crypto";
import type { Delivery, LockedDelivery, LockToken, QueueName } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type {
  DeliveryQueue,
  EnqueueItem,
  QueueDepth,
  RejectOptions,
  ReleaseOptions,
  SettleResult,
  StoreCapabilities,
} from "../../ports/delivery-queue.ts";
import { Hints } from "../hints.ts";
import { LockTable, type Lock } from "../lock-table.ts";
import { MinHeap } from "../../core/min-heap.ts";

/** What the memory store promises. */
export const MEMORY_CAPABILITIES: StoreCapabilities = {
  durable: false,
  virtualTime: true,
  atomicFanOut: true,
  shared: false,
  maxReleaseDelayMs: Number.POSITIVE_INFINITY,
};

/** A delivery and its place in the queue. */
interface Placed {
  readonly dueAt: EpochMs;
  readonly sequence: number;
  readonly delivery: Delivery;
}

interface MemoryQueue {
  readonly waiting: MinHeap<Placed>;
  readonly locks: LockTable<Placed>;
}

/** Queues as heaps in memory: every step costs the logarithm of a queue's length. */
export class MemoryDeliveryQueue implements DeliveryQueue {
  readonly capabilities: StoreCapabilities = MEMORY_CAPABILITIES;
  readonly #queues = new Map<QueueName, MemoryQueue>();
  readonly #hints = new Hints();
  readonly #tokenPrefix = randomBytes(6).toString("hex");
  #sequence = 0;
  #size = 0;

  async enqueue(items: readonly EnqueueItem[], now: EpochMs): Promise<void> {
    const touched = new Set<QueueName>();
    for (const { event, to } of items) {
      for (const queue of to) {
        this.#place(queue, now, { event, deliveryCount: 0, enqueuedAt: now });
        touched.add(queue);
      }
    }
    for (const queue of touched) this.#hints.tell(queue);
  }

  async receive(
    name: QueueName,
    { max, maxBytes = Number.POSITIVE_INFINITY, lockMs, now }: Parameters<DeliveryQueue["receive"]>[1],
  ): Promise<LockedDelivery[]> {
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
      const lock = queue.locks.take(next.sequence, next, now + lockMs);
      received.push({ ...next.delivery, lockToken: lock.token, lockedUntil: lock.until });
    }
    return received;
  }

  async acknowledge(queue: QueueName, tokens: readonly LockToken[], now: EpochMs): Promise<SettleResult[]> {
    return this.#settle(queue, tokens, now, () => {});
  }

  async release(queue: QueueName, tokens: readonly LockToken[], options: ReleaseOptions): Promise<SettleResult[]> {
    const { now, dueAt, attempt } = options;
    const results = this.#settle(queue, tokens, now, ({ sequence, delivery }) => {
      const after = attempt
        ? { ...delivery, deliveryCount: delivery.deliveryCount + 1, lastAttempt: attempt }
        : delivery;
      this.#queues.get(queue)?.waiting.push({ dueAt, sequence, delivery: after });
      this.#size += 1;
    });
    if (dueAt <= now && results.includes("settled")) this.#hints.tell(queue);
    return results;
  }

  async reject(queue: QueueName, tokens: readonly LockToken[], options: RejectOptions): Promise<SettleResult[]> {
    const { now, reason, attempt, moveTo } = options;
    const results = this.#settle(queue, tokens, now, ({ delivery }) => {
      if (moveTo === undefined) return;
      this.#place(moveTo.queue, moveTo.dueAt, {
        ...delivery,
        enqueuedAt: now,
        deadLetterReason: reason,
        ...(attempt && { deliveryCount: delivery.deliveryCount + 1, lastAttempt: attempt }),
      });
    });
    if (moveTo !== undefined && results.includes("settled")) this.#hints.tell(moveTo.queue);
    return results;
  }

  async renewLock(
    name: QueueName,
    tokens: readonly LockToken[],
    { now, lockMs }: { readonly now: EpochMs; readonly lockMs: number },
  ): Promise<SettleResult[]> {
    const locks = this.#queues.get(name)?.locks;
    return tokens.map((token) => {
      const lock = locks?.find(token, now) ?? "unknown-token";
      if (typeof lock === "string") return lock;
      locks?.renew(lock, now + lockMs);
      return "settled";
    });
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

  async removeQueue(name: QueueName): Promise<void> {
    const queue = this.#queues.get(name);
    if (queue === undefined) return;
    this.#size -= queue.waiting.size + queue.locks.held;
    this.#queues.delete(name);
  }

  #place(name: QueueName, dueAt: EpochMs, delivery: Delivery): void {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = { waiting: new MinHeap(isBefore), locks: new LockTable(this.#tokenPrefix) };
      this.#queues.set(name, queue);
    }
    queue.waiting.push({ dueAt, sequence: (this.#sequence += 1), delivery });
    this.#size += 1;
  }

  #settle(name: QueueName, tokens: readonly LockToken[], now: EpochMs, end: (placed: Placed) => void): SettleResult[] {
    const locks = this.#queues.get(name)?.locks;
    return tokens.map((token) => {
      const lock: Lock<Placed> | SettleResult = locks?.find(token, now) ?? "unknown-token";
      if (typeof lock === "string") return lock;
      locks?.end(lock);
      this.#size -= 1;
      end(lock.delivery);
      return "settled";
    });
  }
}

function isBefore(one: Placed, other: Placed): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.sequence < other.sequence);
}

function expireLocks({ waiting, locks }: MemoryQueue, now: EpochMs): void {
  for (const lock of locks.expire(now)) waiting.push(lock.delivery);
}

function nextDueAt({ waiting, locks }: MemoryQueue): EpochMs | undefined {
  const waits = waiting.peek()?.dueAt;
  const lockEnd = locks.earliestEnd();
  if (waits === undefined || lockEnd === undefined) return waits ?? lockEnd;
  return Math.min(waits, lockEnd);
}
