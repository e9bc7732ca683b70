import { describe, expect, it } from "vitest";
import type { QueueName } from "../../src/core/delivery.ts";
import type { EventEnvelope } from "../../src/core/event.ts";
import type { StoreCapabilities } from "../../src/ports/delivery-queue.ts";
import { copyingContract } from "./delivery-queue-copying.ts";
import { peekContract } from "./delivery-queue-peek.ts";
import { pullContract } from "./delivery-queue-pull.ts";
import { settlingContract } from "./delivery-queue-settling.ts";
import { a, attempt, b, contractSteps, ids, LOCK_MS, nowhere, tokensOf } from "./delivery-queue-steps.ts";
import { expectEvents, queueName, storedEvent } from "./store-events.ts";
import { withStore, type OpenStoreUnderTest } from "./store-under-test.ts";

/**
 * Tests the contract of every delivery queue. Tests in which time passes are left out for a store that uses its own
 * clock (no `virtualTime`).
 */
export function deliveryQueueContract(name: string, open: OpenStoreUnderTest, capabilities: StoreCapabilities): void {
  const steps = contractSteps(open, capabilities);
  const { start, test, timed, put, take, takeOne } = steps;

  describe(`${name}: delivery queue`, () => {
    test("declares its capabilities", async (queue) => {
      expect(queue.capabilities).toEqual(capabilities);
    });

    describe("enqueue", () => {
      test("delivers an event as it was, to each of its queues", async (queue) => {
        const event = storedEvent("one");
        await queue.enqueue([{ event, to: [a, b] }], start);
        for (const to of [a, b]) {
          const received = await takeOne(queue, to);
          expectEvents([received.event], [event]);
          expect(received).toMatchObject({ deliveryCount: 0, enqueuedAt: start });
          expect(received).not.toHaveProperty("lastAttempt");
          expect(received).not.toHaveProperty("deadLetterReason");
        }
      });

      const shapes: readonly [string, Partial<EventEnvelope>][] = [
        [
          "a cloud event without subject and time",
          { schema: "CloudEventSchemaV1_0", subject: undefined, time: undefined },
        ],
        ["a custom event with an empty subject", { schema: "CustomEventSchema", subject: "", time: "" }],
        ["text beyond ASCII", { subject: "bestellung/äöü/注文/🛒", type: "Ünïcode" }],
        ["a text longer than 64 KiB", { subject: "s".repeat(70_000) }],
        ["fractions of a millisecond", { publishedAt: start + 0.25 }],
        ["a trace context", { trace: { traceparent: `00-${"a".repeat(32)}-${"1".repeat(16)}-01`, tracestate: "v=1" } }],
      ];
      for (const [shape, fields] of shapes) {
        test(`keeps ${shape}`, async (queue) => {
          const event = { ...storedEvent("shape"), ...fields };
          await queue.enqueue([{ event, to: [a] }], start);
          expectEvents([(await takeOne(queue, a)).event], [event]);
        });
      }

      for (const bytes of [1_000, 1_600, 5_000, 100_000, 1_048_576]) {
        test(`keeps an event of ${bytes} bytes, for one queue and for two`, async (queue) => {
          const [alone, shared] = [storedEvent("alone", bytes), storedEvent("shared", bytes)];
          await queue.enqueue(
            [
              { event: alone, to: [a] },
              { event: shared, to: [a, b] },
            ],
            start,
          );
          expectEvents(
            (await take(queue, a)).map(({ event }) => event),
            [alone, shared],
          );
          expectEvents([(await takeOne(queue, b)).event], [shared]);
        });
      }

      test("accepts no events, and an event for no queue", async (queue) => {
        await queue.enqueue([], start);
        await queue.enqueue([{ event: storedEvent("one"), to: [] }], start);
        expect(await queue.occupiedQueues()).toEqual([]);
      });

      test("accepts 5,000 events at once, in order", async (queue) => {
        const events = Array.from({ length: 5_000 }, (_, index) => storedEvent(`event-${index}`));
        await put(queue, a, events);
        expect(await queue.depth(a, start)).toEqual({ waiting: 5_000, locked: 0 });
        expect(ids(await take(queue, a, 6_000))).toEqual(events.map(({ id }) => id));
      });

      test("keeps the events of concurrent callers separate", async (queue) => {
        const events = Array.from({ length: 100 }, (_, index) => storedEvent(`event-${index}`));
        await Promise.all(events.map((event) => queue.enqueue([{ event, to: [a, b] }], start)));
        for (const from of [a, b]) {
          expect(ids(await take(queue, from, 200)).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
        }
      });

      test("settles each copy of a shared event by itself", async (queue) => {
        await queue.enqueue([{ event: storedEvent("one"), to: [a, b] }], start);
        const first = await takeOne(queue, a);
        await queue.acknowledge(a, [first.lockToken], start);
        expect(ids(await take(queue, b))).toEqual(["one"]);
      });
    });

    describe("receive", () => {
      test("returns nothing for a queue that does not exist", async (queue) => {
        expect(await take(queue, nowhere)).toEqual([]);
      });

      test("returns up to max deliveries, each once", async (queue) => {
        await put(queue, a, [storedEvent("1"), storedEvent("2"), storedEvent("3")]);
        expect(await take(queue, a, 0)).toEqual([]);
        expect(ids(await take(queue, a, 2))).toEqual(["1", "2"]);
        expect(ids(await take(queue, a, 2))).toEqual(["3"]);
        expect(await take(queue, a, 2)).toEqual([]);
      });

      const sizes: readonly [string, number[], number, number][] = [
        ["stops before maxBytes would be exceeded", [100, 100, 100], 250, 2],
        ["returns deliveries that fill maxBytes exactly", [100, 100, 100], 200, 2],
        ["gives one even when it is larger than maxBytes", [500, 100], 10, 1],
      ];
      for (const [title, bytes, maxBytes, expected] of sizes) {
        test(title, async (queue) => {
          await put(
            queue,
            a,
            bytes.map((size, index) => storedEvent(String(index), size)),
          );
          const received = await queue.receive(a, { max: 10, maxBytes, lockMs: LOCK_MS, now: start });
          expect(received).toHaveLength(expected);
          expect(await queue.depth(a, start)).toEqual({ waiting: bytes.length - expected, locked: expected });
        });
      }

      test("gives every lock its own token, which is safe in a URL", async (queue) => {
        await put(
          queue,
          a,
          Array.from({ length: 20 }, (_, index) => storedEvent(String(index))),
        );
        const tokens = tokensOf(await take(queue, a, 20));
        expect(new Set(tokens).size).toBe(20);
        for (const token of tokens) expect(encodeURIComponent(token)).toBe(token);
      });

      test("never gives a delivery to two concurrent receivers", async (queue) => {
        await put(
          queue,
          a,
          Array.from({ length: 100 }, (_, index) => storedEvent(String(index))),
        );
        const received = await Promise.all(Array.from({ length: 30 }, () => take(queue, a, 7)));
        expect(new Set(received.flatMap(ids)).size).toBe(100);
        expect(received.flat()).toHaveLength(100);
      });

      timed("returns the end of the lock", async (queue) => {
        await put(queue, a, [storedEvent("1")]);
        expect((await takeOne(queue, a, start + 5)).lockedUntil).toBe(start + 5 + LOCK_MS);
      });

      timed("returns no delivery before it is due", async (queue) => {
        await put(queue, a, [storedEvent("1")], start + 1_000);
        expect(await take(queue, a, 1, start + 999)).toEqual([]);
        expect(ids(await take(queue, a, 1, start + 1_000))).toEqual(["1"]);
      });

      timed("returns deliveries in order of due time, then of arrival", async (queue) => {
        await put(queue, a, [storedEvent("late")], start + 10);
        await put(queue, a, [storedEvent("early-1"), storedEvent("early-2")], start);
        await put(queue, a, [storedEvent("middle")], start + 5);
        expect(ids(await take(queue, a, 10, start + 10))).toEqual(["early-1", "early-2", "middle", "late"]);
      });

      timed("returns a delivery that arrives with an earlier time after later ones were received", async (queue) => {
        await put(queue, a, [storedEvent("later"), storedEvent("last")], start + 100);
        expect(ids(await take(queue, a, 1, start + 100))).toEqual(["later"]);
        await put(queue, a, [storedEvent("earlier")], start - 100);
        expect(await queue.nextDueAt(a)).toBe(start - 100);
        expect(ids(await take(queue, a, 10, start + 100))).toEqual(["earlier", "last"]);
      });

      timed("returns a delivery again when its lock has expired, with its count unchanged", async (queue) => {
        await put(queue, a, [storedEvent("1"), storedEvent("2")]);
        const first = await takeOne(queue, a);
        expect(await take(queue, a, 1, first.lockedUntil - 1)).toHaveLength(1);
        const again = await takeOne(queue, a, first.lockedUntil);
        expect(again).toMatchObject({ event: { id: "1" }, deliveryCount: 0, enqueuedAt: start });
        expect(again.lockToken).not.toBe(first.lockToken);
      });
    });

    copyingContract(steps);
    settlingContract(steps);
    pullContract(steps);
    peekContract(steps, capabilities);

    describe("queries", () => {
      test("return nothing for a queue that does not exist", async (queue) => {
        expect(await queue.nextDueAt(nowhere)).toBeUndefined();
        expect(await queue.depth(nowhere, start)).toEqual({ waiting: 0, locked: 0 });
        expect(await queue.occupiedQueues()).toEqual([]);
      });

      timed("nextDueAt: the earliest due time, or the earliest end of a lock", async (queue) => {
        await put(queue, a, [storedEvent("1")], start + 20_000);
        await put(queue, a, [storedEvent("2")], start);
        expect(await queue.nextDueAt(a)).toBe(start);
        const { lockToken } = await takeOne(queue, a);
        expect(await queue.nextDueAt(a)).toBe(start + 20_000);
        await takeOne(queue, a, start + 20_000);
        expect(await queue.nextDueAt(a)).toBe(start + LOCK_MS);
        await queue.release(a, [lockToken], { now: start, dueAt: start + 30_000 });
        expect(await queue.nextDueAt(a)).toBe(start + 30_000);
      });

      timed("occupiedQueues: every queue with waiting or locked deliveries", async (queue) => {
        const c = queueName("queue-c");
        await put(queue, a, [storedEvent("1")], start + 5);
        await put(queue, b, [storedEvent("2")]);
        await put(queue, c, [storedEvent("3")]);
        await takeOne(queue, b);
        await queue.acknowledge(c, [(await takeOne(queue, c)).lockToken], start);
        const occupied = await queue.occupiedQueues();
        expect(occupied.toSorted((one, other) => one.queue.localeCompare(other.queue))).toEqual([
          { queue: a, nextDueAt: start + 5 },
          { queue: b, nextDueAt: start + LOCK_MS },
        ]);
      });

      test("depth: counts waiting deliveries, due or not, separately from locked ones", async (queue) => {
        await put(queue, a, [storedEvent("1"), storedEvent("2"), storedEvent("3")]);
        await takeOne(queue, a);
        expect(await queue.depth(a, start)).toEqual({ waiting: 2, locked: 1 });
      });

      timed("depth: counts deliveries as waiting that are not due or whose lock has expired", async (queue) => {
        await put(queue, a, [storedEvent("1")], start + LOCK_MS);
        await put(queue, a, [storedEvent("2")]);
        const { lockedUntil } = await takeOne(queue, a);
        expect(await queue.depth(a, lockedUntil - 1)).toEqual({ waiting: 1, locked: 1 });
        expect(await queue.depth(a, lockedUntil)).toEqual({ waiting: 2, locked: 0 });
      });

      test("onAvailable: reports new and moved deliveries until it is stopped", async (queue) => {
        const reported: QueueName[] = [];
        const stop = queue.onAvailable((available) => reported.push(available));
        await queue.enqueue([{ event: storedEvent("1"), to: [a, b] }], start);
        expect(reported.toSorted()).toEqual([a, b]);
        const { lockToken } = await takeOne(queue, a);
        await queue.reject(a, [lockToken], {
          now: start,
          reason: "TimeToLiveExceeded",
          moveTo: { queue: b, dueAt: start },
        });
        expect(reported.filter((available) => available === b)).toHaveLength(2);
        stop();
        await put(queue, a, [storedEvent("2")]);
        expect(reported.filter((available) => available === a)).toHaveLength(1);
      });

      test("onAvailable: a listener that throws affects no other", async (queue) => {
        const reported: QueueName[] = [];
        queue.onAvailable(() => {
          throw new Error("a listener's own trouble");
        });
        queue.onAvailable((available) => reported.push(available));
        await put(queue, a, [storedEvent("1")]);
        expect(reported).toEqual([a]);
        expect(ids(await take(queue, a))).toEqual(["1"]);
      });
    });

    describe("removeQueue", () => {
      test("deletes a queue with its deliveries, and no other", async (queue) => {
        await queue.enqueue(
          Array.from({ length: 50 }, (_, index) => ({ event: storedEvent(String(index)), to: [a, b] })),
          start,
        );
        const { lockToken } = await takeOne(queue, a);
        await queue.removeQueue(a);
        expect(await take(queue, a)).toEqual([]);
        expect(await queue.depth(a, start)).toEqual({ waiting: 0, locked: 0 });
        expect(await queue.acknowledge(a, [lockToken], start)).toEqual(["unknown-token"]);
        expect((await queue.occupiedQueues()).map((occupied) => occupied.queue)).toEqual([b]);
        expect(await take(queue, b, 100)).toHaveLength(50);
      });

      test("is idempotent, and succeeds for a queue that does not exist", async (queue) => {
        await put(queue, a, [storedEvent("1")]);
        await Promise.all([queue.removeQueue(a), queue.removeQueue(a), queue.removeQueue(nowhere)]);
        expect(await queue.occupiedQueues()).toEqual([]);
      });

      test("allows a new queue with the same name", async (queue) => {
        await put(queue, a, [storedEvent("old"), storedEvent("old, too")]);
        const removed = queue.removeQueue(a);
        const added = put(queue, a, [storedEvent("new")]);
        await Promise.all([removed, added]);
        expect(ids(await take(queue, a))).toEqual(["new"]);
        expect(await queue.depth(a, start)).toEqual({ waiting: 0, locked: 1 });
      });
    });

    if (capabilities.durable) {
      describe("opened again", () => {
        it("has everything that was accepted before it closed", () =>
          withStore(open, async ({ store, reopen }) => {
            const accepted = Array.from({ length: 50 }, (_, index) =>
              put(store.queue, a, [storedEvent(String(index))]),
            );
            const again = (await reopen()).queue;
            await Promise.all(accepted);
            expect(await again.depth(a, start)).toEqual({ waiting: 50, locked: 0 });
          }));

        it("does not have removed deliveries", () =>
          withStore(open, async ({ store: { queue }, reopen }) => {
            await put(queue, a, [storedEvent("1")]);
            await put(queue, b, [storedEvent("2")]);
            await queue.removeQueue(a);
            const again = (await reopen()).queue;
            expect((await again.occupiedQueues()).map((occupied) => occupied.queue)).toEqual([b]);
            expect(ids(await take(again, a))).toEqual([]);
            expect(ids(await take(again, b))).toEqual(["2"]);
          }));

        if (capabilities.shared) {
          it("keeps locks, whose tokens any process may settle", () =>
            withStore(open, async ({ store: { queue }, reopen }) => {
              await put(queue, a, [storedEvent("1"), storedEvent("2"), storedEvent("3")]);
              const [one, two] = await take(queue, a, 2);
              if (one === undefined || two === undefined) throw new Error("not received");
              const again = (await reopen()).queue;
              expect(ids(await take(again, a))).toEqual(["3"]);
              expect(await again.acknowledge(a, [one.lockToken], start)).toEqual(["settled"]);
              await again.release(a, [two.lockToken], { now: start, dueAt: start, attempt: attempt(start) });
              expect(await takeOne(again, a)).toMatchObject({ event: { id: "2" }, deliveryCount: 1 });
              expect(await again.acknowledge(a, [one.lockToken, two.lockToken], start)).toEqual([
                "unknown-token",
                "unknown-token",
              ]);
            }));
        } else {
          it("has its deliveries in order; locked ones wait again, and their tokens are unknown", () =>
            withStore(open, async ({ store: { queue }, reopen }) => {
              const events = [storedEvent("1"), storedEvent("2", 5_000), storedEvent("3"), storedEvent("4")];
              await queue.enqueue(
                events.map((event, index) => ({ event, to: index % 2 === 0 ? [a, b] : [a] })),
                start,
              );
              const [one, two, three] = await take(queue, a, 3);
              if (one === undefined || two === undefined || three === undefined) throw new Error("not received");
              await queue.acknowledge(a, [one.lockToken], start);
              await queue.release(a, [two.lockToken], { now: start, dueAt: start, attempt: attempt(start) });
              const again = (await reopen()).queue;
              expect(await again.depth(a, start)).toEqual({ waiting: 3, locked: 0 });
              expect(await again.acknowledge(a, [three.lockToken], start)).toEqual(["unknown-token"]);
              const received = await take(again, a);
              expectEvents(
                received.map(({ event }) => event),
                events.slice(1),
              );
              expect(received[0]).toMatchObject({ deliveryCount: 1, lastAttempt: attempt(start) });
              expect(ids(await take(again, b))).toEqual(["1", "3"]);
            }));

          it("creates new tokens", () =>
            withStore(open, async ({ store: { queue }, reopen }) => {
              await put(queue, a, [storedEvent("1")]);
              const before = await takeOne(queue, a);
              const again = (await reopen()).queue;
              expect((await takeOne(again, a)).lockToken).not.toBe(before.lockToken);
            }));
        }
      });
    }
  });
}
