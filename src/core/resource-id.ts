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

const DOMAIN_TOPIC_ID = /^(.*\/providers\/Microsoft\.EventGrid\/domains\/[^/]+)\/topics\/[^/]+$/i;

/** The id of the domain that a domain topic's id names; `undefined` for any other id. */
export function domainOfTopic(id: string): string | undefined {
  return DOMAIN_TOPIC_ID.exec(id)?.[1];
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

/** The last segment of an id. */
export function resourceName(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
