import { LIMITS } from "../limits.ts";
import type { Desired, EventTypeInfo, ResourceBase } from "../resources/base.ts";
import { parentId, partnerTopicOf, resourceKey } from "../resources/resource-id.ts";
import { invalid, isGiven, nameProblems, quote, type ResourceProblem } from "../rules/problem.ts";
import { DAY_MS, parseTime, type EpochMs } from "../time.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";
import { channelSourceKey, childPlace } from "./places.ts";

/** A channel: leads the events of a partner to the partner topic of one customer. */
export type ChannelResource = ResourceBase<"Microsoft.EventGrid/partnerNamespaces/channels", ChannelProperties>;

/** Properties of a channel. */
export interface ChannelProperties {
  readonly channelType: "PartnerTopic";
  readonly partnerTopicInfo: {
    readonly azureSubscriptionId: string;
    readonly resourceGroupName: string;
    readonly name: string;
    readonly source: string;
    readonly eventTypeInfo?: EventTypeInfo;
  };
  readonly messageForActivation?: string;
  /** Time (ISO 8601) at which the channel is deleted if its partner topic has not been activated. */
  readonly expirationTimeIfNotActivatedUtc?: string;
}

/** Desired state of a channel. */
export type DesiredChannel = Desired<ChannelResource>;

/** Resource kind of channels. */
export const channelKind: ResourceKind<ChannelResource> = {
  ...PLAIN,
  type: "Microsoft.EventGrid/partnerNamespaces/channels",
  noun: "channel",
  placement: { kind: "parent", parent: "Microsoft.EventGrid/partnerNamespaces" },
  location: "inherited",
  keyBytes: undefined,
  places: (channel) => [
    childPlace(channel),
    ["channelSource", channelSourceKey(parentId(channel.id), channel.properties.partnerTopicInfo.source)],
    ["partnerTopic", resourceKey(partnerTopicOf(channel.properties))],
  ],
  rules: ({ name, properties }, { isNew, now }) => {
    const field = "properties.partnerTopicInfo";
    const info = properties.partnerTopicInfo;
    if (properties.channelType !== "PartnerTopic" || !isGiven(info)) {
      return [invalid("properties.channelType", "Channels are of type 'PartnerTopic', with partnerTopicInfo.")];
    }
    const missing = (["azureSubscriptionId", "resourceGroupName", "name", "source"] as const).filter(
      (member) => typeof info[member] !== "string" || info[member] === "",
    );
    // [EG-PARTNER-NAME]
    const { partnerNameMinChars: low, partnerNameMaxChars: high } = LIMITS;
    return [
      ...(isNew ? nameProblems(name, { noun: "Channel", low, high }) : []),
      ...missing.map((member) => invalid(`${field}.${member}`, `A channel needs partnerTopicInfo.${member}.`)),
      ...expiryRules(properties.expirationTimeIfNotActivatedUtc, now),
    ];
  },
};

/** Returns a problem unless the expiration time is a time in the allowed range. [EG-PARTNER-EXPIRY] */
function expiryRules(expiration: string | undefined, now: EpochMs): readonly ResourceProblem[] {
  if (!isGiven(expiration)) return [];
  const at = typeof expiration === "string" ? parseTime(expiration) : undefined;
  if (at !== undefined && at > now && at <= now + LIMITS.partnerExpirationMaxDays * DAY_MS) return [];
  const message = `Invalid expiration time. ${quote(expiration)} must be a date and time within the next ${LIMITS.partnerExpirationMaxDays} days.`;
  return [invalid("properties.expirationTimeIfNotActivatedUtc", message)];
}
