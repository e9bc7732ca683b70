import { resourceId } from "../../core/resources/resource-id.ts";
import type { ChannelProperties, ChannelResource } from "../../core/resources/resources.ts";
import { bodyRequest } from "../body/body-request.ts";
import { patchEnvelope, READ_ENVELOPE, readProxy, putEnvelope } from "../body/envelope.ts";
import { EVENT_TYPE_INFO, readEventTypeInfo } from "../body/event-type-info.ts";
import { definedMembers } from "../body/defined-members.ts";
import { changes, object, oneOf, part, text } from "../body/members.ts";
import { merged } from "../body/merged.ts";
import type { ArmType, ReadContext } from "./arm-type.ts";

const INFO = { azureSubscriptionId: text, resourceGroupName: text, name: text, source: text };
const PROPERTIES_READ = ["provisioningState", "readinessState"];

/** The kind `Microsoft.EventGrid/partnerNamespaces/channels`. */
export const channels: ArmType<"Microsoft.EventGrid/partnerNamespaces/channels"> = {
  type: "Microsoft.EventGrid/partnerNamespaces/channels",
  answers: { created: 201, replaced: 200, patched: 200, deleted: 200 },
  actions: ["getFullUrl"],
  longRunning: false,
  // The expiration time is not exported: it counts from the creation. The partner must be authorized first.
  exported: {
    properties: { channelType: null, partnerTopicInfo: null, messageForActivation: null },
    after: ["Microsoft.EventGrid/partnerConfigurations"],
  },
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
  put: bodyRequest(
    object(
      {
        properties: object(
          {
            channelType: oneOf(["PartnerTopic"]),
            partnerTopicInfo: object({ ...INFO, eventTypeInfo: EVENT_TYPE_INFO }),
            messageForActivation: text,
            expirationTimeIfNotActivatedUtc: text,
          },
          PROPERTIES_READ,
        ),
      },
      [...READ_ENVELOPE, "location"],
    ),
    (body, context) => {
      const { channelType = "PartnerTopic", partnerTopicInfo = {}, ...rest } = body.properties ?? {};
      const namespace = context.find(context.id.slice(0, context.id.lastIndexOf("/channels/")));
      const location = namespace?.location ?? "local";
      const noInfo = { azureSubscriptionId: "", resourceGroupName: "", name: "", source: "" };
      return {
        ...putEnvelope("Microsoft.EventGrid/partnerNamespaces/channels", {}, context, location),
        properties: definedMembers({ channelType, partnerTopicInfo: { ...noInfo, ...partnerTopicInfo }, ...rest }),
      };
    },
  ),
  patch: bodyRequest(
    changes(
      {
        properties: part(
          {
            expirationTimeIfNotActivatedUtc: text,
            partnerTopicInfo: part({ eventTypeInfo: EVENT_TYPE_INFO }, Object.keys(INFO)),
          },
          PROPERTIES_READ,
        ),
      },
      [...READ_ENVELOPE, "location"],
    ),
    ({ properties }, context) => {
      const { partnerTopicInfo: info, ...simple } = properties ?? {};
      const { partnerTopicInfo, ...rest } = context.before.properties;
      return {
        ...patchEnvelope("Microsoft.EventGrid/partnerNamespaces/channels", undefined, context),
        properties: {
          ...merged<Omit<ChannelProperties, "partnerTopicInfo">>(rest, simple),
          partnerTopicInfo: merged<ChannelProperties["partnerTopicInfo"]>(partnerTopicInfo, info),
        },
      };
    },
  ),
};

/** Returns a channel's readiness: `Activated` once the customer has activated the partner topic. */
function readiness({ properties }: ChannelResource, { find }: ReadContext): string {
  const { azureSubscriptionId: subscriptionId, resourceGroupName: resourceGroup, name } = properties.partnerTopicInfo;
  const topic = find(resourceId({ subscriptionId, resourceGroup }, "Microsoft.EventGrid/partnerTopics", name));
  const active = topic?.type === "Microsoft.EventGrid/partnerTopics" && topic.properties.activationState;
  return active === "Activated" || active === "Deactivated" ? "Activated" : "NeverActivated";
}
