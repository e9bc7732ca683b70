import { describe, expect } from "vitest";
import type { LockedDelivery, QueueName } from "../../src/core/delivery.ts";
import type { DeliveryQueue, ReceiveOptions } from "../../src/ports/delivery-queue.ts";
import { a, attempt, b, ids, LOCK_MS, tokensOf, type ContractSteps } from "./delivery-queue-steps.ts";
import { storedEvent } from "./store-events.ts";

/**
 * Tests the part of the contract that pull delivery needs: counted receives, durable acknowledgments, the age of a
 * lock.
 */
export function pullContract({ start, test, timed, put, take, takeOne }: ContractSteps): void {
  const counted = (
    queue: DeliveryQueue,
    options: Partial<ReceiveOptions> = {},
    from: QueueName = a,
  ): Promise<LockedDelivery[]> =>
    queue.receive(from, { max: 10, lockMs: LOCK_MS, now: start, counted: true, ...options });
  const counts = (deliveries: readonly LockedDelivery[]): number[] =>
    deliveries.map(({ deliveryCount }) => deliveryCount);

  describe("counted receives", () => {
    test("count when they are released or rejected as counted, not before", async (queue) => {
      for (const bytes of [100, 4_000]) await put(queue, a, [storedEvent(String(bytes), bytes)]);
      for (const count of [0, 1, 2]) {
        const received = await counted(queue);
        expect(counts(received)).toEqual([count, count]);
        for (const delivery of received) expect(delivery).not.toHaveProperty("lastAttempt");
        await queue.release(a, tokensOf(received), { now: start, dueAt: start, counted: true });
      }
      const moveTo = { queue: b, dueAt: start };
      const rejected = tokensOf(await counted(queue));
      await queue.reject(a, rejected, { now: start, reason: "MaxDeliveryAttemptsExceeded", counted: true, moveTo });
      expect(counts(await take(queue, b))).toEqual([4, 4]);
    });

    test("do not count when they are released without counting", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const [one] = tokensOf(await counted(queue));
      if (one === undefined) throw new Error("not received");
      await queue.release(a, [one], { now: start, dueAt: start });
      const again = await counted(queue);
      expect(counts(again)).toEqual([0]);
      const moveTo = { queue: b, dueAt: start };
      await queue.reject(a, tokensOf(again), { now: start, reason: "MaxDeliveryAttemptsExceeded", moveTo });
      expect(counts(await take(queue, b))).toEqual([0]);
    });

    test("count once when they have an attempt as well", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const tokens = tokensOf(await counted(queue));
      await queue.release(a, tokens, { now: start, dueAt: start, counted: true, attempt: attempt(start) });
      expect(await takeOne(queue, a)).toMatchObject({ deliveryCount: 1, lastAttempt: attempt(start) });
    });

    test("keep the latest attempt when they are counted without one", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      await queue.release(a, tokensOf(await take(queue, a)), { now: start, dueAt: start, attempt: attempt(start) });
      await queue.release(a, tokensOf(await counted(queue)), { now: start, dueAt: start, counted: true });
      expect(await takeOne(queue, a)).toMatchObject({ deliveryCount: 2, lastAttempt: attempt(start) });
    });

    test("return a delivery with any count", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      for (let count = 0; count < 12; count += 1) {
        await queue.release(a, tokensOf(await counted(queue)), { now: start, dueAt: start, counted: true });
      }
      expect(counts(await counted(queue))).toEqual([12]);
    });

    timed("count when their locks expire", async (queue) => {
      await queue.enqueue(
        [storedEvent("1"), storedEvent("2", 5_000), storedEvent("3")].map((event) => ({ event, to: [a] })),
        start,
      );
      for (const round of [0, 1, 2, 3]) {
        const received = await counted(queue, { now: start + round * LOCK_MS });
        expect(ids(received)).toEqual(["1", "2", "3"]);
        expect(counts(received)).toEqual([round, round, round]);
        for (const delivery of received) expect(delivery).toMatchObject({ enqueuedAt: start });
      }
    });

    timed("count only once, whichever call detects the expiry first", async (queue) => {
      await put(queue, a, [storedEvent("1"), storedEvent("2"), storedEvent("3")]);
      await counted(queue);
      const later = start + LOCK_MS;
      await queue.depth(a, later);
      expect(await queue.nextDueAt(a)).toBe(start);
      const received = await Promise.all([1, 1, 1, 1].map((max) => counted(queue, { max, now: later })));
      expect(received.flatMap(ids).toSorted()).toEqual(["1", "2", "3"]);
      expect(received.flatMap(counts)).toEqual([1, 1, 1]);
      expect(await queue.depth(a, later)).toEqual({ waiting: 0, locked: 3 });
    });

    timed("count with the next receive that is not counted itself", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      await counted(queue);
      expect(counts(await take(queue, a, 1, start + LOCK_MS))).toEqual([1]);
      expect(counts(await take(queue, a, 1, start + 2 * LOCK_MS))).toEqual([1]);
    });

    timed("do not count while the lock is renewed, nor once the delivery has ended", async (queue) => {
      await put(queue, a, [storedEvent("1"), storedEvent("2")]);
      const [one, two] = await counted(queue);
      if (one === undefined || two === undefined) throw new Error("not received");
      await queue.renewLock(a, [one.lockToken], { now: start, lockMs: 2 * LOCK_MS });
      await queue.acknowledge(a, [two.lockToken], start);
      expect(await counted(queue, { now: start + LOCK_MS })).toEqual([]);
      expect(await queue.depth(a, start + LOCK_MS)).toEqual({ waiting: 0, locked: 1 });
      await queue.release(a, [one.lockToken], { now: start + LOCK_MS, dueAt: start });
      expect(counts(await counted(queue, { now: start + 3 * LOCK_MS }))).toEqual([0]);
    });

    timed("leave lost tokens until the delivery has been settled", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const [lost] = tokensOf(await counted(queue));
      if (lost === undefined) throw new Error("not received");
      const later = start + LOCK_MS;
      expect(await queue.acknowledge(a, [lost], later)).toEqual(["lock-lost"]);
      const again = tokensOf(await counted(queue, { now: later }));
      expect(await queue.release(a, [lost], { now: later, dueAt: later, counted: true })).toEqual(["lock-lost"]);
      expect(await queue.acknowledge(a, again, later)).toEqual(["settled"]);
      expect(await queue.acknowledge(a, [lost], later)).toEqual(["unknown-token"]);
    });
  });

  describe("events that are due later", () => {
    timed("makes an event wait until its due time, alone and for several queues", async (queue) => {
      const dueAt = start + 3_600_000;
      await queue.enqueue(
        [
          { event: storedEvent("later"), to: [a], dueAt },
          { event: storedEvent("later, large", 5_000), to: [a, b], dueAt },
          { event: storedEvent("now"), to: [a] },
          { event: storedEvent("sooner"), to: [a], dueAt: dueAt - 1 },
        ],
        start,
      );
      expect(await queue.depth(a, start)).toEqual({ waiting: 4, locked: 0 });
      expect(await queue.nextDueAt(b)).toBe(dueAt);
      expect(ids(await take(queue, a))).toEqual(["now"]);
      expect(ids(await take(queue, a, 10, dueAt - 1))).toEqual(["now", "sooner"]);
      const received = await take(queue, a, 10, dueAt);
      expect(ids(received)).toEqual(["later", "later, large"]);
      for (const delivery of received) expect(delivery).toMatchObject({ deliveryCount: 0, enqueuedAt: start });
      expect(ids(await take(queue, b, 10, dueAt))).toEqual(["later, large"]);
    });

    test("treats an event whose due time has passed as due now, in its turn", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      await queue.enqueue([{ event: storedEvent("2"), to: [a], dueAt: start - 1_000 }], start);
      await put(queue, a, [storedEvent("3")]);
      expect(ids(await take(queue, a))).toEqual(["1", "2", "3"]);
    });
  });

  describe("the age of a lock", () => {
    test("is part of the delivery, and kept when the lock is renewed", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const { lockToken, receivedAt } = await takeOne(queue, a, start + 5);
      expect(receivedAt).toBe(start + 5);
      const renew = (receivedSince: number): Promise<string[]> =>
        queue.renewLock(a, [lockToken], { now: start + 10, lockMs: LOCK_MS, receivedSince });
      expect(await renew(start + 5)).toEqual(["settled"]);
      expect(await renew(start + 6)).toEqual(["renewal-refused"]);
      expect(await renew(start + 5)).toEqual(["settled"]);
      expect(await queue.acknowledge(a, [lockToken], start + 10)).toEqual(["settled"]);
    });

    timed("does not change when a renewal is refused", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const { lockToken, lockedUntil } = await takeOne(queue, a);
      const options = { now: start + 10, lockMs: 10 * LOCK_MS, receivedSince: start + 1 };
      expect(await queue.renewLock(a, [lockToken], options)).toEqual(["renewal-refused"]);
      expect(await take(queue, a, 1, lockedUntil - 1)).toEqual([]);
      expect(ids(await take(queue, a, 1, lockedUntil))).toEqual(["1"]);
    });
  });
}
