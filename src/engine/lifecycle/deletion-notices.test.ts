import { describe, expect, it } from "vitest";
import {
  desiredSubscription,
  failed,
  startEngineOfTest as start,
} from "../../../test/support/servers/engine-harness.ts";

describe("the deletion of a subscription", () => {
  it("[EG-SUBSCRIPTION-DELETED] notifies an endpoint that had consented, once, whatever its response", async () => {
    const harness = await start();
    const { controlPlane } = harness.engine;
    for (const name of ["kind", "rude"]) await controlPlane.put(desiredSubscription(name));
    await harness.engine.idle();
    harness.destination("rude").answer = () => failed(500);
    for (const name of ["kind", "rude"]) await controlPlane.delete(desiredSubscription(name).id);
    await harness.fastForward(60_000);
    const notice = { now: expect.any(Number), eventId: expect.any(String) };
    expect(harness.destination("kind").deletions).toEqual([notice]);
    expect(harness.destination("rude").deletions).toEqual([notice]);
  });

  it("[EG-SUBSCRIPTION-DELETED] does not notify an endpoint that had not consented", async () => {
    const harness = await start({ enforceHandshake: true });
    const { controlPlane } = harness.engine;
    harness.destination("closed").consent = () => ({ kind: "failed", detail: "no" });
    await controlPlane.put(desiredSubscription("closed"));
    await harness.fastForward(60_000);
    await controlPlane.delete(desiredSubscription("closed").id);
    await harness.engine.idle();
    expect(harness.destination("closed").deletions).toEqual([]);
  });

  it("[EG-SUBSCRIPTION-DELETED] does not delay the stop of the engine", async () => {
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
