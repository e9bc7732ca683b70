import { localSourceId, topicTypeByName } from "../../core/catalogue/topic-types.ts";
import { defaultDeliverySchema, type InputSchema } from "../../core/event.ts";
import type { FilterDescription } from "../../core/resources.ts";
import { DEFAULT_SCOPE, eventSubscriptionId, resourceId, storageAccountId, topicId } from "../../core/resource-id.ts";
import {
  DEFAULT_RETRY_POLICY,
  type DesiredEventSubscription,
  type DesiredResource,
  type DesiredSystemTopic,
  type DesiredTopic,
} from "../../core/resources.ts";
import { EMULATOR_ACCOUNT, EMULATOR_KEY } from "../emulator-account.ts";
import { withoutUndefined } from "./without-undefined.ts";
import type { Config } from "./schema.ts";
import type { StorageAccountConfig, SubscriptionConfig, SystemTopicConfig, TopicConfig } from "./resources-schema.ts";

/** Where everything lives that a file declares. */
const LOCATION = "local";

/** A resource, and where the file declares it: `topics[0].subscriptions[1]`. */
export interface DeclaredResource {
  readonly at: string;
  readonly resource: DesiredResource;
}

/** What declares resources. */
type ResourcesConfig = Pick<Config, "topics" | "systemTopics" | "storageAccounts" | "azurite" | "azuriteUrl">;

/** The resources that a configuration declares, sources before what listens to them. */
export function toResources(config: ResourcesConfig): DeclaredResource[] {
  return [
    ...config.topics.flatMap((topic, index) => topicResources(topic, `topics[${index}]`)),
    ...config.systemTopics.flatMap((topic, index) => systemTopicResources(topic, `systemTopics[${index}]`)),
    ...accountsOf(config).flatMap((account, index) => accountResources(account, `storageAccounts[${index}]`)),
  ];
}

/** Where Azurite is used and no account is named, it is the emulator's own. */
function accountsOf({ storageAccounts, azurite, azuriteUrl }: ResourcesConfig): readonly StorageAccountConfig[] {
  const isServed = azurite || azuriteUrl !== undefined;
  return isServed && storageAccounts.length === 0 ? [{ name: EMULATOR_ACCOUNT }] : storageAccounts;
}

function topicResources(topic: TopicConfig, at: string): DeclaredResource[] {
  const inputSchema = topic.inputSchema ?? "EventGridSchema";
  const resource: DesiredTopic = {
    id: topicId(topic.name),
    name: topic.name,
    type: "Microsoft.EventGrid/topics",
    location: LOCATION,
    keys: withoutUndefined({ key1: topic.key1, key2: topic.key2 }),
    properties: {
      inputSchema,
      ...withoutUndefined({
        inputSchemaMapping: topic.inputSchemaMapping,
        disableLocalAuth: topic.disableLocalAuth,
        publicNetworkAccess: topic.publicNetworkAccess,
        inboundIpRules: topic.inboundIpRules?.map((rule) => withoutUndefined(rule)),
      }),
    },
  };
  return [{ at, resource }, ...subscriptionsOf(topic.subscriptions ?? [], resource.id, inputSchema, at)];
}

function systemTopicResources(topic: SystemTopicConfig, at: string): DeclaredResource[] {
  const known = topicTypeByName(topic.topicType);
  // Without either, the rules say what is wrong.
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
        // An Azurite that runs already knows one key.
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
  return {
    id: eventSubscriptionId(source, subscription.name),
    name: subscription.name,
    type: "Microsoft.EventGrid/eventSubscriptions",
    location: LOCATION,
    properties: {
      topic: source,
      destination: withoutUndefined(subscription.destination) as DesiredEventSubscription["properties"]["destination"],
      filter,
      retryPolicy: { ...DEFAULT_RETRY_POLICY, ...withoutUndefined(subscription.retryPolicy ?? {}) },
      eventDeliverySchema: subscription.eventDeliverySchema ?? defaultDeliverySchema(inputSchema),
      ...withoutUndefined({
        deliveryIdentity: subscription.deliveryIdentity && withoutUndefined(subscription.deliveryIdentity),
        deadLetterDestination: subscription.deadLetterDestination,
        expirationTimeUtc: subscription.expirationTimeUtc,
        labels: subscription.labels,
      }),
    },
  };
}
