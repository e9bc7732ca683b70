import { describe, expect } from "vitest";
import type { PeekedDelivery, QueuePosition } from "../../src/core/delivery.ts";
import type { DeliveryQueue, PeekOptions, StoreCapabilities } from "../../src/ports/delivery-queue.ts";
import { a, attempt, b, ids, LOCK_MS, nowhere, tokensOf, type ContractSteps } from "./delivery-queue-steps.ts";
import { expectEvents, storedEvent } from "./store-events.ts";

/** Tests the part of the contract about reading a queue without receiving: `peek` and `bytesIn`. */
export function peekContract(steps: ContractSteps, { measuresBytes }: StoreCapabilities): void {
  const { start, test, timed, put, take, takeOne } = steps;
  const peek = (queue: DeliveryQueue, options: Partial<PeekOptions> = {}): Promise<PeekedDelivery[]> =>
    queue.peek(a, { max: 10, now: start, ...options });
  const shown = (peeked: readonly PeekedDelivery[]): string[] => peeked.map(({ event }) => event.id);

  /** Reads all deliveries in pages of the given size. */
  async function pages(queue: DeliveryQueue, max: number, now = start): Promise<PeekedDelivery[]> {
    const all: PeekedDelivery[] = [];
    for (let after: QueuePosition | undefined; ;) {
      const page = await peek(queue, { max, now, ...(after !== undefined && { after }) });
      all.push(...page);
      expect(page.length).toBeLessThanOrEqual(max);
      if (page.length < max) return all;
      after = page.at(-1)?.position;
    }
  }

  describe("peek", () => {
    test("returns nothing for a queue that does not exist", async (queue) => {
      expect(await queue.peek(nowhere, { max: 10, now: start })).toEqual([]);
    });

    test("returns events in order, small and large ones, without locking them", async (queue) => {
      const events = [storedEvent("1"), storedEvent("2", 5_000), storedEvent("3"), storedEvent("4", 100_000)];
      await queue.enqueue(
        events.map((event, index) => ({ event, to: index % 2 === 0 ? [a, b] : [a] })),
        start,
      );
      for (let times = 0; times < 2; times += 1) {
        const peeked = await peek(queue);
        expectEvents(
          peeked.map(({ event }) => event),
          events,
        );
        for (const delivery of peeked) {
          expect(delivery).toMatchObject({ deliveryCount: 0, enqueuedAt: start, dueAt: start });
          expect(delivery).not.toHaveProperty("lockedUntil");
          expect(delivery).not.toHaveProperty("lockToken");
        }
      }
      expect(await queue.depth(a, start)).toEqual({ waiting: 4, locked: 0 });
      expect(ids(await take(queue, a))).toEqual(["1", "2", "3", "4"]);
    });

    test("returns locked deliveries at their place, with the end of their locks", async (queue) => {
      await put(queue, a, [storedEvent("1"), storedEvent("2"), storedEvent("3")]);
      const [one] = await take(queue, a, 1);
      const peeked = await peek(queue);
      expect(shown(peeked)).toEqual(["1", "2", "3"]);
      expect(peeked.map(({ lockedUntil }) => lockedUntil)).toEqual([one?.lockedUntil, undefined, undefined]);
    });

    test("does not return settled deliveries", async (queue) => {
      await put(queue, a, [storedEvent("1"), storedEvent("2"), storedEvent("3"), storedEvent("4")]);
      const [one, two, three] = tokensOf(await take(queue, a, 3));
      if (one === undefined || two === undefined || three === undefined) throw new Error("not received");
      await queue.acknowledge(a, [one], start);
      await queue.reject(a, [three], { now: start, reason: "TimeToLiveExceeded" });
      expect(shown(await peek(queue))).toEqual(["2", "4"]);
    });

    test("returns count, latest attempt and reason", async (queue) => {
      await put(queue, b, [storedEvent("1")]);
      const moveTo = { queue: a, dueAt: start };
      const reason = "MaxDeliveryAttemptsExceeded";
      await queue.reject(b, tokensOf(await take(queue, b)), { now: start, reason, attempt: attempt(start), moveTo });
      expect(await peek(queue)).toMatchObject([
        { event: { id: "1" }, deliveryCount: 1, lastAttempt: attempt(start), deadLetterReason: reason },
      ]);
    });

    test("stops at max and before maxBytes, and returns at least one delivery", async (queue) => {
      await put(queue, a, [storedEvent("1", 100), storedEvent("2", 100), storedEvent("3", 100)]);
      expect(shown(await peek(queue, { max: 0 }))).toEqual([]);
      expect(shown(await peek(queue, { max: 2 }))).toEqual(["1", "2"]);
      expect(shown(await peek(queue, { maxBytes: 250 }))).toEqual(["1", "2"]);
      expect(shown(await peek(queue, { maxBytes: 200 }))).toEqual(["1", "2"]);
      expect(shown(await peek(queue, { maxBytes: 1 }))).toEqual(["1"]);
    });

    test("continues after a position, which is safe in a URL", async (queue) => {
      const events = Array.from({ length: 25 }, (_, index) => storedEvent(String(index)));
      await put(queue, a, events.slice(0, 20));
      await put(queue, a, events.slice(20));
      for (const max of [1, 7, 25]) {
        expect(shown(await pages(queue, max))).toEqual(events.map(({ id }) => id));
      }
      const [first] = await peek(queue, { max: 1 });
      expect(encodeURIComponent(first?.position ?? "%")).toBe(first?.position);
      await queue.acknowledge(a, [(await takeOne(queue, a)).lockToken], start);
      expect(shown(await peek(queue, { max: 1, after: first?.position ?? ("" as QueuePosition) }))).toEqual(["1"]);
    });

    test("refuses an invalid position", async (queue) => {
      await put(queue, a, [storedEvent("1")]);
      for (const after of ["", "made up", "../1"] as QueuePosition[]) {
        await expect(peek(queue, { after })).rejects.toMatchObject({ code: "invalid_request" });
      }
    });

    timed("returns deliveries in order of due time, then of arrival, whether due or not", async (queue) => {
      await put(queue, a, [storedEvent("late")], start + 10);
      await put(queue, a, [storedEvent("early-1"), storedEvent("early-2"), storedEvent("early-3")], start);
      const [one, two] = tokensOf(await take(queue, a, 2));
      if (one === undefined || two === undefined) throw new Error("not received");
      // Its place is between the two that were enqueued with it.
      await queue.release(a, [two], { now: start, dueAt: start, counted: true });
      await queue.release(a, [one], { now: start, dueAt: start + 5 });
      const peeked = await pages(queue, 1);
      expect(shown(peeked)).toEqual(["early-2", "early-3", "early-1", "late"]);
      expect(peeked.map(({ dueAt }) => dueAt)).toEqual([start, start, start + 5, start + 10]);
      expect(shown(await peek(queue))).toEqual(shown(peeked));
    });

    timed("returns deliveries whose locks have expired, with their count", async (queue) => {
      await put(queue, a, [storedEvent("1"), storedEvent("2")]);
      await queue.receive(a, { max: 1, lockMs: LOCK_MS, now: start, counted: true });
      await takeOne(queue, a);
      expect((await peek(queue, { now: start + LOCK_MS - 1 })).map(({ lockedUntil }) => lockedUntil)).toEqual([
        start + LOCK_MS,
        start + LOCK_MS,
      ]);
      const peeked = await peek(queue, { now: start + LOCK_MS });
      expect(peeked.map(({ lockedUntil }) => lockedUntil)).toEqual([undefined, undefined]);
      expect(peeked.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 0]);
    });

    timed("pages through deliveries that were enqueued, released and settled in many groups", async (queue) => {
      for (let group = 0; group < 5; group += 1) {
        const events = Array.from({ length: 300 }, (_, index) =>
          storedEvent(`${group}-${index}`, 60 + 10 * (index % 9)),
        );
        await put(queue, a, events, start + (group % 2));
      }
      const received = await take(queue, a, 900, start + 1);
      const some = (rest: number): LockedTokens => tokensOf(received.filter((_, index) => index % 4 === rest));
      await queue.acknowledge(a, some(0), start + 1);
      await queue.release(a, some(1), { now: start + 1, dueAt: start, counted: true });
      await queue.release(a, some(2), { now: start + 1, dueAt: start + 1 });
      const peeked = await pages(queue, 97, start + 1);
      expect(peeked).toHaveLength(1_275);
      const waiting = peeked.filter(({ lockedUntil }) => lockedUntil === undefined);
      expect(shown(waiting)).toEqual(ids(await take(queue, a, 2_000, start + 1)));
    });
  });

  describe("bytesIn", () => {
    if (!measuresBytes) {
      test("is absent if the store does not support it", async (queue) => {
        expect(queue.bytesIn).toBeUndefined();
      });
      return;
    }

    test("is the total size of the waiting and locked events' JSON", async (queue) => {
      const bytes = (): number[] => [a, b, nowhere].map((name) => queue.bytesIn?.(name) ?? Number.NaN);
      expect(bytes()).toEqual([0, 0, 0]);
      await queue.enqueue(
        [
          { event: storedEvent("1", 100), to: [a] },
          { event: storedEvent("2", 1_000), to: [a] },
          { event: storedEvent("3", 10_000), to: [a, b] },
        ],
        start,
      );
      expect(bytes()).toEqual([11_100, 10_000, 0]);
      const [one, two, three] = tokensOf(await take(queue, a));
      if (one === undefined || two === undefined || three === undefined) throw new Error("not received");
      expect(bytes()).toEqual([11_100, 10_000, 0]);
      await queue.acknowledge(a, [one], start);
      expect(bytes()).toEqual([11_000, 10_000, 0]);
      await queue.release(a, [two], { now: start, dueAt: start, attempt: attempt(start) });
      expect(bytes()).toEqual([11_000, 10_000, 0]);
      const moveTo = { queue: b, dueAt: start };
      await queue.reject(a, [three], { now: start, reason: "TimeToLiveExceeded", moveTo });
      expect(bytes()).toEqual([1_000, 20_000, 0]);
      await queue.acknowledge(b, tokensOf(await take(queue, b)), start, { durable: true });
      expect(bytes()).toEqual([1_000, 0, 0]);
      await queue.removeQueue(a);
      expect(bytes()).toEqual([0, 0, 0]);
    });
  });
}

type LockedTokens = ReturnType<typeof tokensOf>;
