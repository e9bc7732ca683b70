import { RingmainError } from "../../../core/errors.ts";
import { DEFAULT_PARTNER_EXPIRATION_DAYS } from "../../../core/kinds/partner-configuration.ts";
import { parentId, partnerTopicOf, resourceKey } from "../../../core/resources/resource-id.ts";
import type {
  ChannelProperties,
  ChannelResource,
  DesiredPartnerTopic,
  PartnerRegistrationResource,
} from "../../../core/resources/resources.ts";
import { parseTime, type EpochMs } from "../../../core/time.ts";
import type { ResourceDirectory } from "../../directory/resource-directory.ts";
import { configurationOf, inDays, registrationOf, samePartner } from "../partners.ts";
import { missingRelation, UNRELATED, type BehaviourOf } from "./kind.ts";

type PartnerTopicInfo = ChannelProperties["partnerTopicInfo"];

/** Members that identify the partner topic. They cannot be changed. */
const FIXED = ["azureSubscriptionId", "resourceGroupName", "name", "source"] as const;

/** Behaviour of channels. Each channel creates its partner topic. */
export const managedChannel: BehaviourOf<"Microsoft.EventGrid/partnerNamespaces/channels"> = {
  ...UNRELATED,
  // Sets the time at which the channel is deleted unless its partner topic is activated before.
  complete: (desired, before, { dependencies: { directory, clock }, uid }) => {
    const old = before?.properties;
    const info = desired.properties.partnerTopicInfo;
    const changed = old && FIXED.find((member) => old.partnerTopicInfo[member] !== info[member]);
    if (changed !== undefined) {
      throw new RingmainError(
        "invalid_request",
        `partnerTopicInfo.${changed} of channel '${desired.name}' cannot be changed.`,
      );
    }
    const { expirationTimeIfNotActivatedUtc: requested } = desired.properties;
    const expiration =
      requested ?? old?.expirationTimeIfNotActivatedUtc ?? inDays(daysOf(directory, info), clock.now());
    return { ...desired, uid, properties: { ...desired.properties, expirationTimeIfNotActivatedUtc: expiration } };
  },
  claims: ({ id, properties }) => [
    `partner topic ${resourceKey(partnerTopicOf(properties))}`,
    `channel ${resourceKey(parentId(id))} ${properties.partnerTopicInfo.source}`,
  ],
  checkRelations: (desired, { directory, isNew, now }) => {
    const namespaceId = parentId(desired.id);
    const namespace = directory.find("Microsoft.EventGrid/partnerNamespaces", namespaceId);
    if (namespace === undefined) throw missingRelation("partner namespace", namespaceId);
    const { properties } = desired;
    if (isNew) checkUnused(directory, namespaceId, properties);
    // The author of the configuration file decides for both sides.
    if (desired.managedBy === "config") return;
    const info = properties.partnerTopicInfo;
    const registration = registrationOf(directory, namespace.properties.partnerRegistrationFullyQualifiedId);
    if (registration !== undefined && isAuthorized(directory, info, registration, now)) return;
    throw new RingmainError(
      "forbidden",
      `The partner is not authorized to create, update or delete partner topics in resource group '${info.resourceGroupName}' of subscription '${info.azureSubscriptionId}': its partner configuration must list the partner, with an expiration time in the future.`,
    );
  },
  attach: async (channel, { dependencies, put }) => {
    const desired = partnerTopicFor(dependencies.directory, channel);
    if (desired !== undefined) await put(desired);
  },
  contents: ({ properties }) => [partnerTopicOf(properties)],
};

function daysOf(directory: ResourceDirectory, info: PartnerTopicInfo | undefined): number {
  const configuration = info && configurationOf(directory, info);
  return (
    configuration?.properties.partnerAuthorization.defaultMaximumExpirationTimeInDays ?? DEFAULT_PARTNER_EXPIRATION_DAYS
  );
}

function checkUnused(directory: ResourceDirectory, namespaceId: string, properties: ChannelProperties): void {
  const { source } = properties.partnerTopicInfo;
  const bySource = directory.channelBySource(namespaceId, source);
  if (bySource !== undefined) {
    throw new RingmainError("conflict", `Channel '${bySource.name}' has the source '${source}' already.`);
  }
  const topicId = partnerTopicOf(properties);
  if (directory.get(topicId) !== undefined) {
    throw new RingmainError("conflict", `The partner topic '${topicId}' exists already. Choose a different name.`);
  }
}

/**
 * Returns whether the partner configuration of the target resource group authorizes the partner.
 * [EG-PARTNER-AUTHORIZATION]
 */
function isAuthorized(
  directory: ResourceDirectory,
  info: PartnerTopicInfo,
  { name, properties: { partnerRegistrationImmutableId } }: PartnerRegistrationResource,
  now: EpochMs,
): boolean {
  const partners = configurationOf(directory, info)?.properties.partnerAuthorization.authorizedPartnersList ?? [];
  return partners.some((partner) => {
    const expiresAt = parseTime(partner.authorizationExpirationTimeInUtc ?? "");
    if (expiresAt === undefined || expiresAt <= now) return false;
    return samePartner(partner, { partnerRegistrationImmutableId, partnerName: name });
  });
}

/**
 * Returns the partner topic that belongs to a channel, or `undefined` if the partner's registration does not exist.
 * [EG-PARTNER-CHANNEL]
 */
function partnerTopicFor(directory: ResourceDirectory, channel: ChannelResource): DesiredPartnerTopic | undefined {
  const { partnerTopicInfo, expirationTimeIfNotActivatedUtc, messageForActivation } = channel.properties;
  const { eventTypeInfo, source } = partnerTopicInfo;
  const id = partnerTopicOf(channel.properties);
  const namespace = directory.find("Microsoft.EventGrid/partnerNamespaces", parentId(channel.id));
  const registration = namespace && registrationOf(directory, namespace.properties.partnerRegistrationFullyQualifiedId);
  if (registration === undefined) return undefined;
  const described = {
    partnerRegistrationImmutableId: registration.properties.partnerRegistrationImmutableId,
    source,
    ...(eventTypeInfo && { eventTypeInfo }),
    ...(expirationTimeIfNotActivatedUtc !== undefined && { expirationTimeIfNotActivatedUtc }),
    ...(messageForActivation !== undefined && { messageForActivation }),
  };
  const before = directory.find("Microsoft.EventGrid/partnerTopics", id);
  if (before !== undefined) return { ...before, properties: { ...before.properties, ...described } };
  // Both sides have agreed to the resources that the configuration file declares.
  const activationState = channel.managedBy === "config" ? ("Activated" as const) : ("NeverActivated" as const);
  return {
    id,
    name: partnerTopicInfo.name,
    type: "Microsoft.EventGrid/partnerTopics",
    location: channel.location,
    properties: { ...described, activationState },
  };
}
