import { describe, expect } from "vitest";
import type { Delivery } from "../../src/core/delivery.ts";
import type { EventEnvelope } from "../../src/core/event.ts";
import { a, attempt, b, tokensOf, type ContractSteps } from "./delivery-queue-steps.ts";
import { storedEvent } from "./store-events.ts";

/** Ways to copy a value, each of which must preserve all of it. */
const COPIES: readonly [string, (value: object) => unknown][] = [
  ["spread", (value) => ({ ...value })],
  ["Object.assign", (value) => Object.assign({}, value)],
  ["Object.entries", (value) => Object.fromEntries(Object.entries(value))],
  ["structuredClone", (value) => structuredClone(value)],
];

/** Tests that a store returns plain objects, whose copies are complete. */
export function copyingContract({ start, test, put, take, takeOne }: ContractSteps): void {
  const events: readonly EventEnvelope[] = [
    storedEvent("small"),
    storedEvent("large", 5_000),
    { ...storedEvent("cloud"), schema: "CloudEventSchemaV1_0", subject: undefined, time: undefined },
    { ...storedEvent("beyond ASCII"), subject: "bestellung/äöü/注文/🛒", topic: `/${"größe/".repeat(40)}` },
    { ...storedEvent("long topic"), topic: `/subscriptions/${"t".repeat(300)}`, subject: "s".repeat(20_000) },
    { ...storedEvent("traced"), trace: { traceparent: `00-${"a".repeat(32)}-${"1".repeat(16)}-01` } },
  ];

  function expectCopies(event: EventEnvelope, expected: EventEnvelope): void {
    for (const [name, copy] of COPIES) expect(copy(event), name).toEqual(expected);
    const { json, ...rest } = JSON.parse(JSON.stringify(event)) as EventEnvelope & { json: Record<string, number> };
    const { json: expectedJson, ...expectedRest } = expected;
    expect(rest).toEqual(JSON.parse(JSON.stringify(expectedRest)));
    expect(Object.values(json)).toEqual([...expectedJson]);
  }

  describe("copies", () => {
    for (const event of events) {
      test(`keep all of a received event: ${event.id}`, async (queue) => {
        await queue.enqueue([{ event, to: [a] }], start);
        expectCopies((await takeOne(queue, a)).event, event);
      });

      test(`keep all of a released, moved and shared event: ${event.id}`, async (queue) => {
        await queue.enqueue([{ event, to: [a, b] }], start);
        await queue.release(a, tokensOf(await take(queue, a)), { now: start, dueAt: start, attempt: attempt(start) });
        const again = await takeOne(queue, a);
        expectCopies(again.event, event);
        await queue.acknowledge(b, tokensOf(await take(queue, b)), start);
        const moveTo = { queue: b, dueAt: start };
        await queue.reject(a, [again.lockToken], { now: start, reason: "TimeToLiveExceeded", moveTo });
        expectCopies((await takeOne(queue, b)).event, event);
      });
    }

    test("keep all details of a delivery, received or peeked", async (queue) => {
      const event = storedEvent("one");
      await put(queue, a, [event]);
      await queue.release(a, tokensOf(await take(queue, a)), { now: start, dueAt: start, attempt: attempt(start) });
      const known = { event, deliveryCount: 1, enqueuedAt: start, lastAttempt: attempt(start) };
      const expectDelivery = (delivery: Delivery): void => {
        for (const [name, copy] of COPIES) expect(copy(delivery), name).toMatchObject(known);
      };
      for (const peeked of await queue.peek(a, { max: 1, now: start })) {
        expectDelivery(peeked);
        expectCopies(peeked.event, event);
      }
      expectDelivery(await takeOne(queue, a));
    });
  });
}
