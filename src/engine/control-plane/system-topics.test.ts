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
  it("[EG-SYSTEM-TOPIC-IMPLICIT] is created by the first subscription to a source, and deleted with the last", async () => {
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
  ])(
    "[EG-SYSTEM-TOPIC-IMPLICIT] of %s is created where Azure creates it",
    async (scope, topicType, location, group) => {
      const { controlPlane, directory } = (await start()).engine;
      await controlPlane.put(desiredSubscription("one", {}, scope));
      const created = directory.systemTopicOf(scope);
      expect(created).toMatchObject({ location, properties: { topicType } });
      expect(created?.id.startsWith(`${group}/providers/Microsoft.EventGrid/systemTopics/`)).toBe(true);
    },
  );

  it("[EG-SYSTEM-TOPIC-IMPLICIT] stays without subscriptions if it was created explicitly", async () => {
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

  it("[EG-SYSTEM-TOPIC-SOURCE] that the configuration file declares replaces one that a subscription created", async () => {
    const { controlPlane, directory } = (await start()).engine;
    await controlPlane.put(desiredSubscription("one", {}, source));
    await expect(controlPlane.put(systemTopic("mine"))).rejects.toMatchObject({ code: "invalid_request" });
    await controlPlane.applyConfiguration([systemTopic("mine")]);
    expect(directory.systemTopicsOf(source).map(({ name }) => name)).toEqual(["mine"]);
    expect(directory.subscriptionsOf(source).map(({ name }) => name)).toEqual(["one"]);
  });

  it("[EG-SYSTEM-TOPIC-IMPLICIT] is deleted together with its subscriptions", async () => {
    const { controlPlane, directory } = (await start()).engine;
    await controlPlane.put(desiredSubscription("one", {}, source));
    expect(await controlPlane.delete(directory.systemTopicOf(source)?.id ?? "")).toBe(true);
    expect(directory.subscriptionsOf(source)).toEqual([]);
    expect(directory.systemTopicOf(source)).toBeUndefined();
  });
});
