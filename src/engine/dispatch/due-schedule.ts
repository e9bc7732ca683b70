import type { QueueName } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";

/**
 * When each queue must be looked at again. A queue has one time, the earliest asked for; taking it forgets it.
 * A binary heap whose outdated entries are passed over when they surface: cheaper than moving them.
 */
export class DueSchedule {
  readonly #heap: { at: EpochMs; queue: QueueName }[] = [];
  readonly #current = new Map<QueueName, EpochMs>();

  /** Asks for a look at `queue` no later than `at`. Answers whether this is now the earliest of all. */
  add(queue: QueueName, at: EpochMs): boolean {
    const known = this.#current.get(queue);
    if (known !== undefined && known <= at) return false;
    this.#current.set(queue, at);
    this.#heap.push({ at, queue });
    this.#siftUp(this.#heap.length - 1);
    return this.#heap[0]?.queue === queue && this.#heap[0].at === at;
  }

  /** The earliest time asked for; `Infinity` when there is none. */
  earliest(): EpochMs {
    this.#dropOutdated();
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Takes out every queue that is due at `now`. */
  takeDue(now: EpochMs): QueueName[] {
    const due: QueueName[] = [];
    for (;;) {
      this.#dropOutdated();
      const first = this.#heap[0];
      if (first === undefined || first.at > now) return due;
      this.#current.delete(first.queue);
      this.#pop();
      due.push(first.queue);
    }
  }

  /** Forgets a queue. */
  delete(queue: QueueName): void {
    this.#current.delete(queue);
  }

  #dropOutdated(): void {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || this.#current.get(first.queue) === first.at) return;
      this.#pop();
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(from: number): void {
    const heap = this.#heap;
    const entry = heap[from];
    if (entry === undefined) return;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || parent.at <= entry.at) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  #siftDown(): void {
    const heap = this.#heap;
    const entry = heap[0];
    if (entry === undefined) return;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const smaller = right !== undefined && right.at < left.at ? right : left;
      if (entry.at <= smaller.at) break;
      heap[index] = smaller;
      index = smaller === left ? 2 * index + 1 : 2 * index + 2;
    }
    heap[index] = entry;
  }
}
