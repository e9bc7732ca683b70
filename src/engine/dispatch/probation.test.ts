import { describe, expect, it } from "vitest";
import {
  desiredSubscription,
  failed,
  makeEvent,
  startEngineOfTest as start,
} from "../../../test/support/engine-harness.ts";
import { HOUR_MS } from "../../core/time.ts";

describe("an unhealthy endpoint", () => {
  it("[EG-PROBATION] is left alone, then tried once, then served again", async () => {
    const harness = await start({ maxProbationMs: HOUR_MS });
    await harness.engine.controlPlane.put(desiredSubscription("ill"));
    const destination = harness.destination("ill");
    destination.answer = () => ({ kind: "failed", outcome: "SocketError", detail: "down" });
    const startedAt = harness.clock.now();
    const at = () => destination.attempts.map((attempt) => attempt.at - startedAt);
    for (let count = 0; count < 10; count += 1) await harness.publish(makeEvent());
    await harness.engine.idle();
    expect(at()).toHaveLength(10);
    expect(harness.told.filter(({ kind }) => kind === "delayed")).toMatchObject([{ until: startedAt + 30_000 }]);
    // Neither new events nor the retries that fall due meanwhile are attempted, and nobody waits for them.
    await harness.publish(makeEvent());
    await harness.engine.quiesce();
    await harness.fastForward(29_999);
    expect(at()).toHaveLength(10);
    await harness.fastForward(1);
    expect(at().slice(10)).toEqual([30_000]);
    destination.answer = () => ({ kind: "accepted" });
    await harness.fastForward(30_000);
    expect(new Set(at().slice(11))).toEqual(new Set([60_000]));
    await harness.fastForward(HOUR_MS);
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
  });

  it("[EG-PROBATION] is no reason for quiesce to wait when it begins meanwhile", async () => {
    const harness = await start({ maxProbationMs: HOUR_MS });
    await harness.engine.controlPlane.put(desiredSubscription("ill"));
    harness.destination("ill").answer = () => failed(503);
    for (let count = 0; count < 50; count += 1) await harness.publish(makeEvent());
    await harness.engine.quiesce();
    expect(harness.destination("ill").attempts.length).toBeLessThan(50);
  });
});
