import { describe, expect, it } from "vitest";
import {
  desiredSubscription,
  makeEvent,
  startEngineOfTest as start,
} from "../../test/support/servers/engine-harness.ts";
import { deliveryQueueName } from "../core/delivery.ts";
import { topicId } from "../core/resources/resource-id.ts";
import type { EventSubscriptionResource } from "../core/resources/resources.ts";

describe("a store that nodes share", () => {
  it("delivers the first event of a subscription that becomes known after it", async () => {
    const harness = await start();
    const { store, clock, engine } = harness;
    const subscription = { ...desiredSubscription("late"), uid: "uid-of-late" } as EventSubscriptionResource;
    const to = [deliveryQueueName(subscription.uid)];
    await store.queue.enqueue([{ event: makeEvent().envelope, to }], clock.now());
    await engine.idle();
    await store.resources.put(subscription, { kind: "absent" });
    await engine.idle();
    expect(harness.destination("late").attempts).toHaveLength(1);
  });

  it("keeps resources that a configuration of another name declares", async () => {
    const { engine } = await start();
    const { controlPlane, directory } = engine;
    const names = (): string[] => directory.subscriptionsOf(topicId("orders")).map(({ name }) => name);
    await controlPlane.applyConfiguration([desiredSubscription("one"), desiredSubscription("both")], "first");
    await controlPlane.applyConfiguration([desiredSubscription("two"), desiredSubscription("both")], "second");
    await controlPlane.applyConfiguration([desiredSubscription("unnamed")]);
    expect(names().toSorted()).toEqual(["both", "one", "two", "unnamed"]);
    await controlPlane.applyConfiguration([], "first");
    expect(names().toSorted()).toEqual(["both", "two", "unnamed"]);
    await controlPlane.applyConfiguration([], "second");
    expect(names()).toEqual(["unnamed"]);
  });
});
