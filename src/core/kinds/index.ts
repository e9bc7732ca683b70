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

/** The type of a kind that events are published to. */
export type PublishTargetType = PublishTarget["type"];

/** A kind of any resource. */
export type AnyKind = ResourceKind<Resource, DesiredResource, PublishEndpoint | undefined>;

type Kinds = {
  readonly [Type in ResourceType]: ResourceKind<
    ResourceOf<Type>,
    DesiredOf<Type>,
    Type extends PublishTargetType ? PublishEndpoint : undefined
  >;
};

/**
 * Every kind of resource, in an order in which resources can be created: each after its parent and what it refers to,
 * and deleted before them.
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

/** Returns the kind of a type that came from outside, spelled exactly; `undefined` for any other text. */
export function kindNamed(type: string): AnyKind | undefined {
  return ALL_KINDS[RANKS.get(type) ?? -1];
}

/** Returns the place of a resource among those it depends on: they are created before it, and deleted after it. */
export function dependencyRank({ type }: { readonly type: string }): number {
  return RANKS.get(type) ?? 0;
}

/** The types of the kinds that events are published to. */
export const PUBLISH_TYPES: readonly PublishTargetType[] = ALL_KINDS.map(({ type }) => type).filter(isPublishType);

/** Returns whether events are published to resources of a type, each at an address of its own. */
export function isPublishType(type: ResourceType): type is PublishTargetType {
  return RESOURCE_KINDS[type].endpoint !== undefined;
}

/** Returns whether events are published to a resource, at an address of its own. */
export function isPublishTarget(resource: Resource): resource is PublishTarget {
  return isPublishType(resource.type);
}

/**
 * Returns everything about a resource that the protocol does not allow; nothing when it may be created or changed so.
 * Never throws for a wrong value.
 */
export function problemsOf(desired: DesiredResource, context: RuleContext): readonly ResourceProblem[] {
  return [...kindOf(desired).rules(desired, context), ...storeRules(context)];
}

/** [EG-QUOTA-STORE] */
function storeRules({ isNew, resources = 0 }: RuleContext): readonly ResourceProblem[] {
  if (!isNew || resources < LIMITS.resources) return [];
  const message = `Quota limit reached: a store holds at most ${LIMITS.resources} resources.`;
  return [{ field: "id", message, code: "conflict" }];
}
