import type { ResourceType } from "../../../core/resources/resources.ts";
import { managedChannel } from "./channel.ts";
import { managedDeployment } from "./deployment.ts";
import { managedDomain } from "./domain.ts";
import { managedDomainTopic } from "./domain-topic.ts";
import { managedEventSubscription } from "./event-subscription.ts";
import type { BehaviourOf } from "./kind.ts";
import { managedPartnerConfiguration } from "./partner-configuration.ts";
import { managedPartnerNamespace } from "./partner-namespace.ts";
import { managedPartnerRegistration } from "./partner-registration.ts";
import { managedPartnerTopic } from "./partner-topic.ts";
import { managedResourceGroup } from "./resource-group.ts";
import { managedRoleAssignment } from "./role-assignment.ts";
import { managedStorageAccount } from "./storage-account.ts";
import { managedSystemTopic } from "./system-topic.ts";
import { managedTopic } from "./topic.ts";

const MANAGED_KINDS: { readonly [Type in ResourceType]: BehaviourOf<Type> } = {
  "Microsoft.Resources/resourceGroups": managedResourceGroup,
  "Microsoft.Storage/storageAccounts": managedStorageAccount,
  "Microsoft.EventGrid/topics": managedTopic,
  "Microsoft.EventGrid/domains": managedDomain,
  "Microsoft.EventGrid/domains/topics": managedDomainTopic,
  "Microsoft.EventGrid/partnerRegistrations": managedPartnerRegistration,
  "Microsoft.EventGrid/partnerConfigurations": managedPartnerConfiguration,
  "Microsoft.EventGrid/partnerNamespaces": managedPartnerNamespace,
  "Microsoft.EventGrid/partnerNamespaces/channels": managedChannel,
  "Microsoft.EventGrid/partnerTopics": managedPartnerTopic,
  "Microsoft.EventGrid/systemTopics": managedSystemTopic,
  "Microsoft.EventGrid/eventSubscriptions": managedEventSubscription,
  "Microsoft.Resources/deployments": managedDeployment,
  "Microsoft.Authorization/roleAssignments": managedRoleAssignment,
};

/** Returns the behaviour of a resource's kind in the control plane. */
export function managedKind({ type }: { readonly type: ResourceType }): BehaviourOf<ResourceType> {
  return MANAGED_KINDS[type];
}
