import type { EventGridManagementClient, EventSubscription } from "@azure/arm-eventgrid";
import { AzureKeyCredential, EventGridPublisherClient } from "@azure/eventgrid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLineLogger, type LogLine } from "../../src/app/system/line-logger.ts";
import { DEFAULT_SUBSCRIPTION_ID, storageAccountId } from "../../src/core/resources/resource-id.ts";
import { startTestRingmain, type TestRingmain } from "../../src/testing/index.ts";
import { all, armClient } from "../support/clients/arm-client.ts";
import { Receiver } from "../support/servers/receiver.ts";

const GROUP = "ringmain";
const scope = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/${GROUP}/providers/Microsoft.EventGrid`;

describe("@azure/arm-eventgrid, unmodified", () => {
  let receiver: Receiver;
  let ringmain: TestRingmain;
  let client: EventGridManagementClient;
  const warnings: LogLine[] = [];
  const webhook = (extra: Partial<EventSubscription> = {}): EventSubscription => ({
    destination: { endpointType: "WebHook", endpointUrl: `${receiver.url}?code=secret` },
    ...extra,
  });

  beforeAll(async () => {
    receiver = await Receiver.start();
    ringmain = await startTestRingmain({ logger: createLineLogger("warn", (line) => warnings.push(line)) });
    client = armClient(ringmain.http);
  });

  afterAll(async () => {
    await ringmain.stop();
    await receiver.stop();
    // Every body that the SDK sends is understood completely.
    expect(warnings.filter(({ event }) => event.startsWith("members_"))).toEqual([]);
  });

  it("[ARM-STATUS] [ARM-ENDPOINT] creates, changes, lists and deletes a topic, and publishes to its endpoint", async () => {
    const created = await client.topics.beginCreateOrUpdateAndWait(GROUP, "orders", { location: "West US 2" });
    expect(created).toMatchObject({ name: "orders", location: "westus2", inputSchema: "EventGridSchema" });
    expect(created.id).toBe(`${scope}/topics/orders`);
    await client.topics.beginUpdateAndWait(GROUP, "orders", { tags: { team: "a" }, publicNetworkAccess: "enabled" });
    const read = await client.topics.get(GROUP, "orders");
    expect(read).toMatchObject({ tags: { team: "a" }, publicNetworkAccess: "Enabled", provisioningState: "Succeeded" });
    const names = async (): Promise<unknown[]> =>
      (await all(client.topics.listByResourceGroup(GROUP))).map(({ name }) => name);
    expect(await names()).toEqual(["orders"]);
    expect(await all(client.topics.listBySubscription())).toHaveLength(1);

    await client.topicEventSubscriptions.beginCreateOrUpdateAndWait(GROUP, "orders", "billing", webhook());
    const { key1 = "" } = await client.topics.listSharedAccessKeys(GROUP, "orders");
    const publisher = new EventGridPublisherClient(read.endpoint ?? "", "EventGrid", new AzureKeyCredential(key1), {
      allowInsecureConnection: true,
    });
    await publisher.send([{ eventType: "Made", subject: "orders/1", dataVersion: "1.0", data: {} }]);
    await receiver.until(() => receiver.events.some(({ eventType }) => eventType === "Made"));

    const keys = await client.topics.beginRegenerateKeyAndWait(GROUP, "orders", { keyName: "key1" });
    expect(keys.key1).not.toBe(key1);
    expect(await all(client.topics.listEventTypes(GROUP, "Microsoft.EventGrid", "topics", "orders"))).toEqual([]);
    await client.topics.beginDeleteAndWait(GROUP, "orders");
    expect(await names()).toEqual([]);
    await expect(client.topics.get(GROUP, "orders")).rejects.toMatchObject({
      statusCode: 404,
      code: "ResourceNotFound",
    });
    await client.topics.beginDeleteAndWait(GROUP, "orders");
  });

  it("[ARM-TWO-PATHS] finds one subscription below its topic and through the topic's path", async () => {
    await client.topics.beginCreateOrUpdateAndWait(GROUP, "pairs", { location: "local" });
    const topicId = `${scope}/topics/pairs`;
    await client.eventSubscriptions.beginCreateOrUpdateAndWait(topicId, "one", webhook({ labels: ["l"] }));
    const nested = await client.topicEventSubscriptions.get(GROUP, "pairs", "one");
    const extension = await client.eventSubscriptions.get(topicId, "one");
    expect(nested).toMatchObject({
      id: `${topicId}/eventSubscriptions/one`,
      type: "Microsoft.EventGrid/topics/eventSubscriptions",
      labels: ["l"],
    });
    expect(extension).toMatchObject({
      id: `${topicId}/providers/Microsoft.EventGrid/eventSubscriptions/one`,
      type: "Microsoft.EventGrid/eventSubscriptions",
      labels: ["l"],
      topic: topicId.replace("Microsoft.EventGrid", "microsoft.eventgrid"),
    });
    expect(await all(client.topicEventSubscriptions.list(GROUP, "pairs"))).toHaveLength(1);
    expect(
      await all(client.eventSubscriptions.listByResource(GROUP, "Microsoft.EventGrid", "topics", "pairs")),
    ).toHaveLength(1);
    await client.topicEventSubscriptions.beginDeleteAndWait(GROUP, "pairs", "one");
    await expect(client.eventSubscriptions.get(topicId, "one")).rejects.toMatchObject({ code: "ResourceNotFound" });
  });

  it("[ARM-LRO] waits for a webhook's handshake in production, and gets its failure", async () => {
    const adminKey = "the-key-of-an-operator";
    await using strict = await startTestRingmain({
      config: { mode: "production", adminKey, topics: [{ name: "waits" }], delivery: { allowedHosts: ["127.0.0.1"] } },
    });
    const { eventSubscriptions } = armClient(strict.http, DEFAULT_SUBSCRIPTION_ID, adminKey);
    const id = `${scope}/topics/waits`;
    const poller = await eventSubscriptions.beginCreateOrUpdate(id, "good", webhook());
    expect(await poller.pollUntilDone()).toMatchObject({ name: "good", provisioningState: "Succeeded" });
    const refusing = webhook({ destination: { endpointType: "WebHook", endpointUrl: `${strict.http}/nowhere` } });
    const refused = await eventSubscriptions.beginCreateOrUpdate(id, "bad", refusing);
    await strict.quiesce();
    for (let tries = 0; tries < 3; tries += 1) await strict.fastForward(10_000);
    await expect(refused.pollUntilDone()).rejects.toThrow(/Url validation/);
    expect(await eventSubscriptions.get(id, "bad")).toMatchObject({ provisioningState: "Failed" });
  });

  it("[ARM-SECRET] [ARM-PATCH-FLAT] [ARM-PATCH-SECRET] hides secrets, and keeps them when a resource changes", async () => {
    await client.topics.beginCreateOrUpdateAndWait(GROUP, "secrets", { location: "local" });
    const id = `${scope}/topics/secrets`;
    await client.eventSubscriptions.beginCreateOrUpdateAndWait(
      id,
      "one",
      webhook({
        destination: {
          endpointType: "WebHook",
          endpointUrl: `${receiver.url}?code=secret`,
          deliveryAttributeMappings: [
            { type: "Static", name: "X-Key", value: "hush", isSecret: true },
            { type: "Dynamic", name: "X-Id", sourceField: "data.id" },
          ],
        },
      }),
    );
    const read = await client.eventSubscriptions.get(id, "one");
    expect(JSON.stringify(read)).not.toMatch(/hush|secret"|code=/);
    expect(read.destination).toMatchObject({ endpointBaseUrl: receiver.url, maxEventsPerBatch: 1 });
    const { destination = { endpointType: "WebHook" as const } } = read;
    await client.eventSubscriptions.beginUpdateAndWait(id, "one", {
      destination,
      filter: { subjectBeginsWith: "/a" },
    });
    expect(await client.eventSubscriptions.getFullUrl(id, "one")).toEqual({
      endpointUrl: `${receiver.url}?code=secret`,
    });
    expect((await client.eventSubscriptions.getDeliveryAttributes(id, "one")).value).toMatchObject([
      { name: "X-Key", value: "hush" },
      { name: "X-Id", sourceField: "data.id" },
    ]);
    expect((await client.eventSubscriptions.get(id, "one")).filter).toMatchObject({ subjectBeginsWith: "/a" });
  });

  it("[ARM-ENDPOINT] manages domains, their topics and their subscriptions, and publishes to a domain", async () => {
    const domain = await client.domains.beginCreateOrUpdateAndWait(GROUP, "area", { location: "local" });
    expect(domain).toMatchObject({ autoCreateTopicWithFirstSubscription: true, inputSchema: "EventGridSchema" });
    await client.domains.beginUpdateAndWait(GROUP, "area", { tags: { a: "b" }, disableLocalAuth: true });
    expect(await client.domains.get(GROUP, "area")).toMatchObject({ tags: { a: "b" }, disableLocalAuth: true });
    expect(await client.domainTopics.beginCreateOrUpdateAndWait(GROUP, "area", "north")).toMatchObject({
      id: `${scope}/domains/area/topics/north`,
      provisioningState: "Succeeded",
    });
    expect(await all(client.domainTopics.listByDomain(GROUP, "area"))).toHaveLength(1);
    await client.domainEventSubscriptions.beginCreateOrUpdateAndWait(GROUP, "area", "every", webhook());
    await client.domainTopicEventSubscriptions.beginCreateOrUpdateAndWait(GROUP, "area", "north", "some", webhook());
    expect(await all(client.domainEventSubscriptions.list(GROUP, "area"))).toMatchObject([{ name: "every" }]);
    expect(await all(client.domainTopicEventSubscriptions.list(GROUP, "area", "north"))).toMatchObject([
      { name: "some", type: "Microsoft.EventGrid/domains/topics/eventSubscriptions" },
    ]);
    expect(await all(client.eventSubscriptions.listByDomainTopic(GROUP, "area", "north"))).toHaveLength(1);
    const { key1 = "", key2 } = await client.domains.listSharedAccessKeys(GROUP, "area");
    await client.domains.beginUpdateAndWait(GROUP, "area", { disableLocalAuth: false });
    const publisher = new EventGridPublisherClient(domain.endpoint ?? "", "EventGrid", new AzureKeyCredential(key1), {
      allowInsecureConnection: true,
    });
    await publisher.send([{ topic: "north", eventType: "Domain", subject: "s", dataVersion: "1.0", data: {} }]);
    await receiver.until(() => receiver.events.filter(({ eventType }) => eventType === "Domain").length === 2);
    expect(await client.domains.regenerateKey(GROUP, "area", { keyName: "key2" })).toMatchObject({ key1 });
    expect((await client.domains.listSharedAccessKeys(GROUP, "area")).key2).not.toBe(key2);
    await client.domainTopics.beginDeleteAndWait(GROUP, "area", "north");
    await client.domains.beginDeleteAndWait(GROUP, "area");
    await expect(client.domains.get(GROUP, "area")).rejects.toMatchObject({ statusCode: 404 });
  });

  it("manages system topics, whose subscriptions belong to their sources", async () => {
    const source = storageAccountId("account");
    const topicType = "Microsoft.Storage.StorageAccounts";
    const created = await client.systemTopics.beginCreateOrUpdateAndWait(GROUP, "blobs", {
      location: "local",
      source,
      topicType,
    });
    expect(created).toMatchObject({ source, topicType, provisioningState: "Succeeded" });
    await client.systemTopics.beginUpdateAndWait(GROUP, "blobs", { tags: { a: "b" } });
    await client.systemTopicEventSubscriptions.beginCreateOrUpdateAndWait(GROUP, "blobs", "copy", webhook());
    expect(await client.eventSubscriptions.get(source, "copy")).toMatchObject({
      id: `${source}/providers/Microsoft.EventGrid/eventSubscriptions/copy`,
    });
    expect(await all(client.systemTopicEventSubscriptions.listBySystemTopic(GROUP, "blobs"))).toHaveLength(1);
    expect(await client.extensionTopics.get(source)).toMatchObject({ systemTopic: created.id });
    await client.systemTopicEventSubscriptions.beginDeleteAndWait(GROUP, "blobs", "copy");
    await client.systemTopics.beginDeleteAndWait(GROUP, "blobs");
  });

  it("[ARM-SUBSCRIPTION-LISTS] lists subscriptions by group, Azure subscription, region and topic type", async () => {
    const group = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/${GROUP}`;
    await client.topics.beginCreateOrUpdateAndWait(GROUP, "listed", { location: "westeurope" });
    await client.eventSubscriptions.beginCreateOrUpdateAndWait(`${scope}/topics/listed`, "regional", webhook());
    await client.eventSubscriptions.beginCreateOrUpdateAndWait(group, "of-group", webhook());
    const topicType = "Microsoft.EventGrid.Topics";
    const groupType = "Microsoft.Resources.ResourceGroups";
    const lists = client.eventSubscriptions;
    const names = async (list: AsyncIterable<EventSubscription>): Promise<unknown[]> =>
      (await all(list)).map(({ name }) => name).filter((name) => name === "regional" || name === "of-group");
    expect(await names(lists.listGlobalBySubscription())).toEqual(["of-group"]);
    expect(await names(lists.listGlobalByResourceGroup(GROUP))).toEqual(["of-group"]);
    expect(await names(lists.listGlobalBySubscriptionForTopicType(groupType))).toEqual(["of-group"]);
    expect(await names(lists.listGlobalByResourceGroupForTopicType(GROUP, groupType))).toEqual(["of-group"]);
    expect(await names(lists.listRegionalBySubscription("westeurope"))).toEqual(["regional"]);
    expect(await names(lists.listRegionalBySubscription("eastus"))).toEqual([]);
    expect(await names(lists.listRegionalByResourceGroup(GROUP, "West Europe"))).toEqual(["regional"]);
    expect(await names(lists.listRegionalBySubscriptionForTopicType("westeurope", topicType))).toEqual(["regional"]);
    expect(await names(lists.listRegionalByResourceGroupForTopicType(GROUP, "westeurope", groupType))).toEqual([]);
  });

  it("[ARM-LIST] [ARM-FILTER] pages through a list, filtered", async () => {
    for (const name of ["page-a", "page-b", "page-c", "other"]) {
      await client.topics.beginCreateOrUpdateAndWait(GROUP, name, { location: "local" });
    }
    const pages: string[][] = [];
    const filter = "contains(name,'PAGE-') and not (name eq 'page-b')";
    for await (const page of client.topics.listByResourceGroup(GROUP, { filter, top: 1 }).byPage()) {
      pages.push(page.map(({ name = "" }) => name));
    }
    expect(pages).toEqual([["page-a"], ["page-c"]]);
  });

  it("[ARM-VERIFIED-PARTNERS] manages partners from registration to an activated topic", async () => {
    const registration = await client.partnerRegistrations.beginCreateOrUpdateAndWait(GROUP, "partner", {
      location: "global",
    });
    const partnerRegistrationImmutableId = registration.partnerRegistrationImmutableId ?? "";
    expect(await client.verifiedPartners.get("partner")).toMatchObject({ partnerRegistrationImmutableId });
    expect(await client.partnerConfigurations.beginCreateOrUpdateAndWait(GROUP, {})).toMatchObject({ name: "default" });
    const authorized = await client.partnerConfigurations.authorizePartner(GROUP, { partnerRegistrationImmutableId });
    expect(authorized.partnerAuthorization?.authorizedPartnersList).toMatchObject([{ partnerRegistrationImmutableId }]);
    await client.partnerConfigurations.beginUpdateAndWait(GROUP, { defaultMaximumExpirationTimeInDays: 30 });
    const namespace = await client.partnerNamespaces.beginCreateOrUpdateAndWait(GROUP, "outlet", {
      location: "local",
      partnerRegistrationFullyQualifiedId: registration.id ?? "",
      partnerTopicRoutingMode: "ChannelNameHeader",
    });
    expect(namespace).toMatchObject({ partnerTopicRoutingMode: "ChannelNameHeader" });
    expect(Object.keys(await client.partnerNamespaces.listSharedAccessKeys(GROUP, "outlet"))).toEqual(["key1", "key2"]);
    const partnerTopicInfo = {
      azureSubscriptionId: DEFAULT_SUBSCRIPTION_ID,
      resourceGroupName: GROUP,
      name: "from-partner",
      source: "partner/1",
    };
    const channel = { channelType: "PartnerTopic" as const, partnerTopicInfo };
    expect(await client.channels.createOrUpdate(GROUP, "outlet", "way", channel)).toMatchObject({
      readinessState: "NeverActivated",
      partnerTopicInfo,
    });
    expect(await all(client.channels.listByPartnerNamespace(GROUP, "outlet"))).toHaveLength(1);
    expect(await client.partnerTopics.activate(GROUP, "from-partner")).toMatchObject({ activationState: "Activated" });
    expect(await client.channels.get(GROUP, "outlet", "way")).toMatchObject({ readinessState: "Activated" });
    const cloudEvents = webhook({ eventDeliverySchema: "CloudEventSchemaV1_0" });
    await client.partnerTopicEventSubscriptions.beginCreateOrUpdateAndWait(GROUP, "from-partner", "one", cloudEvents);
    expect(await all(client.partnerTopicEventSubscriptions.listByPartnerTopic(GROUP, "from-partner"))).toHaveLength(1);
    expect(await client.partnerTopics.deactivate(GROUP, "from-partner")).toMatchObject({
      activationState: "Deactivated",
    });
    await client.partnerConfigurations.unauthorizePartner(GROUP, { partnerRegistrationImmutableId });
    await client.channels.beginDeleteAndWait(GROUP, "outlet", "way");
    await client.partnerTopics.beginDeleteAndWait(GROUP, "from-partner");
    await client.partnerNamespaces.beginDeleteAndWait(GROUP, "outlet");
    await client.partnerRegistrations.beginDeleteAndWait(GROUP, "partner");
    await client.partnerConfigurations.beginDeleteAndWait(GROUP);
    expect(await all(client.partnerRegistrations.listBySubscription())).toEqual([]);
  });

  it("[ARM-TOPIC-TYPES] lists topic types, their event types and its operations", async () => {
    const types = await all(client.topicTypes.list());
    expect(types.map(({ name }) => name)).toContain("Microsoft.Storage.StorageAccounts");
    expect(await client.topicTypes.get("microsoft.storage.storageaccounts")).toMatchObject({
      id: "providers/Microsoft.EventGrid/topicTypes/Microsoft.Storage.StorageAccounts",
    });
    const events = await all(client.topicTypes.listEventTypes("Microsoft.Storage.StorageAccounts"));
    expect(events).toContainEqual(
      expect.objectContaining({ name: "Microsoft.Storage.BlobCreated", isInDefaultSet: true }),
    );
    const operations = await all(client.operations.list());
    expect(operations.map(({ name }) => name)).toContain("Microsoft.EventGrid/topics/listKeys/action");
  });
});
