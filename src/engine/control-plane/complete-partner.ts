import { RingmainError } from "../../core/errors.ts";
import { partnerConfigurationId, resourceKey } from "../../core/resources/resource-id.ts";
import { DEFAULT_PARTNER_EXPIRATION_DAYS } from "../../core/rules/partner-rules.ts";
import type {
  AuthorizedPartner,
  ChannelProperties,
  ChannelResource,
  DesiredChannel,
  DesiredPartnerConfiguration,
  DesiredPartnerNamespace,
  PartnerConfigurationResource,
  Resource,
} from "../../core/resources/resources.ts";
import { DAY_MS, formatTime, type EpochMs } from "../../core/time.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";
import type { ControlPlaneDependencies } from "./dependencies.ts";

/** The partner configuration of the resource group that a channel's partner topic lies in. */
export function configurationOf(
  directory: ResourceDirectory,
  { azureSubscriptionId: subscriptionId, resourceGroupName: resourceGroup }: ChannelProperties["partnerTopicInfo"],
): PartnerConfigurationResource | undefined {
  const resource = directory.get(partnerConfigurationId({ subscriptionId, resourceGroup }))?.resource;
  return resource?.type === "Microsoft.EventGrid/partnerConfigurations" ? resource : undefined;
}

/** Whether two entries of a partner configuration mean the same partner. */
export function samePartner(one: AuthorizedPartner, other: AuthorizedPartner): boolean {
  const { partnerRegistrationImmutableId: id, partnerName } = one;
  if (id !== undefined && other.partnerRegistrationImmutableId !== undefined) {
    return resourceKey(id) === resourceKey(other.partnerRegistrationImmutableId);
  }
  return partnerName !== undefined && partnerName === other.partnerName;
}

/** The routing mode of a namespace is chosen once: its publishers rely on it. [EG-PARTNER-ROUTING] */
export function completePartnerNamespace(
  desired: DesiredPartnerNamespace,
  before: Resource | undefined,
): DesiredPartnerNamespace {
  const mode = before?.type === desired.type ? before.properties.partnerTopicRoutingMode : undefined;
  if (mode === undefined || mode === desired.properties.partnerTopicRoutingMode) return desired;
  const message = `The partner topic routing mode of partner namespace '${desired.name}' cannot be changed.`;
  throw new RingmainError("invalid_request", message);
}

/** Sets when the channel goes if nobody activates its partner topic, and keeps what leads to that topic. */
export function completeChannel(
  { directory, clock }: ControlPlaneDependencies,
  desired: DesiredChannel,
  uid: string,
  before: Resource | undefined,
): ChannelResource {
  const old = before?.type === desired.type ? before.properties : undefined;
  const info = desired.properties.partnerTopicInfo;
  const fixed = ["azureSubscriptionId", "resourceGroupName", "name", "source"] as const;
  const changed = old && fixed.find((member) => old.partnerTopicInfo[member] !== info[member]);
  if (changed !== undefined) {
    throw new RingmainError(
      "invalid_request",
      `partnerTopicInfo.${changed} of channel '${desired.name}' cannot be changed.`,
    );
  }
  const { expirationTimeIfNotActivatedUtc: given } = desired.properties;
  const expiration = given ?? old?.expirationTimeIfNotActivatedUtc ?? inDays(daysOf(directory, info), clock.now());
  return { ...desired, uid, properties: { ...desired.properties, expirationTimeIfNotActivatedUtc: expiration } };
}

function daysOf(directory: ResourceDirectory, info: ChannelProperties["partnerTopicInfo"] | undefined): number {
  const configuration = info && configurationOf(directory, info);
  return (
    configuration?.properties.partnerAuthorization.defaultMaximumExpirationTimeInDays ?? DEFAULT_PARTNER_EXPIRATION_DAYS
  );
}

/** Sets when each authorisation ends that does not say: an authorisation has always an end. [EG-PARTNER-AUTHORIZATION] */
export function completePartnerConfiguration(
  desired: DesiredPartnerConfiguration,
  uid: string,
  before: Resource | undefined,
  now: EpochMs,
): PartnerConfigurationResource {
  const { partnerAuthorization } = desired.properties;
  const partners = partnerAuthorization?.authorizedPartnersList;
  if (partners === undefined || partners === null) return { ...desired, uid };
  const known =
    (before?.type === desired.type ? before.properties.partnerAuthorization.authorizedPartnersList : undefined) ?? [];
  const days = partnerAuthorization.defaultMaximumExpirationTimeInDays ?? DEFAULT_PARTNER_EXPIRATION_DAYS;
  const authorizedPartnersList = partners.map((partner) => {
    const old = known.find((candidate) => samePartner(candidate, partner))?.authorizationExpirationTimeInUtc;
    const { authorizationExpirationTimeInUtc: given } = partner;
    return { ...partner, authorizationExpirationTimeInUtc: given ?? old ?? inDays(days, now) };
  });
  return {
    ...desired,
    uid,
    properties: { ...desired.properties, partnerAuthorization: { ...partnerAuthorization, authorizedPartnersList } },
  };
}

function inDays(days: number, now: EpochMs): string {
  return formatTime(now + days * DAY_MS);
}
