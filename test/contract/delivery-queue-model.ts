import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { FailedAttempt, LockToken, PeekedDelivery, QueueName } from "../../src/core/delivery.ts";
import type { DeliveryQueue, EnqueueItem, ReleaseOptions, StoreCapabilities } from "../../src/ports/delivery-queue.ts";
import { Model, type ModelDelivery } from "./delivery-queue-list.ts";
import { queueName, storedEvent } from "./store-events.ts";
import { withStore, type OpenStoreUnderTest } from "./store-under-test.ts";

const QUEUES = ["one", "two", "three"].map(queueName);
const START = 1_767_225_600_000;

/** Indexes of tokens among those received so far, counted from the latest. */
const picks = fc.array(fc.nat(12), { maxLength: 4 });
const queue = fc.constantFrom(...QUEUES);
const delay = fc.constantFrom(-5_000, 0, 0, 1, 10_000, 60_000);
const counting = fc.constantFrom({}, { attempted: true }, { counted: true }, { attempted: true, counted: true });
/** The options that say whether a receive counts. */
interface Counting {
  readonly attempted?: boolean;
  readonly counted?: boolean;
}
const steps = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("enqueue" as const),
      items: fc.array(
        fc.record({
          to: fc.uniqueArray(queue, { minLength: 1 }),
          later: fc.constantFrom(undefined, undefined, undefined, -1, 0, 1, 10_000),
        }),
        { minLength: 1, maxLength: 4 },
      ),
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
      counted: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("peek" as const),
      queue,
      skip: fc.nat(6),
      max: fc.integer({ min: 1, max: 5 }),
      maxBytes: fc.constantFrom(undefined, 1, 1_400),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("acknowledge" as const), queue, picks, durable: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("release" as const), queue, picks, delay, counting }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("reject" as const),
      queue,
      picks,
      counting,
      moveTo: fc.option(queue, { nil: undefined }),
      delay,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("renewLock" as const),
      queue,
      picks,
      age: fc.constantFrom(undefined, 0, 5_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1, 5_000, 60_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), queue }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
);
type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;

/** Runs the same steps on the store and on the model. */
class Comparison {
  readonly #model = new Model();
  readonly #reopen: (() => Promise<DeliveryQueue>) | undefined;
  #queue: DeliveryQueue;
  #now = START;
  #events = 0;
  /** Tokens with the queue they were received from, latest first. */
  #tokens: LockToken[] = [];

  constructor(subject: DeliveryQueue, reopen: (() => Promise<DeliveryQueue>) | undefined) {
    this.#queue = subject;
    this.#reopen = reopen;
  }

  async take(step: Step): Promise<void> {
    this.#model.countReceives(this.#now);
    switch (step.kind) {
      case "enqueue":
        return this.#enqueue(step);
      case "receive":
        return this.#receive(step);
      case "peek":
        return this.#peek(step);
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
      // The time since a delivery became due is irrelevant.
      const clamp = (at: number | undefined): number | undefined => at && Math.max(at, this.#now);
      expect(clamp(actual)).toBe(clamp(expected));
      expect(await this.#queue.depth(name, this.#now)).toEqual(this.#model.depth(name, this.#now));
      expect(this.#queue.bytesIn?.(name)).toBe(this.#model.bytesIn(name));
    }
    const listed = await this.#queue.occupiedQueues();
    expect(listed.map((entry) => entry.queue).toSorted()).toEqual(occupied.toSorted());
  }

  async #enqueue({ items, bytes, delay: offset }: Extract<Step, { kind: "enqueue" }>): Promise<void> {
    const now = this.#now + offset;
    const enqueued = items.map(({ to, later }): EnqueueItem => {
      const event = storedEvent(`event-${(this.#events += 1)}`, bytes);
      return { event, to, ...(later !== undefined && { dueAt: now + later }) };
    });
    for (const { event, to, dueAt = now } of enqueued) {
      for (const name of to) this.#model.add(event, name, now, dueAt);
    }
    await this.#queue.enqueue(enqueued, now);
  }

  async #peek({ queue: name, skip, max, maxBytes }: Extract<Step, { kind: "peek" }>): Promise<void> {
    const now = this.#now;
    const all = await this.#queue.peek(name, { max: 1_000, now });
    const expected = this.#model.inOrder(name);
    expect(all.map(({ position: _position, ...delivery }) => delivery)).toEqual(
      expected.map(({ event, dueAt, deliveryCount, enqueuedAt, lastAttempt, deadLetterReason, lock }) => ({
        event,
        dueAt,
        deliveryCount,
        enqueuedAt,
        ...(lastAttempt && { lastAttempt }),
        ...(deadLetterReason && { deadLetterReason }),
        ...(lock && lock.until > now && { lockedUntil: lock.until }),
      })),
    );
    const after = all[skip]?.position;
    const options = { max, now, ...(maxBytes !== undefined && { maxBytes }), ...(after !== undefined && { after }) };
    const page = await this.#queue.peek(name, options);
    const rest = after === undefined ? all : all.slice(skip + 1);
    expect(page).toEqual(rest.slice(0, page.length));
    const bytes = (peeked: readonly PeekedDelivery[]): number =>
      peeked.reduce((sum, { event }) => sum + event.json.length, 0);
    const limit = maxBytes ?? Number.POSITIVE_INFINITY;
    if (page.length > 1) expect(bytes(page)).toBeLessThanOrEqual(limit);
    const isFull = page.length === max || page.length === rest.length;
    if (!isFull) expect(bytes(rest.slice(0, page.length + 1))).toBeGreaterThan(limit);
  }

  async #receive(step: Extract<Step, { kind: "receive" }>): Promise<void> {
    const { queue: from, max, maxBytes, lockMs, counted } = step;
    const now = this.#now;
    const options = { max, lockMs, now, ...(maxBytes !== undefined && { maxBytes }), counted };
    const received = await this.#queue.receive(from, options);
    const expected: ModelDelivery[] = [];
    let bytes = 0;
    for (const delivery of this.#model.due(from, now).slice(0, max)) {
      bytes += delivery.event.json.length;
      if (expected.length > 0 && bytes > (maxBytes ?? Number.POSITIVE_INFINITY)) break;
      expected.push(delivery);
    }
    expect(received).toEqual(
      expected.map(({ event, deliveryCount, enqueuedAt, lastAttempt, deadLetterReason }, index) => ({
        event,
        deliveryCount,
        enqueuedAt,
        ...(lastAttempt && { lastAttempt }),
        ...(deadLetterReason && { deadLetterReason }),
        receivedAt: now,
        lockedUntil: now + lockMs,
        lockToken: received[index]?.lockToken,
      })),
    );
    for (const [index, { lockToken }] of received.entries()) {
      const delivery = expected[index];
      if (delivery?.lock !== undefined) delivery.lost.add(delivery.lock.token);
      if (delivery !== undefined) delivery.lock = { token: lockToken, receivedAt: now, until: now + lockMs, counted };
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
    const count = (delivery: ModelDelivery, { attempted, counted }: Counting): void => {
      if (attempted === true || counted === true) delivery.deliveryCount += 1;
      if (attempted === true) delivery.lastAttempt = attempt;
    };
    const optionsOf = ({ attempted, counted }: Counting): Pick<ReleaseOptions, "attempt" | "counted"> => ({
      ...(attempted === true && { attempt }),
      ...(counted !== undefined && { counted }),
    });
    switch (step.kind) {
      case "acknowledge": {
        const expected = model.settle(name, tokens, now, (delivery) => model.drop(delivery));
        expect(await this.#queue.acknowledge(name, tokens, now, { durable: step.durable })).toEqual(expected);
        return;
      }
      case "release": {
        const dueAt = now + step.delay;
        const expected = model.settle(name, tokens, now, (delivery) => {
          model.unlock(delivery);
          delivery.dueAt = dueAt;
          count(delivery, step.counting);
        });
        const options = { now, dueAt, ...optionsOf(step.counting) };
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
          count(delivery, step.counting);
          model.move(delivery, step.moveTo, dueAt, now, reason);
        });
        const options = {
          now,
          reason,
          ...optionsOf(step.counting),
          ...(step.moveTo && { moveTo: { queue: step.moveTo, dueAt } }),
        } as const;
        expect(await this.#queue.reject(name, tokens, options)).toEqual(expected);
        return;
      }
      case "renewLock": {
        const lockMs = 30_000;
        const receivedSince = step.age === undefined ? undefined : now - step.age;
        const expected = model.settle(name, tokens, now, ({ lock }) => {
          if (lock === undefined) return undefined;
          if (receivedSince !== undefined && lock.receivedAt < receivedSince) return "renewal-refused";
          lock.until = now + lockMs;
          return undefined;
        });
        const options = { now, lockMs, ...(receivedSince !== undefined && { receivedSince }) };
        expect(await this.#queue.renewLock(name, tokens, options)).toEqual(expected);
      }
    }
  }

  async #openAgain(): Promise<void> {
    if (this.#reopen === undefined) return;
    this.#queue = await this.#reopen();
    for (const delivery of this.#model.deliveries) this.#model.unlock(delivery);
  }
}

/** Runs random steps. After each, the store must be in the same state as the model. */
export function deliveryQueueModel(
  name: string,
  open: OpenStoreUnderTest,
  capabilities: StoreCapabilities,
  runs: number,
): void {
  if (!capabilities.virtualTime) return;
  it(
    `${name}: delivery queue: behaves like a list that is searched from end to end`,
    { timeout: 180_000 },
    async () => {
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
    },
  );
}
