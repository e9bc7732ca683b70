import { describe, expect, it } from "vitest";
import { DEFAULT_SCOPE, resourceId } from "../../core/resources/resource-id.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ChannelResource, PartnerTopicResource, Resource } from "../../core/resources/resources.ts";
import { channels } from "./channel.ts";
import { askedBy } from "../../../test/support/fixtures/asked-by.ts";
import { partnerConfigurations } from "./partner-configuration.ts";
import { partnerNamespaces } from "./partner-namespace.ts";
import { partnerRegistrations } from "./partner-registration.ts";
import { partnerTopics } from "./partner-topic.ts";

const id = `${resourceId(DEFAULT_SCOPE, "Microsoft.EventGrid/partnerNamespaces", "n")}/channels/c`;
const context = { id, name: "c", before: undefined, newId: () => "new-id", find: () => undefined };
const reading = { id, type: "t", endpoint: "http://here", find: () => undefined, storageEndpoints: () => null };
const body = (content: JsonObject): JsonObject => ({ location: "local", ...content });

const partnerTopicInfo = {
  azureSubscriptionId: DEFAULT_SCOPE.subscriptionId,
  resourceGroupName: DEFAULT_SCOPE.resourceGroup,
  name: "topic",
  source: "s",
};
const channel: ChannelResource = {
  ...askedBy(channels.put, body({ properties: { channelType: "partnertopic", partnerTopicInfo } }), context),
  uid: "u",
};

describe("a channel", () => {
  it("shows whether its partner topic has been activated", () => {
    const readiness = (activationState: PartnerTopicResource["properties"]["activationState"]) => {
      const topic = { type: "Microsoft.EventGrid/partnerTopics", properties: { activationState } };
      const topicId = resourceId(DEFAULT_SCOPE, "Microsoft.EventGrid/partnerTopics", "topic");
      const find = (wanted: string) => (wanted === topicId ? (topic as Resource) : undefined);
      return (channels.read(channel, { ...reading, find })["properties"] as JsonObject)["readinessState"];
    };
    expect(readiness("NeverActivated")).toBe("NeverActivated");
    expect(readiness("Activated")).toBe("Activated");
    expect(readiness("Deactivated")).toBe("Activated");
    expect((channels.read(channel, reading)["properties"] as JsonObject)["readinessState"]).toBe("NeverActivated");
  });

  it("can only change its expiration time and its event types", () => {
    const eventTypeInfo = { kind: "Inline", inlineEventTypes: { A: {} } };
    const properties = {
      expirationTimeIfNotActivatedUtc: "2030-01-01T00:00:00Z",
      messageForActivation: "no",
      partnerTopicInfo: { name: "other", eventTypeInfo },
    };
    expect(askedBy(channels.patch, body({ properties }), { ...context, before: channel }).properties).toEqual({
      channelType: "PartnerTopic",
      partnerTopicInfo: { ...partnerTopicInfo, eventTypeInfo },
      expirationTimeIfNotActivatedUtc: "2030-01-01T00:00:00Z",
    });
  });
});

describe("a partner registration and namespace", () => {
  it("are global, and keep their immutable id", () => {
    const created = askedBy(partnerRegistrations.put, body({}), context);
    expect(created).toMatchObject({ location: "global", properties: { partnerRegistrationImmutableId: "new-id" } });
    const before = { ...created, uid: "u", properties: { partnerRegistrationImmutableId: "kept" } };
    expect(askedBy(partnerRegistrations.put, body({}), { ...context, before }).properties).toEqual(before.properties);
    const chosen = { properties: { partnerRegistrationImmutableId: "chosen" } };
    expect(askedBy(partnerRegistrations.put, body(chosen), context).properties).toEqual(chosen.properties);
  });

  it("[ARM-FIXED] keep the routing mode", () => {
    const namespace = (mode: string | null, before?: Parameters<typeof partnerNamespaces.read>[0]) =>
      askedBy(partnerNamespaces.put, body({ properties: { partnerTopicRoutingMode: mode } }), { ...context, before });
    const created = { ...namespace("channelnameheader"), uid: "u", keys: { key1: "a", key2: "b" } };
    expect(created.properties.partnerTopicRoutingMode).toBe("ChannelNameHeader");
    expect(namespace(null, created).properties.partnerTopicRoutingMode).toBe("ChannelNameHeader");
    expect(() => namespace("SourceEventAttribute", created)).toThrow(/cannot be changed/);
    expect(namespace(null).properties.partnerTopicRoutingMode).toBe("SourceEventAttribute");
    expect(partnerNamespaces.read(created, reading)).not.toHaveProperty("keys");
  });
});

describe("a partner topic and a partner configuration", () => {
  it("are not activated by a write", () => {
    const properties = { partnerRegistrationImmutableId: "p", source: "s", activationState: "Activated" };
    const created = askedBy(partnerTopics.put, body({ properties }), context);
    expect(created.properties.activationState).toBe("NeverActivated");
    const before = {
      ...created,
      uid: "u",
      properties: { ...created.properties, activationState: "Activated" as const },
    };
    expect(askedBy(partnerTopics.put, body({ properties: {} }), { ...context, before }).properties).toMatchObject({
      activationState: "Activated",
      source: "s",
    });
  });

  it("have a default of seven days, and keep their partners when changed", () => {
    const authorizedPartnersList = [{ partnerName: "P" }];
    const created = askedBy(
      partnerConfigurations.put,
      body({ properties: { partnerAuthorization: { authorizedPartnersList } } }),
      context,
    );
    const before = { ...created, uid: "u" };
    expect(partnerConfigurations.read(before, reading)["properties"]).toMatchObject({
      partnerAuthorization: { defaultMaximumExpirationTimeInDays: 7, authorizedPartnersList },
    });
    const change = body({ properties: { defaultMaximumExpirationTimeInDays: 30 } });
    expect(askedBy(partnerConfigurations.patch, change, { ...context, before }).properties).toEqual({
      partnerAuthorization: { defaultMaximumExpirationTimeInDays: 30, authorizedPartnersList },
    });
  });
});
