import { describe, expect, it } from "vitest";
import {
  desiredDomain,
  desiredSubscription,
  desiredTopic,
  makeEvent,
  startEngineOfTest as start,
  type EngineHarness,
} from "../../../test/support/servers/engine-harness.ts";
import { domainId, domainTopicId } from "../../core/resources/resource-id.ts";
import type { DesiredDomainTopic } from "../../core/resources/resources.ts";

const domain = domainId("shops");
const topic = (name: string): string => domainTopicId(domain, name);
const desiredDomainTopic = (name: string): DesiredDomainTopic => ({
  id: topic(name),
  name,
  type: "Microsoft.EventGrid/domains/topics",
  location: "local",
  properties: {},
});

async function publishTo(harness: EngineHarness, ...names: string[]): Promise<string[]> {
  const events = names.map((name) => makeEvent({ topic: topic(name) }, harness.clock.now()));
  await harness.engine.publish(domain, events);
  await harness.engine.idle();
  return events.map(({ envelope }) => envelope.id);
}

const received = (harness: EngineHarness, name: string): string[] =>
  harness.destination(name).attempts.flatMap(({ ids }) => ids);

const topicNames = (harness: EngineHarness): string[] =>
  harness.engine.directory.childrenOf(domain).map(({ name }) => name);

describe("a domain", () => {
  it("[EG-DOMAIN-SCOPE] routes events by topic, and all events to its own subscriptions", async () => {
    const harness = await start();
    const { controlPlane } = harness.engine;
    await controlPlane.put(desiredDomain());
    await controlPlane.put(desiredSubscription("all", {}, domain));
    await controlPlane.put(desiredSubscription("north", {}, topic("north")));
    const subjectBeginsWith = "elsewhere";
    await controlPlane.put(desiredSubscription("picky", { filter: { subjectBeginsWith } }, topic("north")));
    const [north = "", other = ""] = await publishTo(harness, "NORTH", "nobody-listens");
    expect(received(harness, "north")).toEqual([north]);
    expect(received(harness, "all").toSorted()).toEqual([north, other].toSorted());
    expect(received(harness, "picky")).toEqual([]);
  });

  it("[EG-DOMAIN-SCOPE] accepts events without subscriptions, and counts them as unmatched", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredDomain());
    await publishTo(harness, "a", "b");
    expect(harness.engineEvents.filter(({ kind }) => kind === "published")).toMatchObject([
      { topic: domain, events: 2, deliveries: 0, unmatched: 2 },
    ]);
  });

  it("[EG-DOMAIN-AUTO-CREATE] creates a topic with its first subscription, [EG-DOMAIN-AUTO-DELETE] and deletes it with its last", async () => {
    const harness = await start();
    const { controlPlane } = harness.engine;
    await controlPlane.put(desiredDomain());
    await controlPlane.put(desiredDomainTopic("by-hand"));
    const names = ["one", "two"];
    await Promise.all(names.map((name) => controlPlane.put(desiredSubscription(name, {}, topic("north")))));
    const byHand = await controlPlane.put(desiredSubscription("three", {}, topic("by-hand")));
    expect(topicNames(harness)).toEqual(["by-hand", "north"]);
    const [first, second] = harness.engine.directory.subscriptionsOf(topic("north"));
    await controlPlane.delete(first?.id ?? "");
    expect(topicNames(harness)).toContain("north");
    await controlPlane.delete(second?.id ?? "");
    expect(topicNames(harness)).toEqual(["by-hand"]);
    await controlPlane.delete(byHand.resource.id);
    expect(topicNames(harness)).toEqual([]);
  });

  it("[EG-DOMAIN-AUTO-CREATE] [EG-DOMAIN-AUTO-DELETE] can be set to do neither", async () => {
    const harness = await start();
    const { controlPlane } = harness.engine;
    const flags = { autoCreateTopicWithFirstSubscription: false, autoDeleteTopicWithLastSubscription: false };
    await controlPlane.put(desiredDomain("shops", flags));
    const desired = desiredSubscription("one", {}, topic("north"));
    await expect(controlPlane.put(desired)).rejects.toMatchObject({ code: "not_found" });
    expect(topicNames(harness)).toEqual([]);
    await controlPlane.put(desiredDomainTopic("north"));
    await controlPlane.put(desired);
    await controlPlane.delete(desired.id);
    expect(topicNames(harness)).toEqual(["north"]);
  });

  it("[EG-DOMAIN-DELETE] is deleted with its topics and subscriptions", async () => {
    const harness = await start();
    const { controlPlane, directory } = harness.engine;
    await controlPlane.put(desiredDomain());
    await controlPlane.put(desiredDomainTopic("empty"));
    await controlPlane.put(desiredSubscription("all", {}, domain));
    await controlPlane.put(desiredSubscription("north", {}, topic("north")));
    expect(await controlPlane.delete(domain)).toBe(true);
    expect(Array.from(directory.all(), ({ resource }) => resource.id)).toEqual([desiredTopic().id]);
    await expect(controlPlane.put(desiredSubscription("late", {}, topic("north")))).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(controlPlane.put(desiredDomainTopic("late"))).rejects.toMatchObject({ code: "not_found" });
  });

  it("[EG-SUBSCRIPTIONS-PER-TOPIC] has at most 50 subscriptions of its own", async () => {
    const { controlPlane } = (await start()).engine;
    await controlPlane.put(desiredDomain());
    const names = Array.from({ length: 50 }, (_unused, index) => `all-${index}`);
    await Promise.all(names.map((name) => controlPlane.put(desiredSubscription(name, {}, domain))));
    await expect(controlPlane.put(desiredSubscription("all-50", {}, domain))).rejects.toMatchObject({
      code: "conflict",
      message: "Quota limit reached: a domain has at most 50 event subscriptions.",
    });
    await controlPlane.put(desiredSubscription("all-50", {}, topic("north")));
  });

  it("[EG-SCHEMA-COMBINATION] determines the schema of its topics", async () => {
    const { controlPlane } = (await start()).engine;
    await controlPlane.put(desiredDomain("shops", { inputSchema: "CloudEventSchemaV1_0" }));
    await expect(controlPlane.put(desiredSubscription("one", {}, topic("north")))).rejects.toMatchObject({
      code: "invalid_request",
      message:
        'The specified EventDeliverySchema value "EventGridSchema" cannot be used in combination with the topic\'s input schema of CloudEventSchemaV1_0.',
    });
  });

  it.each(["x".repeat(129), "a b", "süd"])("[EG-DOMAIN-TOPIC-NAME] refuses a topic named %s", async (name) => {
    const { controlPlane, directory } = (await start()).engine;
    await controlPlane.put(desiredDomain());
    await expect(controlPlane.put(desiredDomainTopic(name))).rejects.toMatchObject({ code: "invalid_request" });
    const subscription = desiredSubscription("one", {}, topic(name));
    await expect(controlPlane.put(subscription)).rejects.toMatchObject({ code: "invalid_request" });
    expect(directory.subscriptionsOf(topic(name))).toEqual([]);
    await controlPlane.put(desiredDomainTopic("t1"));
  });
});

describe("keys", () => {
  it("[EG-KEY-REGENERATE] are regenerated one at a time, and the other one stays", async () => {
    let count = 0;
    const random = {
      next: () => 0,
      uuid: () => `uuid-${(count += 1)}`,
      secretBytes: (bytes: number) => new Uint8Array(bytes).fill((count += 1)),
    };
    const { controlPlane, directory } = (await start({ random })).engine;
    await controlPlane.put(desiredDomain());
    const before = directory.publishTarget(domain)?.keys;
    const after = await controlPlane.regenerateKey(domain, "key2");
    expect(after).toEqual({ key1: before?.key1, key2: expect.not.stringMatching(`^${before?.key2}$`) });
    expect(directory.publishTarget(domain)?.keys).toEqual(after);
    await expect(controlPlane.regenerateKey(topic("none"), "key1")).rejects.toMatchObject({ code: "not_found" });
  });
});
