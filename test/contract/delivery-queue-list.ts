import type { DeadLetterReason, FailedAttempt, LockToken, QueueName } from "../../src/core/delivery.ts";
import type { EventEnvelope } from "../../src/core/event.ts";
import type { QueueDepth, SettleResult } from "../../src/ports/delivery-queue.ts";

/** A delivery as the model has it. */
export interface ModelDelivery {
  readonly event: EventEnvelope;
  queue: QueueName;
  arrival: number;
  dueAt: number;
  deliveryCount: number;
  enqueuedAt: number;
  lastAttempt?: FailedAttempt;
  deadLetterReason?: DeadLetterReason;
  lock?: { readonly token: LockToken; readonly receivedAt: number; until: number; counted: boolean };
  /** Tokens of locks that expired since the delivery was last settled. */
  lost: Set<LockToken>;
}

/** The simplest implementation of the port: one list that is searched from end to end. */
export class Model {
  deliveries: ModelDelivery[] = [];
  #arrivals = 0;

  add(event: EventEnvelope, queue: QueueName, now: number, wanted: number): void {
    const arrival = (this.#arrivals += 1);
    const dueAt = Math.max(now, wanted);
    this.deliveries.push({ event, queue, arrival, dueAt, deliveryCount: 0, enqueuedAt: now, lost: new Set() });
  }

  inOrder(queue: QueueName): ModelDelivery[] {
    return this.of(queue).toSorted((one, other) => one.dueAt - other.dueAt || one.arrival - other.arrival);
  }

  due(queue: QueueName, now: number): ModelDelivery[] {
    return this.inOrder(queue).filter(({ dueAt, lock }) => dueAt <= now && (lock === undefined || lock.until <= now));
  }

  /** Counts the receives whose locks have run out. */
  countReceives(now: number): void {
    for (const delivery of this.deliveries) {
      if (delivery.lock?.counted !== true || delivery.lock.until > now) continue;
      delivery.deliveryCount += 1;
      delivery.lock.counted = false;
    }
  }

  of(queue: QueueName): ModelDelivery[] {
    return this.deliveries.filter((delivery) => delivery.queue === queue);
  }

  find(queue: QueueName, token: LockToken, now: number): ModelDelivery | "lock-lost" | "unknown-token" {
    for (const delivery of this.of(queue)) {
      if (delivery.lock?.token === token) return delivery.lock.until > now ? delivery : "lock-lost";
      if (delivery.lost.has(token)) return "lock-lost";
    }
    return "unknown-token";
  }

  settle(
    queue: QueueName,
    tokens: LockToken[],
    now: number,
    end: (delivery: ModelDelivery) => SettleResult | void,
  ): SettleResult[] {
    return tokens.map((token) => {
      const delivery = this.find(queue, token, now);
      return typeof delivery === "string" ? delivery : (end(delivery) ?? "settled");
    });
  }

  unlock(delivery: ModelDelivery): void {
    delete delivery.lock;
    delivery.lost = new Set();
  }

  drop(dropped: ModelDelivery): void {
    this.deliveries = this.deliveries.filter((delivery) => delivery !== dropped);
  }

  move(delivery: ModelDelivery, to: QueueName, dueAt: number, now: number, reason: DeadLetterReason): void {
    this.unlock(delivery);
    Object.assign(delivery, { queue: to, dueAt, enqueuedAt: now, deadLetterReason: reason });
    delivery.arrival = this.#arrivals += 1;
    // Moves it behind deliveries that arrived before it in the list, too: settling walks the list in order.
    this.drop(delivery);
    this.deliveries.push(delivery);
  }

  depth(queue: QueueName, now: number): QueueDepth {
    const held = this.of(queue);
    const locked = held.filter(({ lock }) => lock !== undefined && lock.until > now).length;
    return { waiting: held.length - locked, locked };
  }

  bytesIn(queue: QueueName): number {
    return this.of(queue).reduce((sum, { event }) => sum + event.json.length, 0);
  }

  nextDueAt(queue: QueueName): number | undefined {
    const times = this.of(queue).map(({ dueAt, lock }) => lock?.until ?? dueAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }
}
