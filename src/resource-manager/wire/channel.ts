import { resourceId } from "../../core/resources/resource-id.ts";
import type { ChannelResource } from "../../core/resources/resources.ts";
import type { ArmType, ReadContext } from "./arm-type.ts";
import { patchEnvelope, readProxy, writeEnvelope } from "../body/envelope.ts";
import { given } from "../body/given.ts";
import { JsonReader } from "../body/json-reader.ts";
import { eventTypeInfoOf, readEventTypeInfo } from "../body/publisher-access.ts";

/** `Microsoft.EventGrid/partnerNamespaces/channels` */
export const channels: ArmType<"Microsoft.EventGrid/partnerNamespaces/channels"> = {
  type: "Microsoft.EventGrid/partnerNamespaces/channels",
  placement: { kind: "parent", parent: "Microsoft.EventGrid/partnerNamespaces" },
  answers: { created: 201, replaced: 200, patched: 200, deleted: 200 },
  actions: ["getFullUrl"],
  patchable: ["properties.expirationTimeIfNotActivatedUtc", "properties.partnerTopicInfo.eventTypeInfo"],
  longRunning: false,
  read: (channel, context) => {
    const { channelType, partnerTopicInfo, messageForActivation, expirationTimeIfNotActivatedUtc } = channel.properties;
    return {
      ...readProxy(channel, context),
      properties: {
        provisioningState: "Succeeded",
        channelType,
        partnerTopicInfo: { ...partnerTopicInfo, eventTypeInfo: readEventTypeInfo(partnerTopicInfo.eventTypeInfo) },
        messageForActivation: messageForActivation ?? null,
        expirationTimeIfNotActivatedUtc: expirationTimeIfNotActivatedUtc ?? null,
        readinessState: readiness(channel, context),
      },
    };
  },
  write: (body, context) => {
    const properties = body.child("properties") ?? new JsonReader({});
    const info = properties.child("partnerTopicInfo") ?? new JsonReader({});
    const namespace = context.find(context.id.slice(0, context.id.lastIndexOf("/channels/")));
    const location = namespace?.location ?? "local";
    return {
      ...writeEnvelope("Microsoft.EventGrid/partnerNamespaces/channels", body, context, location),
      properties: given({
        channelType: properties.oneOf("channelType", ["PartnerTopic"] as const) ?? "PartnerTopic",
        partnerTopicInfo: given({
          azureSubscriptionId: info.text("azureSubscriptionId") ?? "",
          resourceGroupName: info.text("resourceGroupName") ?? "",
          name: info.text("name") ?? "",
          source: info.text("source") ?? "",
          eventTypeInfo: eventTypeInfoOf(info),
        }),
        messageForActivation: properties.text("messageForActivation"),
        expirationTimeIfNotActivatedUtc: properties.text("expirationTimeIfNotActivatedUtc"),
      }),
    };
  },
  patch: (body, { before }) => {
    const properties = body.child("properties") ?? new JsonReader({});
    const { partnerTopicInfo } = before.properties;
    const info = properties.child("partnerTopicInfo") ?? new JsonReader({});
    return {
      ...patchEnvelope("Microsoft.EventGrid/partnerNamespaces/channels", body, before),
      properties: {
        ...before.properties,
        partnerTopicInfo: {
          ...partnerTopicInfo,
          ...given({ eventTypeInfo: eventTypeInfoOf(info, partnerTopicInfo.eventTypeInfo) }),
        },
        ...given({
          expirationTimeIfNotActivatedUtc:
            properties.text("expirationTimeIfNotActivatedUtc") ?? before.properties.expirationTimeIfNotActivatedUtc,
        }),
      },
    };
  },
};

/** Activated once its customer activated the partner topic. */
function readiness({ properties }: ChannelResource, { find }: ReadContext): string {
  const { azureSubscriptionId: subscriptionId, resourceGroupName: resourceGroup, name } = properties.partnerTopicInfo;
  const topic = find(resourceId({ subscriptionId, resourceGroup }, "Microsoft.EventGrid/partnerTopics", name));
  const active = topic?.type === "Microsoft.EventGrid/partnerTopics" && topic.properties.activationState;
  return active === "Activated" || active === "Deactivated" ? "Activated" : "NeverActivated";
}
