/**
 * ARM resource ids as Event Grid builds them. Ids compare without regard to case; what is stored and delivered
 * keeps the case it was made with.
 */

/** The subscription every resource belongs to unless it says otherwise. */
export const DEFAULT_SUBSCRIPTION_ID = "00000000-0000-0000-0000-000000000000";
/** The tenant of every subscription and identity. */
export const DEFAULT_TENANT_ID = "00000000-0000-0000-0000-000000000001";
/** The resource group every resource belongs to unless it says otherwise. */
export const DEFAULT_RESOURCE_GROUP = "ringmain";

/** Where a resource lives. */
export interface ResourceScope {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
}

export const DEFAULT_SCOPE: ResourceScope = {
  subscriptionId: DEFAULT_SUBSCRIPTION_ID,
  resourceGroup: DEFAULT_RESOURCE_GROUP,
};

/** `/subscriptions/{s}/resourceGroups/{g}/providers/{provider}/{type}/{name}` */
export function resourceId(scope: ResourceScope, providerType: string, name: string): string {
  return `/subscriptions/${scope.subscriptionId}/resourceGroups/${scope.resourceGroup}/providers/${providerType}/${name}`;
}

/** The id of a resource group. */
export function resourceGroupId({ subscriptionId, resourceGroup }: ResourceScope): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
}

/** The id of a custom topic. */
export function topicId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/topics", name);
}

/** The id of a domain. */
export function domainId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/domains", name);
}

/** The id of a topic within a domain. */
export function domainTopicId(domain: string, name: string): string {
  return `${domain}/topics/${name}`;
}

const DOMAIN_TOPIC_ID = /^(.*\/providers\/Microsoft\.EventGrid\/domains\/[^/]+)\/topics\/[^/]+$/i;

/** The id of the domain that a domain topic's id names; `undefined` for any other id. */
export function domainOfTopic(id: string): string | undefined {
  return DOMAIN_TOPIC_ID.exec(id)?.[1];
}

/** The id of a partner's registration. */
export function partnerRegistrationId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/partnerRegistrations", name);
}

/** The id of a partner namespace. */
export function partnerNamespaceId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/partnerNamespaces", name);
}

/** The id of a channel of a partner namespace. */
export function channelId(namespace: string, name: string): string {
  return `${namespace}/channels/${name}`;
}

/** The id of a partner topic. */
export function partnerTopicId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/partnerTopics", name);
}

/** The place and name of a partner topic, as a channel gives them. */
interface PartnerTopicName {
  readonly azureSubscriptionId: string;
  readonly resourceGroupName: string;
  readonly name: string;
}

/** The id of the partner topic that a channel leads to. */
export function partnerTopicOf({ partnerTopicInfo: info }: { readonly partnerTopicInfo: PartnerTopicName }): string {
  const { azureSubscriptionId: subscriptionId, resourceGroupName: resourceGroup, name } = info;
  return partnerTopicId(name, { subscriptionId, resourceGroup });
}

/** The id of a resource group's partner configuration: there is one. */
export function partnerConfigurationId(scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/partnerConfigurations", "default");
}

/** The id without its last type and name: what a child resource belongs to. */
export function parentId(id: string): string {
  return id.replace(/\/[^/]*\/[^/]*$/, "");
}

/** The id of a storage account; storage events carry it as their `topic`. */
export function storageAccountId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.Storage/storageAccounts", name);
}

/** The id of an event subscription, an extension resource of what it listens to. */
export function eventSubscriptionId(sourceId: string, name: string): string {
  return `${sourceId}/providers/Microsoft.EventGrid/eventSubscriptions/${name}`;
}

/** The form of an id used as a key: ids are case-insensitive. */
export function resourceKey(id: string): string {
  return id.toLowerCase();
}

/**
 * Where a resource lives, by its id; what lies in an Azure subscription and in no group counts to the group that Event
 * Grid itself makes for such.
 */
export function scopeOf(id: string): ResourceScope {
  const [, subscriptionId, resourceGroup] = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/i.exec(id) ?? [];
  if (subscriptionId === undefined) return DEFAULT_SCOPE;
  return { subscriptionId, resourceGroup: resourceGroup ?? "Default-EventGrid" };
}

/** The last segment of an id. */
export function resourceName(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
