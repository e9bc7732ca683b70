import { describe, expect } from "vitest";
import type { FailedAttempt, LockToken } from "../../src/core/delivery.ts";
import type { DeliveryQueue } from "../../src/ports/delivery-queue.ts";
import { a, attempt, b, ids, LOCK_MS, tokensOf, type ContractSteps } from "./delivery-queue-steps.ts";
import { expectEvents, storedEvent } from "./store-events.ts";

/** Tests the part of the contract about acknowledge, release, reject and renewLock. */
export function settlingContract({ start, test, timed, put, take, takeOne }: ContractSteps): void {
  describe("settling", () => {
    const verbs: readonly [string, (queue: DeliveryQueue, tokens: LockToken[], now: number) => Promise<string[]>][] = [
      ["acknowledge", (queue, tokens, now) => queue.acknowledge(a, tokens, now)],
      ["acknowledge (durable)", (queue, tokens, now) => queue.acknowledge(a, tokens, now, { durable: true })],
      ["release", (queue, tokens, now) => queue.release(a, tokens, { now, dueAt: now })],
      ["reject", (queue, tokens, now) => queue.reject(a, tokens, { now, reason: "TimeToLiveExceeded" })],
      ["renewLock", (queue, tokens, now) => queue.renewLock(a, tokens, { now, lockMs: LOCK_MS })],
    ];
    for (const [verb, settle] of verbs) {
      test(`${verb}: returns one result for each token, in order`, async (queue) => {
        await put(queue, a, [storedEvent("1"), storedEvent("2")]);
        await put(queue, b, [storedEvent("3")]);
        const [one, two] = tokensOf(await take(queue, a));
        const [foreign] = tokensOf(await take(queue, b));
        const invented = "made-up" as LockToken;
        if (one === undefined || two === undefined || foreign === undefined) throw new Error("not received");
        expect(await settle(queue, [invented, two, foreign, one], start)).toEqual([
          "unknown-token",
          "settled",
          "unknown-token",
          "settled",
        ]);
        expect(await queue.depth(b, start)).toEqual({ waiting: 0, locked: 1 });
      });

      test(`${verb}: accepts no tokens, and a queue that does not exist`, async (queue) => {
        expect(await settle(queue, [], start)).toEqual([]);
        expect(await settle(queue, ["made-up" as LockToken], start)).toEqual(["unknown-token"]);
      });

      timed(`${verb}: returns lock-lost for a lock that has expired or was taken over`, async (queue) => {
        await put(queue, a, [storedEvent("1")]);
        const { lockToken, lockedUntil } = await takeOne(queue, a);
        expect(await settle(queue, [lockToken], lockedUntil)).toEqual(["lock-lost"]);
        const second = await takeOne(queue, a, lockedUntil);
        expect(await settle(queue, [lockToken], lockedUntil + 1)).toEqual(["lock-lost"]);
        await queue.acknowledge(a, [second.lockToken], lockedUntil + 1);
        expect(await settle(queue, [lockToken, second.lockToken], lockedUntil + 2)).toEqual([
          "unknown-token",
          "unknown-token",
        ]);
      });

      if (verb === "renewLock") continue;

      test(`${verb}: returns unknown-token for a token that was settled before`, async (queue) => {
        await put(queue, a, [storedEvent("1")]);
        const { lockToken } = await takeOne(queue, a);
        expect(await settle(queue, [lockToken, lockToken], start)).toEqual(["settled", "unknown-token"]);
        expect(await settle(queue, [lockToken], start)).toEqual(["unknown-token"]);
        await take(queue, a);
        expect(await settle(queue, [lockToken], start)).toEqual(["unknown-token"]);
      });

      test(`${verb}: settles once for concurrent callers`, async (queue) => {
        await put(queue, a, [storedEvent("1")]);
        const { lockToken } = await takeOne(queue, a);
        const results = await Promise.all(Array.from({ length: 5 }, () => settle(queue, [lockToken], start)));
        expect(results.flat().filter((result) => result === "settled")).toHaveLength(1);
        expect(results.flat().filter((result) => result === "unknown-token")).toHaveLength(4);
      });
    }

    test("acknowledge ends deliveries permanently", async (queue) => {
      await put(queue, a, [storedEvent("1"), storedEvent("2")]);
      const tokens = tokensOf(await take(queue, a));
      await queue.acknowledge(a, tokens, start);
      expect(await queue.depth(a, start + 10 * LOCK_MS)).toEqual({ waiting: 0, locked: 0 });
      expect(await take(queue, a, 10, start + 10 * LOCK_MS)).toEqual([]);
    });

    test("release without an attempt returns the delivery unchanged", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const { lockToken } = await takeOne(queue, a);
      await queue.release(a, [lockToken], { now: start, dueAt: start });
      const again = await takeOne(queue, a);
      expect(again).toMatchObject({ event: { id: "1" }, deliveryCount: 0, enqueuedAt: start });
      expect(again).not.toHaveProperty("lastAttempt");
    });

    test("release with an attempt counts and records it, each time", async (queue) => {
      for (const bytes of [100, 4_000]) await put(queue, a, [storedEvent(String(bytes), bytes)]);
      for (const count of [1, 2, 3]) {
        const tokens = tokensOf(await take(queue, a));
        await queue.release(a, tokens, { now: start, dueAt: start, attempt: attempt(start + count) });
        const again = await take(queue, a);
        for (const delivery of again) {
          expect(delivery).toMatchObject({ deliveryCount: count, lastAttempt: attempt(start + count) });
        }
        await queue.release(a, tokensOf(again), { now: start, dueAt: start });
      }
    });

    test("release keeps an attempt without an HTTP status", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const { lockToken } = await takeOne(queue, a);
      const refused: FailedAttempt = { at: start, outcome: "SocketError", detail: "connection refused – ⚡" };
      await queue.release(a, [lockToken], { now: start, dueAt: start, attempt: refused });
      expect((await takeOne(queue, a)).lastAttempt).toEqual(refused);
    });

    timed("release makes the delivery wait until dueAt", async (queue) => {
      await put(queue, a, [storedEvent("1"), storedEvent("2")]);
      const { lockToken } = await takeOne(queue, a);
      await queue.release(a, [lockToken], { now: start, dueAt: start + 10.5 });
      expect(ids(await take(queue, a, 10, start + 10))).toEqual(["2"]);
      expect(ids(await take(queue, a, 10, start + 10.5))).toEqual(["1"]);
    });

    timed("release with the due time it had keeps the delivery's place", async (queue) => {
      await put(queue, a, [storedEvent("1"), storedEvent("2")]);
      const { lockToken } = await takeOne(queue, a);
      await queue.release(a, [lockToken], { now: start + 5, dueAt: start });
      expect(ids(await take(queue, a, 10, start + 5))).toEqual(["1", "2"]);
    });

    test("reject removes the delivery", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const { lockToken } = await takeOne(queue, a);
      await queue.reject(a, [lockToken], { now: start, reason: "TimeToLiveExceeded" });
      expect(await queue.occupiedQueues()).toEqual([]);
    });

    test("reject moves the delivery with its reason, and keeps its attempts", async (queue) => {
      const events = [storedEvent("1"), storedEvent("2", 5_000)];
      await put(queue, a, events);
      const retried = await take(queue, a);
      await queue.release(a, tokensOf(retried), { now: start, dueAt: start, attempt: attempt(start) });
      const tokens = tokensOf(await take(queue, a));
      const moveTo = { queue: b, dueAt: start };
      await queue.reject(a, tokens, { now: start, reason: "TimeToLiveExceeded", moveTo });
      expect(await queue.depth(a, start)).toEqual({ waiting: 0, locked: 0 });
      const moved = await take(queue, b);
      expectEvents(
        moved.map(({ event }) => event),
        events,
      );
      for (const delivery of moved) {
        expect(delivery).toMatchObject({
          deliveryCount: 1,
          lastAttempt: attempt(start),
          deadLetterReason: "TimeToLiveExceeded",
        });
      }
    });

    test("a moved delivery keeps its reason when it is released", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const { lockToken } = await takeOne(queue, a);
      const moveTo = { queue: b, dueAt: start };
      await queue.reject(a, [lockToken], {
        now: start,
        reason: "MaxDeliveryAttemptsExceeded",
        attempt: attempt(start),
        moveTo,
      });
      const moved = await takeOne(queue, b);
      expect(moved).toMatchObject({ deliveryCount: 1, lastAttempt: attempt(start) });
      await queue.release(b, [moved.lockToken], { now: start, dueAt: start });
      expect(await takeOne(queue, b)).toMatchObject({
        deliveryCount: 1,
        deadLetterReason: "MaxDeliveryAttemptsExceeded",
      });
    });

    timed("a moved delivery enters its new queue now, and waits there until dueAt", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const { lockToken } = await takeOne(queue, a);
      const moveTo = { queue: b, dueAt: start + 300_000 };
      await queue.reject(a, [lockToken], { now: start + 7, reason: "TimeToLiveExceeded", moveTo });
      expect(await take(queue, b, 1, start + 299_999)).toEqual([]);
      expect(await takeOne(queue, b, start + 300_000)).toMatchObject({ enqueuedAt: start + 7 });
    });

    timed("renewLock prolongs the lock from now", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const { lockToken, lockedUntil } = await takeOne(queue, a);
      await queue.renewLock(a, [lockToken], { now: start + 10, lockMs: 2 * LOCK_MS });
      expect(await take(queue, a, 1, lockedUntil)).toEqual([]);
      expect(await queue.nextDueAt(a)).toBe(start + 10 + 2 * LOCK_MS);
      expect(await queue.acknowledge(a, [lockToken], start + 9 + 2 * LOCK_MS)).toEqual(["settled"]);
    });

    timed("renewLock may shorten a lock, which then expires sooner", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      const { lockToken } = await takeOne(queue, a);
      await queue.renewLock(a, [lockToken], { now: start, lockMs: 10 });
      expect(ids(await take(queue, a, 1, start + 10))).toEqual(["1"]);
    });
  });
}
