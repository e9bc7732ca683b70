import { describe, expect, it } from "vitest";
import {
  desiredSubscription,
  makeEvent,
  startEngine,
  startEngineOfTest as start,
  type EngineHarness,
} from "../../../test/support/servers/engine-harness.ts";
import { eventSubscriptionId, topicId } from "../../core/resources/resource-id.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../core/time.ts";

describe("handshakes", () => {
  const id = eventSubscriptionId(topicId("orders"), "hook");
  const stateOf = (harness: EngineHarness) => {
    const resource = harness.engine.directory.get(id)?.resource;
    return resource?.type === "Microsoft.EventGrid/eventSubscriptions" ? resource.properties : undefined;
  };

  it("[EG-HANDSHAKE-STATES] goes from Creating to Succeeded when the endpoint consents", async () => {
    const harness = await start({ enforceHandshake: true });
    const stored = await harness.engine.controlPlane.put(desiredSubscription("hook"));
    expect(stored.resource.properties).toMatchObject({ provisioningState: "Creating" });
    await harness.fastForward(0);
    expect(stateOf(harness)).toMatchObject({ provisioningState: "Succeeded", handshake: { status: "validated" } });
  });

  it("deliver nothing before the endpoint has been asked", async () => {
    const harness = await start();
    let answer: (() => void) | undefined;
    harness.destination("hook").consent = () =>
      new Promise((resolve) => {
        answer = () => resolve({ kind: "failed", detail: "no" });
      });
    await harness.engine.controlPlane.put(desiredSubscription("hook"));
    await harness.publish(makeEvent({}, harness.clock.now()));
    await new Promise((resolve) => setImmediate(resolve));
    expect(harness.destination("hook").attempts).toHaveLength(0);
    answer?.();
    await harness.engine.quiesce();
    expect(harness.destination("hook").attempts).toHaveLength(1);
  });

  it("[EG-HANDSHAKE-MANUAL] [EG-HANDSHAKE-STATES] is completed by the validation URL", async () => {
    const harness = await start({ enforceHandshake: true });
    harness.destination("hook").consent = () => ({ kind: "awaiting-manual-action", detail: "no code" });
    await harness.engine.controlPlane.put(desiredSubscription("hook"));
    await harness.fastForward(0);
    expect(stateOf(harness)?.provisioningState).toBe("AwaitingManualAction");
    const code = harness.destination("hook").handshakes[0]?.validationCode ?? "";
    expect(await harness.engine.handshakes.confirm("hook", "another")).toBe("unknown");
    expect(await harness.engine.handshakes.confirm("other", code)).toBe("unknown");
    expect(await harness.engine.handshakes.confirm("hook", code)).toBe("validated");
    expect(stateOf(harness)?.provisioningState).toBe("Succeeded");
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.engine.idle();
    expect(harness.destination("hook").attempts).toHaveLength(1);
  });

  it("[EG-HANDSHAKE-WINDOW] fails without consent within ten minutes", async () => {
    const harness = await start({ enforceHandshake: true });
    harness.destination("hook").consent = () => ({ kind: "awaiting-manual-action", detail: "no code" });
    await harness.engine.controlPlane.put(desiredSubscription("hook"));
    await harness.fastForward(10 * MINUTE_MS);
    expect(stateOf(harness)?.provisioningState).toBe("AwaitingManualAction");
    await harness.fastForward(SECOND_MS);
    expect(stateOf(harness)?.provisioningState).toBe("Failed");
    const code = harness.destination("hook").handshakes[0]?.validationCode ?? "";
    expect(await harness.engine.handshakes.confirm("hook", code)).toBe("expired");
  });

  it("[EG-HANDSHAKE-RETRY] tries three times, five seconds apart, and again on request", async () => {
    const harness = await start({ enforceHandshake: true });
    harness.destination("hook").consent = () => ({ kind: "failed", detail: "refused" });
    const startedAt = harness.clock.now();
    await harness.engine.controlPlane.put(desiredSubscription("hook"));
    await harness.fastForward(HOUR_MS);
    expect(harness.destination("hook").handshakes.map(({ now }) => now - startedAt)).toEqual([0, 5_000, 10_000]);
    expect(stateOf(harness)).toMatchObject({ provisioningState: "Failed", handshake: { detail: "refused" } });
    harness.destination("hook").consent = () => ({ kind: "validated", detail: "ok" });
    await harness.engine.handshakes.rerun(id);
    await harness.fastForward(0);
    expect(stateOf(harness)?.provisioningState).toBe("Succeeded");
  });

  it("[EG-HANDSHAKE-RETRY] waits for many endpoints at once without a warning from Node", async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on("warning", warn);
    const harness = await start({ enforceHandshake: true });
    for (let count = 1; count <= 15; count += 1) {
      harness.destination(`hook${count}`).consent = () => ({ kind: "failed", detail: "refused" });
      await harness.engine.controlPlane.put(desiredSubscription(`hook${count}`));
    }
    await harness.fastForward(HOUR_MS);
    expect(harness.destination("hook15").handshakes).toHaveLength(3);
    // Node emits warnings in a later turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", warn);
    expect(warnings).toEqual([]);
  });

  it("[EG-HANDSHAKE-UPDATE] starts again if the subscription changes, but not if it is written unchanged", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("hook"));
    await harness.fastForward(0);
    await harness.engine.controlPlane.put(desiredSubscription("hook"));
    await harness.fastForward(0);
    expect(harness.destination("hook").handshakes).toHaveLength(1);
    await harness.engine.controlPlane.put(desiredSubscription("hook", { labels: ["new"] }));
    await harness.fastForward(0);
    expect(harness.destination("hook").handshakes).toHaveLength(2);
  });

  it.each([
    ["refuses", { kind: "failed", detail: "It answered 404." }, "failed"],
    ["answers without the code", { kind: "awaiting-manual-action", detail: "No code." }, "awaiting-manual-action"],
  ] as const)(
    "[EG-HANDSHAKE-DEV] is Succeeded from the start if consent is not enforced and the endpoint %s",
    async (_how, outcome, status) => {
      const harness = await start();
      const states: unknown[] = [];
      harness.engine.directory.onChange((_before, after) => {
        if (after?.type === "Microsoft.EventGrid/eventSubscriptions") states.push(after.properties.provisioningState);
      });
      harness.destination("hook").consent = () => outcome;
      await harness.engine.controlPlane.put(desiredSubscription("hook"));
      await harness.fastForward(HOUR_MS);
      await harness.engine.handshakes.rerun(id);
      await harness.fastForward(HOUR_MS);
      await harness.engine.controlPlane.put(desiredSubscription("hook", { labels: ["new"] }));
      await harness.fastForward(0);
      expect(new Set(states)).toEqual(new Set(["Succeeded"]));
      expect(stateOf(harness)?.handshake).toMatchObject({ status, detail: outcome.detail });
      expect(harness.engine.handshakes.counts()).toMatchObject({ validated: 0, [status]: 1 });
      await harness.publish(makeEvent({}, harness.clock.now()));
      await harness.engine.idle();
      expect(harness.destination("hook").attempts).toHaveLength(1);
    },
  );

  it("[EG-HANDSHAKE-DEV] does not count as consent after a restart that enforces it", async () => {
    const before = await startEngine();
    before.destination("hook").consent = () => ({ kind: "awaiting-manual-action", detail: "No code." });
    await before.engine.controlPlane.put(desiredSubscription("hook"));
    await before.engine.idle();
    await before.stop();

    const harness = await start({ enforceHandshake: true, store: before.store });
    harness.engine.handshakes.resume();
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.fastForward(0);
    expect(stateOf(harness)?.provisioningState).toBe("AwaitingManualAction");
    expect(harness.destination("hook").attempts).toHaveLength(0);
    await harness.engine.controlPlane.delete(id);
    await harness.engine.idle();
    expect(harness.destination("hook").deletions).toEqual([]);
  });

  it("[EG-HANDSHAKE-DEV] completes pending and failed handshakes after a restart that does not enforce consent", async () => {
    const before = await startEngine({ enforceHandshake: true });
    before.destination("hook").consent = () => ({ kind: "failed", detail: "refused" });
    await before.engine.controlPlane.put(desiredSubscription("hook"));
    await before.fastForward(MINUTE_MS);
    await before.stop();

    const harness = await start({ store: before.store });
    harness.destination("hook").consent = () => ({ kind: "failed", detail: "refused still" });
    expect(stateOf(harness)?.provisioningState).toBe("Failed");
    harness.engine.handshakes.resume();
    await harness.fastForward(0);
    expect(stateOf(harness)).toMatchObject({ provisioningState: "Succeeded", handshake: { detail: "refused still" } });
  });

  it("[EG-HANDSHAKE-URL] has a validation URL until consent has been given or the window has ended", async () => {
    const harness = await start();
    harness.destination("hook").consent = () => ({ kind: "failed", detail: "refused" });
    const { handshakes, directory } = harness.engine;
    const shown = (): string | undefined => {
      const resource = directory.get(id)?.resource;
      return resource?.type === "Microsoft.EventGrid/eventSubscriptions"
        ? handshakes.validationUrl(resource)
        : undefined;
    };
    await harness.engine.controlPlane.put(desiredSubscription("hook"));
    await harness.fastForward(MINUTE_MS);
    const code = harness.destination("hook").handshakes[0]?.validationCode ?? "";
    expect(shown()).toBe(`http://ringmain/eventsubscriptions/hook/validate?id=${code}`);
    await harness.fastForward(10 * MINUTE_MS);
    expect(shown()).toBeUndefined();
    await handshakes.rerun(id);
    await harness.fastForward(0);
    expect(shown()).toContain("/eventsubscriptions/hook/validate?id=");
    await handshakes.confirm("hook", harness.destination("hook").handshakes.at(-1)?.validationCode ?? "");
    expect(shown()).toBeUndefined();
  });

  it("[EG-HANDSHAKE-SKIP] is not needed for functions", async () => {
    const harness = await start();
    const resourceId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/app/functions/f";
    const destination = { endpointType: "AzureFunction", properties: { resourceId } } as const;
    await harness.engine.controlPlane.put(desiredSubscription("hook", { destination }));
    await harness.fastForward(0);
    expect(harness.destination("hook").handshakes).toEqual([]);
    expect(stateOf(harness)?.provisioningState).toBe("Succeeded");
  });
});
