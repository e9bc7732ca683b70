import { describe, expect, it } from "vitest";
import {
  desiredSubscription,
  desiredTopic,
  failed,
  makeEvent,
  startEngineOfTest as start,
} from "../../../test/support/servers/engine-harness.ts";
import { storageAccountId, topicId } from "../../core/resources/resource-id.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_unused, index) => `many-${index}`);

describe("the control plane", () => {
  it("refuses violations of the rules, with every problem in one message", async () => {
    const { controlPlane, directory } = (await start()).engine;
    const retryPolicy = { maxDeliveryAttempts: 0, eventTimeToLiveInMinutes: 9_999 };
    await expect(controlPlane.put(desiredSubscription("bad", { retryPolicy }))).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringMatching(/maxDeliveryAttempts .* eventTimeToLiveInMinutes /),
    });
    expect(directory.subscriptionsOf(topicId("orders"))).toEqual([]);
    await expect(controlPlane.put(desiredTopic("no"))).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("[EG-SCHEMA-COMBINATION] knows the schema of the subscription's topic", async () => {
    const { controlPlane } = (await start()).engine;
    await controlPlane.put({ ...desiredTopic("clouds"), properties: { inputSchema: "CloudEventSchemaV1_0" } });
    const toEventGrid = desiredSubscription("handler", {}, topicId("clouds"));
    await expect(controlPlane.put(toEventGrid)).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("topic's input schema of CloudEventSchemaV1_0"),
    });
    const source = storageAccountId("account");
    const custom = desiredSubscription("handler", { eventDeliverySchema: "CustomInputSchema" }, source);
    await expect(controlPlane.put(custom)).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("[EG-SOURCE-EXISTS] accepts subscriptions to topics that exist, and to any other resource", async () => {
    const { controlPlane } = (await start()).engine;
    await expect(controlPlane.put(desiredSubscription("handler", {}, topicId("missing")))).rejects.toMatchObject({
      code: "not_found",
    });
    await controlPlane.put(desiredSubscription("handler", {}, topicId("ORDERS")));
    await controlPlane.put(desiredSubscription("handler", {}, storageAccountId("account")));
  });

  it("[EG-SUBSCRIPTIONS-PER-TOPIC] counts subscriptions that are created at the same time", async () => {
    const { controlPlane, directory } = (await start()).engine;
    const results = await Promise.allSettled(names(501).map((name) => controlPlane.put(desiredSubscription(name))));
    expect(results.filter(({ status }) => status === "rejected")).toMatchObject([{ reason: { code: "conflict" } }]);
    expect(directory.subscriptionCountOf(topicId("orders"))).toBe(500);
    await controlPlane.put(desiredSubscription("many-1", { labels: ["changed"] }));
    await controlPlane.delete(desiredSubscription("many-2").id);
    await controlPlane.put(desiredSubscription("instead"));
    await expect(controlPlane.put(desiredSubscription("one-more"))).rejects.toMatchObject({ code: "conflict" });
  });

  it("[EG-SUBSCRIPTIONS-PER-TOPIC] accepts more with relaxed limits", async () => {
    const { controlPlane, directory } = (await start({ relaxedLimits: true })).engine;
    await controlPlane.applyConfiguration(names(600).map((name) => desiredSubscription(name)));
    expect(directory.subscriptionCountOf(topicId("orders"))).toBe(600);
  });

  it("creates topics before their subscriptions, in any order of the configuration", async () => {
    const { controlPlane, directory } = (await start()).engine;
    await controlPlane.applyConfiguration([desiredSubscription("first", {}, topicId("later")), desiredTopic("later")]);
    expect(directory.subscriptionCountOf(topicId("later"))).toBe(1);
  });

  it("[EG-SUBSCRIPTION-EXPIRY] deletes a subscription when it expires, with its waiting deliveries", async () => {
    const harness = await start();
    const { engine, clock } = harness;
    const expirationTimeUtc = new Date(clock.now() + 60_000).toISOString();
    await engine.controlPlane.put(desiredSubscription("short", { expirationTimeUtc }));
    const { resource } = await engine.controlPlane.put(desiredSubscription("long"));
    const later = { expirationTimeUtc: new Date(clock.now() + 120_000).toISOString() };
    await engine.controlPlane.put(desiredSubscription("longer", later));
    await engine.controlPlane.put(desiredSubscription("longer", { expirationTimeUtc }));
    harness.destination("short").answer = () => failed(500);
    await harness.publish(makeEvent({}, clock.now()));
    await harness.fastForward(60_000);
    expect(engine.directory.subscriptionsOf(topicId("orders")).map(({ id }) => id)).toEqual([resource.id]);
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
  });

  it("[EG-SUBSCRIPTION-EXPIRY] refuses an expiration time in the past", async () => {
    const harness = await start();
    const expirationTimeUtc = new Date(harness.clock.now() - 1).toISOString();
    const late = harness.engine.controlPlane.put(desiredSubscription("late", { expirationTimeUtc }));
    await expect(late).rejects.toMatchObject({ code: "invalid_request" });
  });
});
