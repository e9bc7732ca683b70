import { describe, expect, it } from "vitest";
import {
  desiredSubscription,
  failed,
  makeEvent,
  startEngineOfTest as start,
} from "../../../test/support/servers/engine-harness.ts";
import { topicId } from "../../core/resources/resource-id.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/time.ts";

describe("an unhealthy endpoint", () => {
  it("[EG-PROBATION] receives nothing, then one trial, then all deliveries again", async () => {
    const harness = await start({ maxProbationMs: HOUR_MS });
    await harness.engine.controlPlane.put(desiredSubscription("ill"));
    const destination = harness.destination("ill");
    destination.answer = () => ({ kind: "failed", outcome: "SocketError", detail: "down" });
    const startedAt = harness.clock.now();
    const at = () => destination.attempts.map((attempt) => attempt.at - startedAt);
    for (let count = 0; count < 10; count += 1) await harness.publish(makeEvent());
    await harness.engine.idle();
    expect(at()).toHaveLength(10);
    const until = startedAt + 30_000;
    expect(harness.engineEvents.filter(({ kind }) => kind === "delayed")).toMatchObject([
      { until, failures: 10, cause: "SocketError" },
    ]);
    const [subscription] = harness.engine.directory.subscriptionsOf(topicId("orders"));
    if (subscription === undefined) throw new Error("no subscription");
    const health = () => harness.engine.health(subscription);
    expect(health()).toEqual({ failures: 10, outcome: "SocketError", probationUntil: until });
    // Neither new events nor retries that fall due in the meantime are attempted, and no caller waits for them.
    await harness.publish(makeEvent());
    await harness.engine.quiesce();
    await harness.fastForward(29_999);
    expect(at()).toHaveLength(10);
    await harness.fastForward(1);
    expect(at().slice(10)).toEqual([30_000]);
    destination.answer = () => ({ kind: "accepted" });
    await harness.fastForward(30_000);
    expect(health()).toEqual({ failures: 0 });
    expect(new Set(at().slice(11))).toEqual(new Set([60_000]));
    await harness.fastForward(HOUR_MS);
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
  });

  it("[EG-PROBATION] ends when the subscription changes", async () => {
    const harness = await start({ maxProbationMs: HOUR_MS });
    const { resource } = await harness.engine.controlPlane.put(desiredSubscription("ill"));
    const destination = harness.destination("ill");
    destination.answer = () => failed(500);
    for (let count = 0; count < 10; count += 1) await harness.publish(makeEvent());
    await harness.engine.idle();
    destination.answer = () => ({ kind: "accepted" });
    await harness.engine.controlPlane.put(desiredSubscription("ill", { labels: ["mended"] }));
    const changed = harness.engine.directory.subscriptionByUid(resource.uid);
    expect(changed && harness.engine.health(changed)).toEqual({ failures: 0 });
    await harness.publish(makeEvent());
    await harness.engine.idle();
    expect(destination.attempts).toHaveLength(11);
  });

  it("[EG-PROBATION-EXPIRED] drops events that expire before their first attempt", async () => {
    const harness = await start({ maxProbationMs: HOUR_MS });
    const retryPolicy = { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 3 };
    await harness.engine.controlPlane.put(desiredSubscription("ill", { retryPolicy }));
    const destination = harness.destination("ill");
    destination.answer = () => ({ kind: "failed", outcome: "NotFound", httpStatus: 404, detail: "gone" });
    for (let count = 0; count < 10; count += 1) await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.engine.idle();
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.fastForward(6 * MINUTE_MS);
    const reasons = harness.engineEvents.flatMap((event) =>
      event.kind === "dropped" ? event.systemIds.map(() => event.reason) : [],
    );
    expect(reasons.toSorted()).toEqual([
      ...Array.from({ length: 10 }, () => "TimeToLiveExceeded"),
      "UndeliverableDueToProbationCausedByClientError",
    ]);
    expect(destination.attempts).toHaveLength(10);
  });

  it("[EG-PROBATION] does not delay quiesce if it begins in the meantime", async () => {
    const harness = await start({ maxProbationMs: HOUR_MS });
    await harness.engine.controlPlane.put(desiredSubscription("ill"));
    harness.destination("ill").answer = () => failed(503);
    for (let count = 0; count < 50; count += 1) await harness.publish(makeEvent());
    await harness.engine.quiesce();
    expect(harness.destination("ill").attempts.length).toBeLessThan(50);
  });
});
