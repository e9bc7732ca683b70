import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { DeadLetterReason, FailedAttempt, LockToken, QueueName } from "../../src/core/delivery.ts";
import type { EventEnvelope } from "../../src/core/event.ts";
import type { DeliveryQueue, QueueDepth, SettleResult, StoreCapabilities } from "../../src/ports/delivery-queue.ts";
import { queueName, storedEvent, told } from "./store-events.ts";
import { withStore, type OpenStoreUnderTest } from "./store-under-test.ts";

const QUEUES = ["one", "two", "three"].map(queueName);
const START = 1_767_225_600_000;

interface ModelDelivery {
  readonly event: EventEnvelope;
  queue: QueueName;
  arrival: number;
  dueAt: number;
  deliveryCount: number;
  enqueuedAt: number;
  lastAttempt?: FailedAttempt;
  deadLetterReason?: DeadLetterReason;
  lock?: { readonly token: LockToken; until: number };
  /** Of locks that ran out since it was last settled. */
  lost: Set<LockToken>;
}

/** The port as simply as it can be written: one list, searched from end to end. */
class Model {
  deliveries: ModelDelivery[] = [];
  #arrivals = 0;

  add(event: EventEnvelope, queue: QueueName, now: number): void {
    const arrival = (this.#arrivals += 1);
    this.deliveries.push({ event, queue, arrival, dueAt: now, deliveryCount: 0, enqueuedAt: now, lost: new Set() });
  }

  due(queue: QueueName, now: number): ModelDelivery[] {
    return this.of(queue)
      .filter(({ dueAt, lock }) => dueAt <= now && (lock === undefined || lock.until <= now))
      .toSorted((one, other) => one.dueAt - other.dueAt || one.arrival - other.arrival);
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

  settle(queue: QueueName, tokens: LockToken[], now: number, end: (delivery: ModelDelivery) => void): SettleResult[] {
    return tokens.map((token) => {
      const delivery = this.find(queue, token, now);
      if (typeof delivery === "string") return delivery;
      end(delivery);
      return "settled";
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
    // Behind those that arrived before it in the list, too: settling walks the list in order.
    this.drop(delivery);
    this.deliveries.push(delivery);
  }

  depth(queue: QueueName, now: number): QueueDepth {
    const held = this.of(queue);
    const locked = held.filter(({ lock }) => lock !== undefined && lock.until > now).length;
    return { waiting: held.length - locked, locked };
  }

  nextDueAt(queue: QueueName): number | undefined {
    const times = this.of(queue).map(({ dueAt, lock }) => lock?.until ?? dueAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

/** Which of the tokens given out so far, counted from the latest. */
const picks = fc.array(fc.nat(12), { maxLength: 4 });
const queue = fc.constantFrom(...QUEUES);
const delay = fc.constantFrom(-5_000, 0, 0, 1, 10_000, 60_000);
const steps = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("enqueue" as const),
      to: fc.array(fc.uniqueArray(queue, { minLength: 1 }), { minLength: 1, maxLength: 4 }),
      bytes: fc.constantFrom(60, 700, 3_000),
      delay,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("receive" as const),
      queue,
      max: fc.integer({ min: 1, max: 5 }),
      maxBytes: fc.constantFrom(undefined, 1, 1_400, 4_000),
      lockMs: fc.constantFrom(1, 5_000, 60_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("acknowledge" as const), queue, picks }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("release" as const), queue, picks, delay, attempted: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("reject" as const),
      queue,
      picks,
      attempted: fc.boolean(),
      moveTo: fc.option(queue, { nil: undefined }),
      delay,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("renewLock" as const), queue, picks }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1, 5_000, 60_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), queue }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
);
type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;

/** The store and the model, going through the same steps. */
class Comparison {
  readonly #model = new Model();
  readonly #reopen: (() => Promise<DeliveryQueue>) | undefined;
  #queue: DeliveryQueue;
  #now = START;
  #events = 0;
  /** With the queue each was given out for, latest first. */
  #tokens: LockToken[] = [];

  constructor(subject: DeliveryQueue, reopen: (() => Promise<DeliveryQueue>) | undefined) {
    this.#queue = subject;
    this.#reopen = reopen;
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case "enqueue":
        return this.#enqueue(step);
      case "receive":
        return this.#receive(step);
      case "wait":
        this.#now += step.ms;
        return undefined;
      case "remove":
        this.#model.deliveries = this.#model.deliveries.filter((delivery) => delivery.queue !== step.queue);
        return this.#queue.removeQueue(step.queue);
      case "reopen":
        return this.#openAgain();
      case "acknowledge":
      case "release":
      case "reject":
      case "renewLock":
        return this.#settle(step);
    }
  }

  async compare(): Promise<void> {
    const occupied: QueueName[] = [];
    for (const name of QUEUES) {
      const expected = this.#model.nextDueAt(name);
      const actual = await this.#queue.nextDueAt(name);
      if (expected !== undefined) occupied.push(name);
      // How long ago something fell due is of no interest.
      const clamp = (at: number | undefined): number | undefined => at && Math.max(at, this.#now);
      expect(clamp(actual)).toBe(clamp(expected));
      expect(await this.#queue.depth(name, this.#now)).toEqual(this.#model.depth(name, this.#now));
    }
    const listed = await this.#queue.occupiedQueues();
    expect(listed.map((entry) => entry.queue).toSorted()).toEqual(occupied.toSorted());
  }

  async #enqueue({ to, bytes, delay: offset }: Extract<Step, { kind: "enqueue" }>): Promise<void> {
    const items = to.map((queues) => ({ event: storedEvent(`event-${(this.#events += 1)}`, bytes), to: queues }));
    const now = this.#now + offset;
    for (const { event, to: queues } of items) for (const name of queues) this.#model.add(event, name, now);
    await this.#queue.enqueue(items, now);
  }

  async #receive({ queue: from, max, maxBytes, lockMs }: Extract<Step, { kind: "receive" }>): Promise<void> {
    const now = this.#now;
    const received = await this.#queue.receive(from, { max, lockMs, now, ...(maxBytes !== undefined && { maxBytes }) });
    const expected: ModelDelivery[] = [];
    let bytes = 0;
    for (const delivery of this.#model.due(from, now).slice(0, max)) {
      bytes += delivery.event.json.length;
      if (expected.length > 0 && bytes > (maxBytes ?? Number.POSITIVE_INFINITY)) break;
      expected.push(delivery);
    }
    expect(received.map((delivery) => ({ ...delivery, event: told(delivery.event) }))).toEqual(
      expected.map(({ event, deliveryCount, enqueuedAt, lastAttempt, deadLetterReason }, index) => ({
        event: told(event),
        deliveryCount,
        enqueuedAt,
        ...(lastAttempt && { lastAttempt }),
        ...(deadLetterReason && { deadLetterReason }),
        lockedUntil: now + lockMs,
        lockToken: received[index]?.lockToken,
      })),
    );
    for (const [index, { lockToken }] of received.entries()) {
      const delivery = expected[index];
      if (delivery?.lock !== undefined) delivery.lost.add(delivery.lock.token);
      if (delivery !== undefined) delivery.lock = { token: lockToken, until: now + lockMs };
      expect(this.#tokens).not.toContain(lockToken);
      this.#tokens.unshift(lockToken);
    }
  }

  async #settle(step: Extract<Step, { picks: number[] }>): Promise<void> {
    const now = this.#now;
    const model = this.#model;
    const name = step.queue;
    const tokens = step.picks.map((pick) => this.#tokens[pick] ?? (`none-${pick}` as LockToken));
    const attempt: FailedAttempt = { at: now, outcome: "Busy", httpStatus: 503, detail: `at ${now}` };
    const attempted = (delivery: ModelDelivery): void => {
      delivery.deliveryCount += 1;
      delivery.lastAttempt = attempt;
    };
    switch (step.kind) {
      case "acknowledge": {
        const expected = model.settle(name, tokens, now, (delivery) => model.drop(delivery));
        expect(await this.#queue.acknowledge(name, tokens, now)).toEqual(expected);
        return;
      }
      case "release": {
        const dueAt = now + step.delay;
        const expected = model.settle(name, tokens, now, (delivery) => {
          model.unlock(delivery);
          delivery.dueAt = dueAt;
          if (step.attempted) attempted(delivery);
        });
        const options = { now, dueAt, ...(step.attempted && { attempt }) };
        expect(await this.#queue.release(name, tokens, options)).toEqual(expected);
        return;
      }
      case "reject": {
        const dueAt = now + step.delay;
        const reason = "TimeToLiveExceeded";
        const expected = model.settle(name, tokens, now, (delivery) => {
          if (step.moveTo === undefined) {
            model.drop(delivery);
            return;
          }
          if (step.attempted) attempted(delivery);
          model.move(delivery, step.moveTo, dueAt, now, reason);
        });
        const options = {
          now,
          reason,
          ...(step.attempted && { attempt }),
          ...(step.moveTo && { moveTo: { queue: step.moveTo, dueAt } }),
        } as const;
        expect(await this.#queue.reject(name, tokens, options)).toEqual(expected);
        return;
      }
      case "renewLock": {
        const lockMs = 30_000;
        const expected = model.settle(name, tokens, now, ({ lock }) => {
          if (lock !== undefined) lock.until = now + lockMs;
        });
        expect(await this.#queue.renewLock(name, tokens, { now, lockMs })).toEqual(expected);
      }
    }
  }

  async #openAgain(): Promise<void> {
    if (this.#reopen === undefined) return;
    this.#queue = await this.#reopen();
    for (const delivery of this.#model.deliveries) this.#model.unlock(delivery);
  }
}

/** Random steps, after each of which the store must stand where the model stands. */
export function deliveryQueueModel(
  name: string,
  open: OpenStoreUnderTest,
  capabilities: StoreCapabilities,
  runs: number,
): void {
  if (!capabilities.virtualTime) return;
  it(`${name}: delivery queue: behaves like a list that is searched from end to end`, { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 40 }), (plan) =>
        withStore(open, async ({ store, reopen }) => {
          const again = capabilities.durable ? async () => (await reopen()).queue : undefined;
          const comparison = new Comparison(store.queue, again);
          for (const step of plan) {
            await comparison.take(step);
            await comparison.compare();
          }
        }),
      ),
      { numRuns: runs },
    );
  });
}
