import { describe, expect, it } from "vitest";
import { desiredSubscription, startEngineOfTest as start } from "../../../test/support/servers/engine-harness.ts";
import { resourceId, DEFAULT_SCOPE, storageAccountId } from "../../core/resources/resource-id.ts";
import type { DesiredSystemTopic } from "../../core/resources/resources.ts";

const source = storageAccountId("photos");
const systemTopic = (name: string): DesiredSystemTopic => ({
  id: resourceId(DEFAULT_SCOPE, "Microsoft.EventGrid/systemTopics", name),
  name,
  type: "Microsoft.EventGrid/systemTopics",
  location: "local",
  properties: { source, topicType: "Microsoft.Storage.StorageAccounts" },
});

describe("a system topic", () => {
  it("[EG-SYSTEM-TOPIC-IMPLICIT] is made by the first subscription to a source, and goes with the last", async () => {
    const { controlPlane, directory } = (await start()).engine;
    const names = ["one", "two", "three"];
    await Promise.all(names.map((name) => controlPlane.put(desiredSubscription(name, {}, source))));
    expect(directory.systemTopicsOf(source)).toMatchObject([
      {
        name: expect.stringMatching(/^photos-[\da-f]{8}-[\da-f-]{27}$/),
        implicit: true,
        properties: { source, topicType: "Microsoft.Storage.StorageAccounts" },
      },
    ]);
    const [first, ...others] = directory.subscriptionsOf(source);
    await controlPlane.delete(first?.id ?? "");
    expect(directory.systemTopicOf(source)).toBeDefined();
    for (const { id } of others) await controlPlane.delete(id);
    expect(directory.systemTopicOf(source)).toBeUndefined();
  });

  it.each([
    [
      "/subscriptions/s1",
      "Microsoft.Resources.Subscriptions",
      "global",
      "/subscriptions/s1/resourceGroups/Default-EventGrid",
    ],
    [
      "/subscriptions/s1/resourceGroups/g1",
      "Microsoft.Resources.ResourceGroups",
      "global",
      "/subscriptions/s1/resourceGroups/g1",
    ],
    [
      "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Maps/accounts/m1",
      "Microsoft.Maps.Accounts",
      "global",
      "/subscriptions/s1/resourceGroups/g1",
    ],
  ])("[EG-SYSTEM-TOPIC-IMPLICIT] of %s lies where Azure puts it", async (scope, topicType, location, group) => {
    const { controlPlane, directory } = (await start()).engine;
    await controlPlane.put(desiredSubscription("one", {}, scope));
    const made = directory.systemTopicOf(scope);
    expect(made).toMatchObject({ location, properties: { topicType } });
    expect(made?.id.startsWith(`${group}/providers/Microsoft.EventGrid/systemTopics/`)).toBe(true);
  });

  it("[EG-SYSTEM-TOPIC-IMPLICIT] made explicitly, stays without subscriptions", async () => {
    const { controlPlane, directory } = (await start()).engine;
    await controlPlane.put(systemTopic("mine"));
    const { resource } = await controlPlane.put(desiredSubscription("one", {}, source));
    expect(directory.systemTopicsOf(source).map(({ name }) => name)).toEqual(["mine"]);
    await controlPlane.delete(resource.id);
    expect(directory.systemTopicOf(source)?.name).toBe("mine");
  });

  it("[EG-SYSTEM-TOPIC-SOURCE] is the only one of its source", async () => {
    const { controlPlane, directory } = (await start()).engine;
    await controlPlane.put(systemTopic("mine"));
    await controlPlane.put(systemTopic("mine"));
    await expect(controlPlane.put(systemTopic("other"))).rejects.toMatchObject({
      code: "invalid_request",
      message: `There is an existing tracked system topic for the given source ${source}. Only one system topic is allowed per source.`,
    });
    await controlPlane.delete(systemTopic("mine").id);
    await controlPlane.put(systemTopic("other"));
    expect(directory.systemTopicOf(source)?.name).toBe("other");
  });

  it("[EG-SYSTEM-TOPIC-SOURCE] that the file declares replaces one that a subscription made", async () => {
    const { controlPlane, directory } = (await start()).engine;
    await controlPlane.put(desiredSubscription("one", {}, source));
    await expect(controlPlane.put(systemTopic("mine"))).rejects.toMatchObject({ code: "invalid_request" });
    await controlPlane.applyConfiguration([systemTopic("mine")]);
    expect(directory.systemTopicsOf(source).map(({ name }) => name)).toEqual(["mine"]);
    expect(directory.subscriptionsOf(source).map(({ name }) => name)).toEqual(["one"]);
  });

  it("[EG-SYSTEM-TOPIC-IMPLICIT] goes with its subscriptions when it is deleted", async () => {
    const { controlPlane, directory } = (await start()).engine;
    await controlPlane.put(desiredSubscription("one", {}, source));
    expect(await controlPlane.delete(directory.systemTopicOf(source)?.id ?? "")).toBe(true);
    expect(directory.subscriptionsOf(source)).toEqual([]);
    expect(directory.systemTopicOf(source)).toBeUndefined();
  });
});
