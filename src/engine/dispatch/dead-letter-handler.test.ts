import { describe, expect, it } from "vitest";
import {
  desiredSubscription,
  failed,
  makeEvent,
  startEngineOfTest as start,
} from "../../../test/support/servers/engine-harness.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/time.ts";

const deadLetterDestination = { endpointType: "Folder", properties: { path: "unused" } } as const;

describe("a dead letter", () => {
  it("is kept until its destination accepts it", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("bad", { deadLetterDestination }));
    harness.destination("bad").answer = () => failed(400);
    harness.deadLetters("bad").answer = () => failed(503);
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.fastForward(4 * HOUR_MS);
    expect(harness.deadLetters("bad").attempts.length).toBeGreaterThan(20);
    harness.deadLetters("bad").answer = () => ({ kind: "accepted" });
    await harness.fastForward(10 * MINUTE_MS);
    expect(harness.deadLetters("bad").batches.at(-1)).toMatchObject([
      { deliveryCount: 1, deadLetterReason: "UndeliverableDueToHttpBadRequest" },
    ]);
    expect(harness.engineEvents.filter(({ kind }) => kind === "dead-lettered")).toHaveLength(1);
  });

  it("[EG-DEADLETTER-DROP] is dropped after its write has failed for four hours", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("bad", { deadLetterDestination }));
    harness.destination("bad").answer = () => failed(400);
    harness.deadLetters("bad").answer = () => failed(503);
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.fastForward(2 * HOUR_MS);
    // A second one, which has failed for a shorter time when the first one is dropped.
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.fastForward(2 * HOUR_MS + 5 * MINUTE_MS);
    const dropped = (): number => harness.engineEvents.filter(({ kind }) => kind === "dropped").length;
    expect(dropped()).toBe(0);
    await harness.fastForward(10 * MINUTE_MS);
    expect(dropped()).toBe(1);
    expect(harness.engineEvents.find(({ kind }) => kind === "dropped")).toMatchObject({
      reason: "UndeliverableDueToHttpBadRequest",
    });
    harness.deadLetters("bad").answer = () => ({ kind: "accepted" });
    await harness.fastForward(10 * MINUTE_MS);
    expect(harness.engineEvents.filter(({ kind }) => kind === "dead-lettered")).toHaveLength(1);
  });

  it("[EG-RETRY-SHORT] is written soon, and tried again soon, with short retry gaps", async () => {
    const harness = await start({ maxRetryGapMs: 10_000, deadLetterDelayMs: 1_000 });
    const retryPolicy = { maxDeliveryAttempts: 4, eventTimeToLiveInMinutes: 1_440 };
    await harness.engine.controlPlane.put(desiredSubscription("bad", { deadLetterDestination, retryPolicy }));
    harness.destination("bad").answer = () => failed(404);
    const outcomes = [failed(404), failed(404), failed(404)];
    harness.deadLetters("bad").answer = () => outcomes.shift() ?? { kind: "accepted", writtenTo: "/dead/one.json" };
    const startedAt = harness.clock.now();
    await harness.publish(makeEvent({}, startedAt));
    await harness.fastForward(2 * MINUTE_MS);
    expect(harness.destination("bad").attempts.map(({ at }) => at - startedAt)).toEqual([0, 10_000, 20_000, 30_000]);
    expect(harness.deadLetters("bad").attempts.map(({ at }) => at - startedAt)).toEqual([
      31_000, 41_000, 51_000, 61_000,
    ]);
    expect(harness.engineEvents).toContainEqual(
      expect.objectContaining({ kind: "dead-lettered", writtenTo: "/dead/one.json" }),
    );
  });

  it("[EG-DEADLETTER-DROP] is not dropped because of time in which no write was tried", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("bad", { deadLetterDestination }));
    harness.destination("bad").answer = () => failed(400);
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.engine.idle();
    // As after a restart: no write was tried for ten hours.
    harness.clock.moveTo(harness.clock.now() + 10 * HOUR_MS);
    harness.deadLetters("bad").answer = () => failed(503);
    await harness.fastForward(3 * HOUR_MS);
    expect(harness.engineEvents.filter(({ kind }) => kind === "dropped")).toHaveLength(0);
    await harness.fastForward(2 * HOUR_MS);
    expect(harness.engineEvents.filter(({ kind }) => kind === "dropped")).toHaveLength(1);
  });
});
