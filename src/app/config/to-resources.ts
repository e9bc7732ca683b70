import { localSourceId, topicTypeByName } from "../../core/catalogue/topic-types.ts";
import { defaultDeliverySchema, type InputSchema } from "../../core/event.ts";
import type { DeadLetterDescription, FilterDescription } from "../../core/resources/resources.ts";
import {
  channelId,
  DEFAULT_SCOPE,
  domainId,
  domainTopicId,
  eventSubscriptionId,
  partnerNamespaceId,
  partnerRegistrationId,
  partnerTopicId,
  resourceId,
  storageAccountId,
  topicId,
} from "../../core/resources/resource-id.ts";
import {
  DEFAULT_RETRY_POLICY,
  type DesiredDomain,
  type DesiredEventSubscription,
  type DesiredOf,
  type DesiredResource,
  type DesiredSystemTopic,
  type DesiredTopic,
  type PublisherAccess,
  type ResourceType,
  type TopicProperties,
} from "../../core/resources/resources.ts";
import { EMULATOR_ACCOUNT, EMULATOR_KEY } from "../parts/storage/emulator-account.ts";
import { withoutUndefined } from "./without-undefined.ts";
import type { Config } from "./schema.ts";
import type {
  DomainConfig,
  PartnerNamespaceConfig,
  StorageAccountConfig,
  SubscriptionConfig,
  SystemTopicConfig,
  TopicConfig,
} from "./resources-schema.ts";

/** Location of all resources in a file. */
const LOCATION = "local";

/** A resource that a file declares. */
export interface DeclaredResource<Declared extends DesiredResource = DesiredResource> {
  /** Path in the file, for example `topics[0].subscriptions[1]`. */
  readonly at: string;
  readonly resource: Declared;
}

/** Returns the declared resources of one kind. */
export function declaredOf<Type extends ResourceType>(
  type: Type,
  declared: readonly DeclaredResource[],
): DeclaredResource<DesiredOf<Type>>[] {
  return declared.filter((each): each is DeclaredResource<DesiredOf<Type>> => each.resource.type === type);
}

/** The parts of a configuration that declare resources. */
type ResourcesConfig = Pick<
  Config,
  "topics" | "domains" | "partnerNamespaces" | "systemTopics" | "storageAccounts" | "azurite" | "azuriteUrl"
>;

/** Returns the resources that a configuration declares. Each source comes before its subscriptions. */
export function toResources(config: ResourcesConfig): DeclaredResource[] {
  return [
    ...config.domains.flatMap((domain, index) => domainResources(domain, `domains[${index}]`)),
    ...config.partnerNamespaces.flatMap((namespace, index) =>
      partnerResources(namespace, `partnerNamespaces[${index}]`),
    ),
    ...config.topics.flatMap((topic, index) => topicResources(topic, `topics[${index}]`)),
    ...config.systemTopics.flatMap((topic, index) => systemTopicResources(topic, `systemTopics[${index}]`)),
    ...accountsOf(config).flatMap((account, index) => accountResources(account, `storageAccounts[${index}]`)),
  ];
}

/** Returns the declared accounts. If there are none but Azurite is used, returns the emulator's account. */
function accountsOf({ storageAccounts, azurite, azuriteUrl }: ResourcesConfig): readonly StorageAccountConfig[] {
  const isServed = azurite || azuriteUrl !== undefined;
  return isServed && storageAccounts.length === 0 ? [{ name: EMULATOR_ACCOUNT }] : storageAccounts;
}

function topicResources(topic: TopicConfig, at: string): DeclaredResource[] {
  const properties = topicProperties(topic);
  const resource: DesiredTopic = {
    id: topicId(topic.name),
    name: topic.name,
    type: "Microsoft.EventGrid/topics",
    location: LOCATION,
    keys: withoutUndefined({ key1: topic.key1, key2: topic.key2 }),
    ...withoutUndefined({ identity: topic.identity && withoutUndefined(topic.identity) }),
    properties,
  };
  return [{ at, resource }, ...subscriptionsOf(topic.subscriptions ?? [], resource.id, properties.inputSchema, at)];
}

/** Returns the properties that topics and domains have in common. */
function topicProperties(topic: TopicConfig | DomainConfig): TopicProperties {
  return {
    inputSchema: topic.inputSchema ?? "EventGridSchema",
    ...withoutUndefined({ inputSchemaMapping: topic.inputSchemaMapping }),
    ...publisherAccess(topic),
  };
}

function publisherAccess(target: TopicConfig | DomainConfig | PartnerNamespaceConfig): PublisherAccess {
  return withoutUndefined({
    disableLocalAuth: target.disableLocalAuth,
    publicNetworkAccess: target.publicNetworkAccess,
    inboundIpRules: target.inboundIpRules?.map((rule) => withoutUndefined(rule)),
  });
}

function domainResources(domain: DomainConfig, at: string): DeclaredResource[] {
  const properties = topicProperties(domain);
  const { inputSchema } = properties;
  const id = domainId(domain.name);
  const resource: DesiredDomain = {
    id,
    name: domain.name,
    type: "Microsoft.EventGrid/domains",
    location: LOCATION,
    keys: withoutUndefined({ key1: domain.key1, key2: domain.key2 }),
    ...withoutUndefined({ identity: domain.identity && withoutUndefined(domain.identity) }),
    properties: {
      ...properties,
      ...withoutUndefined({
        autoCreateTopicWithFirstSubscription: domain.autoCreateTopicWithFirstSubscription,
        autoDeleteTopicWithLastSubscription: domain.autoDeleteTopicWithLastSubscription,
      }),
    },
  };
  const topics = (domain.topics ?? []).flatMap(({ name, subscriptions }, index): DeclaredResource[] => {
    const topic = domainTopicId(id, name);
    const place = `${at}.topics[${index}]`;
    return [
      {
        at: place,
        resource: {
          id: topic,
          name,
          type: "Microsoft.EventGrid/domains/topics",
          location: LOCATION,
          properties: {},
        },
      },
      ...subscriptionsOf(subscriptions ?? [], topic, inputSchema, place),
    ];
  });
  return [{ at, resource }, ...topics, ...subscriptionsOf(domain.subscriptions ?? [], id, inputSchema, at)];
}

/**
 * Returns a partner namespace, its channels, and a registration of the same name, since the file's author is the
 * partner too.
 */
function partnerResources(namespace: PartnerNamespaceConfig, at: string): DeclaredResource[] {
  const { name } = namespace;
  const id = partnerNamespaceId(name);
  const registration = partnerRegistrationId(name);
  return [
    {
      at,
      resource: {
        id: registration,
        name,
        type: "Microsoft.EventGrid/partnerRegistrations",
        location: "global",
        properties: {},
      },
    },
    {
      at,
      resource: {
        id,
        name,
        type: "Microsoft.EventGrid/partnerNamespaces",
        location: LOCATION,
        keys: withoutUndefined({ key1: namespace.key1, key2: namespace.key2 }),
        properties: {
          partnerRegistrationFullyQualifiedId: registration,
          partnerTopicRoutingMode: namespace.partnerTopicRoutingMode ?? "SourceEventAttribute",
          ...publisherAccess(namespace),
        },
      },
    },
    ...(namespace.channels ?? []).flatMap((channel, index) =>
      channelResources(channel, id, `${at}.channels[${index}]`),
    ),
  ];
}

function channelResources(
  { name, source, partnerTopicName = name, subscriptions }: NonNullable<PartnerNamespaceConfig["channels"]>[number],
  namespace: string,
  at: string,
): DeclaredResource[] {
  const { subscriptionId: azureSubscriptionId, resourceGroup: resourceGroupName } = DEFAULT_SCOPE;
  const partnerTopicInfo = { azureSubscriptionId, resourceGroupName, name: partnerTopicName, source };
  return [
    {
      at,
      resource: {
        id: channelId(namespace, name),
        name,
        type: "Microsoft.EventGrid/partnerNamespaces/channels",
        location: LOCATION,
        properties: { channelType: "PartnerTopic", partnerTopicInfo },
      },
    },
    ...subscriptionsOf(subscriptions ?? [], partnerTopicId(partnerTopicName), "CloudEventSchemaV1_0", at),
  ];
}

function systemTopicResources(topic: SystemTopicConfig, at: string): DeclaredResource[] {
  const known = topicTypeByName(topic.topicType);
  // Without a source and a known type, the resource rules report the problem.
  const source = topic.source ?? (known && localSourceId(known, topic.name)) ?? "/";
  return [
    { at, resource: systemTopic(topic.name, source, known?.name ?? topic.topicType) },
    ...subscriptionsOf(topic.subscriptions ?? [], source, "EventGridSchema", at),
  ];
}

function accountResources(account: StorageAccountConfig, at: string): DeclaredResource[] {
  const source = storageAccountId(account.name);
  const key = account.key ?? EMULATOR_KEY;
  return [
    {
      at,
      resource: {
        id: source,
        name: account.name,
        type: "Microsoft.Storage/storageAccounts",
        location: LOCATION,
        // A running Azurite knows only one key.
        keys: { key1: key, key2: key },
        properties: withoutUndefined({ blobPort: account.blobPort, urlForm: account.urlForm }),
      },
    },
    { at, resource: systemTopic(account.name, source, "Microsoft.Storage.StorageAccounts") },
    ...subscriptionsOf(account.subscriptions ?? [], source, "EventGridSchema", at),
  ];
}

function systemTopic(name: string, source: string, topicType: string): DesiredSystemTopic {
  return {
    id: resourceId(DEFAULT_SCOPE, "Microsoft.EventGrid/systemTopics", name),
    name,
    type: "Microsoft.EventGrid/systemTopics",
    location: LOCATION,
    properties: { source, topicType },
  };
}

function subscriptionsOf(
  subscriptions: readonly SubscriptionConfig[],
  source: string,
  inputSchema: InputSchema,
  at: string,
): DeclaredResource[] {
  return subscriptions.map((subscription, index) => ({
    at: `${at}.subscriptions[${index}]`,
    resource: subscriptionResource(subscription, source, inputSchema),
  }));
}

function subscriptionResource(
  subscription: SubscriptionConfig,
  source: string,
  inputSchema: InputSchema,
): DesiredEventSubscription {
  const filter: FilterDescription = withoutUndefined(subscription.filter ?? {});
  const { deliveryWithResourceIdentity: delivery, deadLetterWithResourceIdentity: deadLetter } = subscription;
  return {
    id: eventSubscriptionId(source, subscription.name),
    name: subscription.name,
    type: "Microsoft.EventGrid/eventSubscriptions",
    location: LOCATION,
    properties: {
      topic: source,
      destination: withoutUndefined(
        delivery?.destination ?? subscription.destination ?? {},
      ) as DesiredEventSubscription["properties"]["destination"],
      filter,
      retryPolicy: { ...DEFAULT_RETRY_POLICY, ...withoutUndefined(subscription.retryPolicy ?? {}) },
      eventDeliverySchema: subscription.eventDeliverySchema ?? defaultDeliverySchema(inputSchema),
      ...withoutUndefined({
        deliveryIdentity: delivery && withoutUndefined(delivery.identity),
        deadLetterDestination: (deadLetter?.deadLetterDestination ?? subscription.deadLetterDestination) as
          | DeadLetterDescription
          | undefined,
        deadLetterIdentity: deadLetter && withoutUndefined(deadLetter.identity),
        expirationTimeUtc: subscription.expirationTimeUtc,
        labels: subscription.labels,
      }),
    },
  };
}
