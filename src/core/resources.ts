import type { EventDeliverySchema, InputSchema } from "./event.ts";
import type { AdvancedFilterDescription } from "./filter/description.ts";

/**
 * What people manage. Each resource's `properties` are ARM's own, so that file, Resource Manager, CLI and store hold
 * one shape. Unset optional properties are absent, never `undefined`-valued defaults.
 */
interface ResourceBase<Type extends string, Properties> {
  /** Full ARM id. */
  readonly id: string;
  readonly name: string;
  readonly type: Type;
  /** Ringmain's own id, made once and kept until the resource is deleted; a resource made again under the same name
   * gets another, so that it never inherits its predecessor's queue. */
  readonly uid: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Set on what the configuration file declares: it goes when the file no longer declares it. */
  readonly managedBy?: "config";
  /** Which configuration declared it, where that has a name: only this one takes it away. */
  readonly configName?: string;
  readonly properties: Properties;
}

/** A custom topic: has an endpoint and keys. */
export type TopicResource = ResourceBase<"Microsoft.EventGrid/topics", TopicProperties> & {
  /** Shared access keys, Base64. Never part of a read of the resource. */
  readonly keys: AccessKeys;
};

/** A system topic: publishes on behalf of `properties.source`; has neither endpoint nor keys. */
export type SystemTopicResource = ResourceBase<"Microsoft.EventGrid/systemTopics", SystemTopicProperties>;

/** An event subscription. Its `id` extends the id of what it listens to. */
export type EventSubscriptionResource = ResourceBase<
  "Microsoft.EventGrid/eventSubscriptions",
  EventSubscriptionProperties
>;

export type Resource = TopicResource | SystemTopicResource | EventSubscriptionResource;

/** A topic as somebody wants it: what is not given is kept, or made. */
export type DesiredTopic = Omit<TopicResource, "uid" | "keys"> & { readonly keys?: Partial<AccessKeys> };
/** A system topic as somebody wants it. */
export type DesiredSystemTopic = Omit<SystemTopicResource, "uid">;
/** An event subscription as somebody wants it: without what only Ringmain can say. */
export type DesiredEventSubscription = Omit<EventSubscriptionResource, "uid" | "properties"> & {
  readonly properties: Omit<EventSubscriptionProperties, "provisioningState" | "handshake">;
};
/** Any resource as somebody wants it. */
export type DesiredResource = DesiredTopic | DesiredSystemTopic | DesiredEventSubscription;

export interface AccessKeys {
  readonly key1: string;
  readonly key2: string;
}

export interface TopicProperties {
  readonly inputSchema: InputSchema;
  readonly inputSchemaMapping?: InputSchemaMapping;
  readonly disableLocalAuth?: boolean;
}

/** `Json` mapping from a custom schema to Event Grid's fields. Source: [EG-CUSTOM-MAPPING] */
export interface InputSchemaMapping {
  readonly inputSchemaMappingType: "Json";
  readonly properties: {
    readonly id?: MappedField;
    readonly topic?: MappedField;
    readonly eventTime?: MappedField;
    readonly eventType?: MappedFieldWithDefault;
    readonly subject?: MappedFieldWithDefault;
    readonly dataVersion?: MappedFieldWithDefault;
  };
}
export interface MappedField {
  readonly sourceField?: string;
}
export interface MappedFieldWithDefault extends MappedField {
  readonly defaultValue?: string;
}

export interface SystemTopicProperties {
  /** ARM id of the resource whose events this topic carries; delivered as the events' `topic`. */
  readonly source: string;
  /** For example `Microsoft.Storage.StorageAccounts`. */
  readonly topicType: string;
}

export interface EventSubscriptionProperties {
  /** ARM id of what it listens to: a topic, or the source resource of a system topic. */
  readonly topic: string;
  readonly destination: DestinationDescription;
  readonly filter: FilterDescription;
  readonly retryPolicy: RetryPolicyDescription;
  readonly deadLetterDestination?: DeadLetterDescription;
  readonly eventDeliverySchema: EventDeliverySchema;
  readonly expirationTimeUtc?: string;
  readonly labels?: readonly string[];
  readonly provisioningState: ProvisioningState;
  /** What the latest handshake came to, for people; absent where the destination needs none. */
  readonly handshake?: HandshakeState;
}

/** Source: [EG-HANDSHAKE-STATES] */
export type ProvisioningState =
  | "Creating"
  | "Updating"
  | "Deleting"
  | "Succeeded"
  | "Canceled"
  | "Failed"
  | "AwaitingManualAction";

/** A webhook's proof of consent, or what is missing for it. Kept with the subscription so that it is visible. */
export interface HandshakeState {
  readonly status: "pending" | "validated" | "awaiting-manual-action" | "failed";
  /** The endpoint that was asked: another endpoint must be asked again. */
  readonly endpoint: string;
  /** Random; the receiver proves consent by returning it. A secret until used. */
  readonly validationCode: string;
  /** ISO 8601; manual consent is accepted until then. */
  readonly expiresAt: string;
  /** For people: what was asked and what came back. */
  readonly detail: string;
}

export interface FilterDescription {
  readonly includedEventTypes?: readonly string[];
  readonly subjectBeginsWith?: string;
  readonly subjectEndsWith?: string;
  readonly isSubjectCaseSensitive?: boolean;
  readonly enableAdvancedFilteringOnArrays?: boolean;
  readonly advancedFilters?: readonly AdvancedFilterDescription[];
}

/** Source: [EG-RETRY-POLICY] */
export interface RetryPolicyDescription {
  readonly maxDeliveryAttempts: number;
  readonly eventTimeToLiveInMinutes: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicyDescription = {
  maxDeliveryAttempts: 30,
  eventTimeToLiveInMinutes: 1_440,
};

/** Where events go. Members of the table in `destinations/index.ts`. */
export type DestinationDescription =
  | { readonly endpointType: "WebHook"; readonly properties: WebHookProperties }
  | { readonly endpointType: "AzureFunction"; readonly properties: AzureFunctionProperties };

/** The name of a kind of destination. */
export type EndpointType = DestinationDescription["endpointType"];

/** Source: [EG-BATCH-OUT] */
export interface BatchingProperties {
  /** 1 to 5,000; unset means 1. */
  readonly maxEventsPerBatch?: number;
  /** 1 to 1,024; unset means 64. */
  readonly preferredBatchSizeInKilobytes?: number;
}

export interface WebHookProperties extends BatchingProperties {
  /** The whole URL, query included. Holds secrets: never logged, never part of a read. */
  readonly endpointUrl: string;
  readonly deliveryAttributeMappings?: readonly DeliveryAttributeMapping[];
}

export interface AzureFunctionProperties extends BatchingProperties {
  /** `…/providers/Microsoft.Web/sites/{app}/functions/{function}` */
  readonly resourceId: string;
  readonly deliveryAttributeMappings?: readonly DeliveryAttributeMapping[];
}

/** A header added to each delivery. Source: [EG-ATTRIBUTES] */
export type DeliveryAttributeMapping =
  | {
      readonly name: string;
      readonly type: "Static";
      readonly properties: { readonly value: string; readonly isSecret?: boolean };
    }
  | { readonly name: string; readonly type: "Dynamic"; readonly properties: { readonly sourceField: string } };

/** Where undeliverable events go. `Folder` is Ringmain's own; the rest is Azure's. */
export type DeadLetterDescription =
  | {
      readonly endpointType: "StorageBlob";
      readonly properties: { readonly resourceId: string; readonly blobContainerName: string };
    }
  | { readonly endpointType: "Folder"; readonly properties: { readonly path: string } };
