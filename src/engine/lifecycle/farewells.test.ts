import { describe, expect, it } from "vitest";
import {
  desiredSubscription,
  failed,
  startEngineOfTest as start,
} from "../../../test/support/servers/engine-harness.ts";

describe("the end of a subscription", () => {
  it("[EG-SUBSCRIPTION-DELETED] is told to an endpoint that had consented, once, whatever it answers", async () => {
    const harness = await start();
    const { controlPlane } = harness.engine;
    for (const name of ["kind", "rude"]) await controlPlane.put(desiredSubscription(name));
    await harness.engine.idle();
    harness.destination("rude").answer = () => failed(500);
    for (const name of ["kind", "rude"]) await controlPlane.delete(desiredSubscription(name).id);
    await harness.fastForward(60_000);
    const told = { now: expect.any(Number), eventId: expect.any(String) };
    expect(harness.destination("kind").deletions).toEqual([told]);
    expect(harness.destination("rude").deletions).toEqual([told]);
  });

  it("[EG-SUBSCRIPTION-DELETED] is not told to one that had not", async () => {
    const harness = await start({ enforceHandshake: true });
    const { controlPlane } = harness.engine;
    harness.destination("closed").consent = () => ({ kind: "failed", detail: "no" });
    await controlPlane.put(desiredSubscription("closed"));
    await harness.fastForward(60_000);
    await controlPlane.delete(desiredSubscription("closed").id);
    await harness.engine.idle();
    expect(harness.destination("closed").deletions).toEqual([]);
  });

  it("[EG-SUBSCRIPTION-DELETED] does not hold up the engine's end", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("slow"));
    await harness.engine.idle();
    harness.destination("slow").answer = (_batch, signal) =>
      new Promise((resolve) => {
        const aborted = () => resolve({ kind: "failed", outcome: "Aborted", detail: "stopped" });
        signal.addEventListener("abort", aborted, { once: true });
      });
    await harness.engine.controlPlane.delete(desiredSubscription("slow").id);
    await harness.stop();
    expect(harness.destination("slow").deletions).toHaveLength(1);
  });
});
