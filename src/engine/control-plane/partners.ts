import { partnerConfigurationId, resourceKey } from "../../core/resources/resource-id.ts";
import type {
  AuthorizedPartner,
  ChannelProperties,
  PartnerConfigurationResource,
  PartnerRegistrationResource,
} from "../../core/resources/resources.ts";
import { DAY_MS, formatTime, type EpochMs } from "../../core/time.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";

/** Returns the partner registration with this id. */
export function registrationOf(directory: ResourceDirectory, id: string): PartnerRegistrationResource | undefined {
  return directory.find("Microsoft.EventGrid/partnerRegistrations", id);
}

/** Returns the partner configuration of the resource group in which the partner topic of a channel is created. */
export function configurationOf(
  directory: ResourceDirectory,
  { azureSubscriptionId: subscriptionId, resourceGroupName: resourceGroup }: ChannelProperties["partnerTopicInfo"],
): PartnerConfigurationResource | undefined {
  const id = partnerConfigurationId({ subscriptionId, resourceGroup });
  return directory.find("Microsoft.EventGrid/partnerConfigurations", id);
}

/** Returns whether two entries of a partner configuration name the same partner. */
export function samePartner(one: AuthorizedPartner, other: AuthorizedPartner): boolean {
  const { partnerRegistrationImmutableId: id, partnerName } = one;
  if (id !== undefined && other.partnerRegistrationImmutableId !== undefined) {
    return resourceKey(id) === resourceKey(other.partnerRegistrationImmutableId);
  }
  return partnerName !== undefined && partnerName === other.partnerName;
}

/** Returns the time `days` days after `now`, as ARM writes it. */
export function inDays(days: number, now: EpochMs): string {
  return formatTime(now + days * DAY_MS);
}
