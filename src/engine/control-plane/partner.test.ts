import { describe, expect, it } from "vitest";
import {
  desiredSubscription,
  makeEvent,
  startEngineOfTest as start,
  type EngineHarness,
} from "../../../test/support/servers/engine-harness.ts";
import {
  channelId,
  DEFAULT_SCOPE,
  partnerConfigurationId,
  partnerNamespaceId,
  partnerRegistrationId,
  partnerTopicId,
} from "../../core/resources/resource-id.ts";
import type {
  DesiredChannel,
  DesiredPartnerConfiguration,
  DesiredPartnerNamespace,
  DesiredPartnerRegistration,
} from "../../core/resources/resources.ts";
import { DAY_MS, formatTime } from "../../core/time.ts";

const registrationId = partnerRegistrationId("contoso");
const namespaceId = partnerNamespaceId("contoso");
const topicId = partnerTopicId("sales");
const immutableId = "6f541064-031d-4cc8-9ec3-a3b4fc0f7185";

const registration: DesiredPartnerRegistration = {
  id: registrationId,
  name: "contoso",
  type: "Microsoft.EventGrid/partnerRegistrations",
  location: "global",
  properties: { partnerRegistrationImmutableId: immutableId },
};
const namespace: DesiredPartnerNamespace = {
  id: namespaceId,
  name: "contoso",
  type: "Microsoft.EventGrid/partnerNamespaces",
  location: "local",
  properties: {
    partnerRegistrationFullyQualifiedId: registrationId,
    partnerTopicRoutingMode: "SourceEventAttribute",
  },
};
const info = {
  azureSubscriptionId: DEFAULT_SCOPE.subscriptionId,
  resourceGroupName: DEFAULT_SCOPE.resourceGroup,
  name: "sales",
  source: "contoso.com/sales",
};
const channel = (properties: Partial<DesiredChannel["properties"]> = {}, name = "sales"): DesiredChannel => ({
  id: channelId(namespaceId, name),
  name,
  type: "Microsoft.EventGrid/partnerNamespaces/channels",
  location: "local",
  properties: { channelType: "PartnerTopic", partnerTopicInfo: info, ...properties },
});
const configuration = (
  partnerAuthorization: DesiredPartnerConfiguration["properties"]["partnerAuthorization"],
): DesiredPartnerConfiguration => ({
  id: partnerConfigurationId(),
  name: "default",
  type: "Microsoft.EventGrid/partnerConfigurations",
  location: "global",
  properties: { partnerAuthorization },
});
const authorized = configuration({ authorizedPartnersList: [{ partnerRegistrationImmutableId: immutableId }] });

async function startWith(
  ...more: Parameters<EngineHarness["engine"]["controlPlane"]["put"]>[0][]
): Promise<EngineHarness> {
  const harness = await start();
  for (const desired of [registration, namespace, ...more]) await harness.engine.controlPlane.put(desired);
  return harness;
}

const topicOf = ({ engine }: EngineHarness) => engine.directory.get(topicId)?.resource;

async function publish(harness: EngineHarness): Promise<string> {
  const event = makeEvent({ topic: topicId }, harness.clock.now());
  await harness.engine.publish(namespaceId, [event]);
  await harness.engine.idle();
  return event.envelope.id;
}

describe("a channel", () => {
  it("[EG-PARTNER-CHANNEL] creates its partner topic, not activated, and deletes it", async () => {
    const eventTypeInfo = { kind: "Inline" as const, inlineEventTypes: { sold: {} } };
    const desired = channel({ partnerTopicInfo: { ...info, eventTypeInfo }, messageForActivation: "Hello" });
    const harness = await startWith(authorized, desired);
    expect(topicOf(harness)).toMatchObject({
      name: "sales",
      type: "Microsoft.EventGrid/partnerTopics",
      properties: {
        activationState: "NeverActivated",
        partnerRegistrationImmutableId: immutableId,
        source: info.source,
        eventTypeInfo,
        messageForActivation: "Hello",
        expirationTimeIfNotActivatedUtc: formatTime(harness.clock.now() + 7 * DAY_MS),
      },
    });
    await harness.engine.controlPlane.put(channel({ messageForActivation: "Hello again" }));
    expect(topicOf(harness)).toMatchObject({ properties: { messageForActivation: "Hello again" } });
    await harness.engine.controlPlane.put(
      desiredSubscription("one", { eventDeliverySchema: "CloudEventSchemaV1_0" }, topicId),
    );
    await harness.engine.controlPlane.delete(desired.id);
    expect(topicOf(harness)).toBeUndefined();
    expect(harness.engine.directory.subscriptionsOf(topicId)).toEqual([]);
  });

  it("[EG-PARTNER-CHANNEL] cannot change its partner topic, or use that of another channel", async () => {
    const { controlPlane } = (await startWith(authorized, channel())).engine;
    const elsewhere = { ...info, source: "other" };
    await expect(controlPlane.put(channel({ partnerTopicInfo: elsewhere }))).rejects.toMatchObject({
      message: "partnerTopicInfo.source of channel 'sales' cannot be changed.",
    });
    await expect(controlPlane.put(channel({}, "second"))).rejects.toMatchObject({ code: "conflict" });
    await expect(controlPlane.put(channel({ partnerTopicInfo: elsewhere }, "second"))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(topicId),
    });
  });

  it("[EG-PARTNER-CHANNEL] is required for creating a partner topic", async () => {
    const { controlPlane } = (await startWith()).engine;
    const topic = {
      id: topicId,
      name: "sales",
      type: "Microsoft.EventGrid/partnerTopics" as const,
      location: "local",
      properties: { partnerRegistrationImmutableId: immutableId, source: "s", activationState: "Activated" as const },
    };
    await expect(controlPlane.put(topic)).rejects.toMatchObject({ code: "invalid_request" });
  });

  it.each([
    ["nothing", undefined, false],
    ["nobody", configuration({ authorizedPartnersList: [] }), false],
    ["another", configuration({ authorizedPartnersList: [{ partnerRegistrationImmutableId: "other" }] }), false],
    ["its id", authorized, true],
    [
      "its id in capitals",
      configuration({ authorizedPartnersList: [{ partnerRegistrationImmutableId: immutableId.toUpperCase() }] }),
      true,
    ],
    ["its name", configuration({ authorizedPartnersList: [{ partnerName: "contoso" }] }), true],
  ])(
    "[EG-PARTNER-AUTHORIZATION] needs the customer's partner configuration to list the partner (listed: %s)",
    async (_name, listed, allowed) => {
      const { controlPlane } = (await startWith(...(listed === undefined ? [] : [listed]))).engine;
      const created = controlPlane.put(channel());
      if (allowed) await created;
      else await expect(created).rejects.toMatchObject({ code: "forbidden" });
    },
  );

  it("[EG-PARTNER-AUTHORIZATION] cannot be created after the authorization has expired or has been withdrawn", async () => {
    const harness = await startWith(configuration({ defaultMaximumExpirationTimeInDays: 2 }));
    const { controlPlane } = harness.engine;
    await controlPlane.authorizePartner(partnerConfigurationId(), { partnerRegistrationImmutableId: immutableId });
    await harness.fastForward(2 * DAY_MS);
    await expect(controlPlane.put(channel())).rejects.toMatchObject({ code: "forbidden" });
    const until = formatTime(harness.clock.now() + DAY_MS);
    const partner = { partnerRegistrationImmutableId: immutableId, authorizationExpirationTimeInUtc: until };
    const { resource } = await controlPlane.authorizePartner(partnerConfigurationId(), partner);
    expect(resource.properties).toMatchObject({ partnerAuthorization: { authorizedPartnersList: [partner] } });
    await controlPlane.put(channel());
    await controlPlane.unauthorizePartner(partnerConfigurationId(), { partnerRegistrationImmutableId: immutableId });
    const other = channel({ partnerTopicInfo: { ...info, name: "returns", source: "r" } }, "returns");
    await expect(controlPlane.put(other)).rejects.toMatchObject({ code: "forbidden" });
    expect(topicOf(harness)).toBeDefined();
  });

  it("[EG-PARTNER-AUTHORIZATION] needs none if the configuration file declares it, [EG-PARTNER-ACTIVATION] nor activation", async () => {
    const harness = await start();
    const { controlPlane } = harness.engine;
    const listener = desiredSubscription("one", { eventDeliverySchema: "CloudEventSchemaV1_0" }, topicId);
    await controlPlane.applyConfiguration([listener, channel(), namespace, registration]);
    expect(topicOf(harness)).toMatchObject({ properties: { activationState: "Activated" } });
    await controlPlane.applyConfiguration([]);
    expect(topicOf(harness)).toBeUndefined();
    expect(harness.engine.directory.get(registrationId)).toBeUndefined();
  });
});

describe("a partner topic", () => {
  it("[EG-PARTNER-ACTIVATION] delivers events only while it is activated; others are accepted and dropped", async () => {
    const harness = await startWith(authorized, channel());
    const { controlPlane } = harness.engine;
    await controlPlane.put(desiredSubscription("one", { eventDeliverySchema: "CloudEventSchemaV1_0" }, topicId));
    const received = () => harness.destination("one").attempts.flatMap(({ ids }) => ids);
    await publish(harness);
    expect(received()).toEqual([]);
    await controlPlane.activatePartnerTopic(topicId);
    const carried = await publish(harness);
    expect(received()).toEqual([carried]);
    await controlPlane.deactivatePartnerTopic(topicId);
    await publish(harness);
    expect(received()).toEqual([carried]);
    expect(harness.engineEvents.filter(({ kind }) => kind === "published").at(-1)).toMatchObject({ unmatched: 1 });
  });

  it("[EG-PARTNER-EXPIRY] is deleted with its channel if it is not activated in time", async () => {
    const harness = await startWith(
      configuration({ ...authorized.properties.partnerAuthorization, defaultMaximumExpirationTimeInDays: 3 }),
      channel(),
    );
    await harness.fastForward(3 * DAY_MS - 1);
    expect(topicOf(harness)).toBeDefined();
    await harness.fastForward(1);
    expect(topicOf(harness)).toBeUndefined();
    expect(harness.engine.directory.childrenOf(namespaceId)).toEqual([]);
  });

  it("[EG-PARTNER-EXPIRY] stays once it has been activated", async () => {
    const harness = await startWith(authorized, channel());
    await harness.engine.controlPlane.activatePartnerTopic(topicId);
    await harness.engine.controlPlane.deactivatePartnerTopic(topicId);
    await harness.fastForward(30 * DAY_MS);
    expect(topicOf(harness)).toMatchObject({ properties: { activationState: "Deactivated" } });
  });
});

describe("a partner namespace", () => {
  it("[EG-PARTNER-DELETE] cannot be deleted while it has channels, nor its registration while it has namespaces", async () => {
    const { controlPlane, directory } = (await startWith(authorized, channel())).engine;
    await expect(controlPlane.delete(namespaceId)).rejects.toMatchObject({ code: "conflict" });
    await expect(controlPlane.delete(registrationId)).rejects.toMatchObject({ code: "conflict" });
    expect(directory.get(namespaceId)).toBeDefined();
    for (const id of [channel().id, namespaceId, registrationId]) expect(await controlPlane.delete(id)).toBe(true);
  });

  it("[EG-PARTNER-ROUTING] keeps its routing mode, and needs a registration", async () => {
    const { controlPlane } = (await startWith()).engine;
    const properties = { ...namespace.properties, partnerTopicRoutingMode: "ChannelNameHeader" as const };
    await expect(controlPlane.put({ ...namespace, properties })).rejects.toMatchObject({ code: "invalid_request" });
    const stray = { ...properties, partnerRegistrationFullyQualifiedId: partnerRegistrationId("nobody") };
    const other = { ...namespace, id: partnerNamespaceId("other"), name: "other", properties: stray };
    await expect(controlPlane.put(other)).rejects.toMatchObject({ code: "not_found" });
  });

  it("[EG-PARTNER-NAME] and other partner resources have names of limited length", async () => {
    const { controlPlane } = await startWith(authorized).then(({ engine }) => engine);
    await expect(controlPlane.put(channel({}, "no"))).rejects.toMatchObject({
      message: "Channel name must be between 3 and 64 characters in length.",
    });
  });
});
