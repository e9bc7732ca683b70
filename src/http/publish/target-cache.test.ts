import { describe, expect, it } from "vitest";
import { desiredTopic } from "../../../test/support/fixtures/desired-resources.ts";
import type { TopicResource } from "../../core/resources/resources.ts";
import { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import { openMemoryStore } from "../../stores/memory/open-memory-store.ts";
import { cacheLatestTarget } from "./target-cache.ts";

const TOPIC = "Microsoft.EventGrid/topics";

function topic(name: string, uid: string): TopicResource {
  return { ...desiredTopic(name), uid, keys: { key1: "one", key2: "two" } };
}

describe("the cache of the latest target", () => {
  it("finds what the directory finds, whatever was looked for before", () => {
    const directory = new ResourceDirectory(openMemoryStore().resources);
    const targets = cacheLatestTarget(directory);
    const orders = topic("orders", "1");
    directory.apply({ id: orders.id, after: { resource: orders, etag: "1" } });
    for (let count = 0; count < 2; count += 1) {
      expect(targets.publishTargetByName(TOPIC, "orders")).toBe(orders);
      expect(targets.publishTargetByName("Microsoft.EventGrid/domains", "orders")).toBeUndefined();
      expect(targets.publishTargetByName(TOPIC, "others")).toBeUndefined();
    }
  });

  it.each([
    ["changes", { resource: topic("orders", "2"), etag: "2" }],
    ["is deleted", undefined],
  ])("does not return a topic as it was before it %s", (_what, after) => {
    const directory = new ResourceDirectory(openMemoryStore().resources);
    const targets = cacheLatestTarget(directory);
    const orders = topic("orders", "1");
    directory.apply({ id: orders.id, after: { resource: orders, etag: "1" } });
    expect(targets.publishTargetByName(TOPIC, "orders")).toBe(orders);
    directory.apply({ id: orders.id, after });
    expect(targets.publishTargetByName(TOPIC, "orders")).toBe(after?.resource);
  });

  it("finds a topic that is created after it was looked for", () => {
    const directory = new ResourceDirectory(openMemoryStore().resources);
    const targets = cacheLatestTarget(directory);
    expect(targets.publishTargetByName(TOPIC, "orders")).toBeUndefined();
    const orders = topic("orders", "1");
    directory.apply({ id: orders.id, after: { resource: orders, etag: "1" } });
    expect(targets.publishTargetByName(TOPIC, "orders")).toBe(orders);
  });
});
