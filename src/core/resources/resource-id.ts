/**
 * ARM resource ids in the form that Event Grid uses. Comparisons ignore case; stored and delivered ids keep the case
 * in which they were created.
 */

/** Azure subscription of resources that name none. */
export const DEFAULT_SUBSCRIPTION_ID = "00000000-0000-0000-0000-000000000000";
/** Tenant of all Azure subscriptions and identities. */
export const DEFAULT_TENANT_ID = "00000000-0000-0000-0000-000000000001";
/** Resource group of resources that name none. */
export const DEFAULT_RESOURCE_GROUP = "ringmain";

/** Azure subscription and resource group of a resource. */
export interface ResourceScope {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
}

/** Scope of resources that name none. */
export const DEFAULT_SCOPE: ResourceScope = {
  subscriptionId: DEFAULT_SUBSCRIPTION_ID,
  resourceGroup: DEFAULT_RESOURCE_GROUP,
};

/** Returns `/subscriptions/{s}/resourceGroups/{g}/providers/{provider}/{type}/{name}`. */
export function resourceId(scope: ResourceScope, providerType: string, name: string): string {
  return `/subscriptions/${scope.subscriptionId}/resourceGroups/${scope.resourceGroup}/providers/${providerType}/${name}`;
}

/** Returns the id of a resource group. */
export function resourceGroupId({ subscriptionId, resourceGroup }: ResourceScope): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
}

/** Returns the id of a custom topic. */
export function topicId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/topics", name);
}

/** Returns the id of a domain. */
export function domainId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/domains", name);
}

/** Returns the id of a topic of a domain. */
export function domainTopicId(domain: string, name: string): string {
  return `${domain}/topics/${name}`;
}

const DOMAIN_TOPIC_ID = /^(.*\/providers\/Microsoft\.EventGrid\/domains\/[^/]+)\/topics\/[^/]+$/i;

/** Returns the id of the domain in a domain topic's id, or `undefined` for another id. */
export function domainOfTopic(id: string): string | undefined {
  return DOMAIN_TOPIC_ID.exec(id)?.[1];
}

/** Returns the id of a partner registration. */
export function partnerRegistrationId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/partnerRegistrations", name);
}

/** Returns the id of a partner namespace. */
export function partnerNamespaceId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/partnerNamespaces", name);
}

/** Returns the id of a channel of a partner namespace. */
export function channelId(namespace: string, name: string): string {
  return `${namespace}/channels/${name}`;
}

/** Returns the id of a partner topic. */
export function partnerTopicId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/partnerTopics", name);
}

/** Location and name of a partner topic, as in the properties of its channel. */
interface PartnerTopicName {
  readonly azureSubscriptionId: string;
  readonly resourceGroupName: string;
  readonly name: string;
}

/** Returns the id of a channel's partner topic. */
export function partnerTopicOf({ partnerTopicInfo: info }: { readonly partnerTopicInfo: PartnerTopicName }): string {
  const { azureSubscriptionId: subscriptionId, resourceGroupName: resourceGroup, name } = info;
  return partnerTopicId(name, { subscriptionId, resourceGroup });
}

/** Returns the id of the only partner configuration of a resource group. */
export function partnerConfigurationId(scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.EventGrid/partnerConfigurations", "default");
}

/** Returns the id of the parent: the id without its last type and name. */
export function parentId(id: string): string {
  return id.replace(/\/[^/]*\/[^/]*$/, "");
}

/** Returns the id of a storage account, which is also the `topic` of its events. */
export function storageAccountId(name: string, scope: ResourceScope = DEFAULT_SCOPE): string {
  return resourceId(scope, "Microsoft.Storage/storageAccounts", name);
}

/** Returns the id of an event subscription, which extends the id of its source. */
export function eventSubscriptionId(sourceId: string, name: string): string {
  return `${sourceId}/providers/Microsoft.EventGrid/eventSubscriptions/${name}`;
}

/** Returns the form of an id that is used as a key: in lower case, because ids ignore case. */
export function resourceKey(id: string): string {
  return id.toLowerCase();
}

/**
 * Returns the Azure subscription and resource group of an id. For resources of an Azure subscription outside of all
 * groups, this is the group that Event Grid creates for such resources.
 */
export function scopeOf(id: string): ResourceScope {
  const [, subscriptionId, resourceGroup] = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/i.exec(id) ?? [];
  if (subscriptionId === undefined) return DEFAULT_SCOPE;
  return { subscriptionId, resourceGroup: resourceGroup ?? "Default-EventGrid" };
}

/** Returns the last segment of an id. */
export function resourceName(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
