import type {
  DesiredOf,
  DesiredResource,
  PublishTarget,
  Resource,
  ResourceOf,
  ResourceType,
} from "../resources/resources.ts";
import { LIMITS } from "../limits.ts";
import type { ResourceProblem } from "../rules/problem.ts";
import { channelKind } from "./channel.ts";
import { deploymentKind } from "./deployment.ts";
import { domainKind } from "./domain.ts";
import { domainTopicKind } from "./domain-topic.ts";
import { eventSubscriptionKind } from "./event-subscription.ts";
import type { PublishEndpoint, ResourceKind, RuleContext } from "./kind.ts";
import { partnerConfigurationKind } from "./partner-configuration.ts";
import { partnerNamespaceKind } from "./partner-namespace.ts";
import { partnerRegistrationKind } from "./partner-registration.ts";
import { partnerTopicKind } from "./partner-topic.ts";
import { resourceGroupKind } from "./resource-group.ts";
import { roleAssignmentKind } from "./role-assignment.ts";
import { storageAccountKind } from "./storage-account.ts";
import { systemTopicKind } from "./system-topic.ts";
import { topicKind } from "./topic.ts";

/** Type of a kind to which events are published. */
export type PublishTargetType = PublishTarget["type"];

/** The kind of a resource of any kind. */
export type AnyKind = ResourceKind<Resource, DesiredResource, PublishEndpoint | undefined>;

type Kinds = {
  readonly [Type in ResourceType]: ResourceKind<
    ResourceOf<Type>,
    DesiredOf<Type>,
    Type extends PublishTargetType ? PublishEndpoint : undefined
  >;
};

/**
 * Table of all kinds of resources, in an order in which resources can be created: each kind after its parent and the
 * kinds that it refers to. Deletion uses the reverse order.
 */
export const RESOURCE_KINDS: Kinds = {
  "Microsoft.Resources/resourceGroups": resourceGroupKind,
  "Microsoft.Storage/storageAccounts": storageAccountKind,
  "Microsoft.EventGrid/topics": topicKind,
  "Microsoft.EventGrid/domains": domainKind,
  "Microsoft.EventGrid/domains/topics": domainTopicKind,
  "Microsoft.EventGrid/partnerRegistrations": partnerRegistrationKind,
  "Microsoft.EventGrid/partnerConfigurations": partnerConfigurationKind,
  "Microsoft.EventGrid/partnerNamespaces": partnerNamespaceKind,
  "Microsoft.EventGrid/partnerNamespaces/channels": channelKind,
  "Microsoft.EventGrid/partnerTopics": partnerTopicKind,
  "Microsoft.EventGrid/systemTopics": systemTopicKind,
  "Microsoft.EventGrid/eventSubscriptions": eventSubscriptionKind,
  "Microsoft.Resources/deployments": deploymentKind,
  "Microsoft.Authorization/roleAssignments": roleAssignmentKind,
};

/** The kinds in the order of the table. */
export const ALL_KINDS: readonly AnyKind[] = Object.values(RESOURCE_KINDS);

const RANKS: ReadonlyMap<string, number> = new Map(ALL_KINDS.map(({ type }, index) => [type, index]));

/** Returns the kind of a resource. */
export function kindOf({ type }: { readonly type: ResourceType }): AnyKind {
  return RESOURCE_KINDS[type];
}

/** Returns the kind with this type name, or `undefined` if there is none. Case matters. */
export function kindNamed(type: string): AnyKind | undefined {
  return ALL_KINDS[RANKS.get(type) ?? -1];
}

/** Returns the rank of a kind. Resources are created after those of lower ranks, and deleted before them. */
export function dependencyRank({ type }: { readonly type: string }): number {
  return RANKS.get(type) ?? 0;
}

/** Types of the kinds to which events are published. */
export const PUBLISH_TYPES: readonly PublishTargetType[] = ALL_KINDS.map(({ type }) => type).filter(isPublishType);

/** Returns whether resources of a type have an endpoint for publishing. */
export function isPublishType(type: ResourceType): type is PublishTargetType {
  return RESOURCE_KINDS[type].endpoint !== undefined;
}

/** Returns whether a resource has an endpoint for publishing. */
export function isPublishTarget(resource: Resource): resource is PublishTarget {
  return isPublishType(resource.type);
}

/**
 * Returns all violations of the rules by a resource, or none if it can be created or changed. Never throws for an
 * invalid value.
 */
export function problemsOf(desired: DesiredResource, context: RuleContext): readonly ResourceProblem[] {
  return [...kindOf(desired).rules(desired, context), ...storeRules(context)];
}

/** Returns a problem if the store is full. [EG-QUOTA-STORE] */
function storeRules({ isNew, resources = 0 }: RuleContext): readonly ResourceProblem[] {
  if (!isNew || resources < LIMITS.resources) return [];
  const message = `Quota limit reached: a store holds at most ${LIMITS.resources} resources.`;
  return [{ field: "id", message, code: "conflict" }];
}
