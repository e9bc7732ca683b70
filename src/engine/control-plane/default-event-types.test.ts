import { describe, expect, it } from "vitest";
import { desiredSubscription, startEngineOfTest as start } from "../../../test/support/servers/engine-harness.ts";
import { topicTypeByName } from "../../core/catalogue/topic-types.ts";
import { resourceId, DEFAULT_SCOPE, storageAccountId, topicId } from "../../core/resources/resource-id.ts";
import type { DesiredSystemTopic } from "../../core/resources/resources.ts";
import type { Engine } from "../engine.ts";

const SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000";
const VAULT = resourceId(DEFAULT_SCOPE, "Microsoft.KeyVault/vaults", "vault");

function systemTopic(name: string, source: string, topicType: string): DesiredSystemTopic {
  return {
    id: resourceId(DEFAULT_SCOPE, "Microsoft.EventGrid/systemTopics", name),
    name,
    type: "Microsoft.EventGrid/systemTopics",
    location: "local",
    properties: { source, topicType },
  };
}

async function eventTypesOf(
  { controlPlane }: Engine,
  source: string,
  includedEventTypes?: readonly string[],
): Promise<readonly string[] | undefined> {
  const filter = includedEventTypes === undefined ? {} : { includedEventTypes };
  const { resource } = await controlPlane.put(desiredSubscription("handler", { filter }, source));
  if (resource.type !== "Microsoft.EventGrid/eventSubscriptions") throw new Error("no subscription");
  return resource.properties.filter.includedEventTypes;
}

describe("a subscription without event types", () => {
  it("[EG-DEFAULT-EVENT-TYPES] gets the default set of its source", async () => {
    const { engine } = await start();
    const blobs = ["Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobDeleted"];
    expect(await eventTypesOf(engine, storageAccountId("account"))).toEqual(blobs);
    expect(await eventTypesOf(engine, storageAccountId("account"), [])).toEqual(blobs);
    expect(await eventTypesOf(engine, VAULT)).toEqual(topicTypeByName("Microsoft.KeyVault.vaults")?.eventTypes);
    expect(await eventTypesOf(engine, topicId("orders"))).toBeUndefined();
  });

  it("[EG-DEFAULT-EVENT-TYPES] is not changed if it names event types", async () => {
    const { engine } = await start();
    expect(await eventTypesOf(engine, storageAccountId("account"), ["All"])).toEqual(["All"]);
    const renamed = ["Microsoft.Storage.BlobRenamed"];
    expect(await eventTypesOf(engine, storageAccountId("account"), renamed)).toEqual(renamed);
  });

  it("[EG-DEFAULT-EVENT-TYPES] gets the sets of all system topics of an Azure subscription", async () => {
    const { engine } = await start();
    await engine.controlPlane.put(systemTopic("policies", SUBSCRIPTION, "Microsoft.PolicyInsights.PolicyStates"));
    expect(await eventTypesOf(engine, SUBSCRIPTION)).toEqual([
      "Microsoft.PolicyInsights.PolicyStateCreated",
      "Microsoft.PolicyInsights.PolicyStateChanged",
      "Microsoft.PolicyInsights.PolicyStateDeleted",
    ]);
  });

  it("[EG-DEFAULT-EVENT-TYPES] gets the set of resource management if the Azure subscription has no system topic", async () => {
    const { engine } = await start();
    expect(await eventTypesOf(engine, SUBSCRIPTION)).toContain("Microsoft.Resources.ResourceWriteSuccess");
  });

  it("stays while another system topic carries the events of its source", async () => {
    const { engine } = await start();
    const [policies, resources] = [
      systemTopic("policies", SUBSCRIPTION, "Microsoft.PolicyInsights.PolicyStates"),
      systemTopic("resources", SUBSCRIPTION, "Microsoft.Resources.Subscriptions"),
    ];
    await engine.controlPlane.put(policies);
    await engine.controlPlane.put(resources);
    await eventTypesOf(engine, SUBSCRIPTION);
    await engine.controlPlane.delete(policies.id);
    expect(engine.directory.subscriptionCountOf(SUBSCRIPTION)).toBe(1);
    await engine.controlPlane.delete(resources.id);
    expect(engine.directory.subscriptionCountOf(SUBSCRIPTION)).toBe(0);
  });
});
