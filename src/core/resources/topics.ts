import type { InputSchema } from "../event.ts";
import type { Identifiable, Keyed, PublisherAccess, ResourceBase } from "./base.ts";
import type { EventTypeInfo } from "./partner.ts";

/** A custom topic: has an endpoint and keys. */
export type TopicResource = ResourceBase<"Microsoft.EventGrid/topics", TopicProperties> & Keyed & Identifiable;

/** What publishers send. */
export interface InputProperties {
  readonly inputSchema: InputSchema;
  readonly inputSchemaMapping?: InputSchemaMapping;
}

export interface TopicProperties extends InputProperties, PublisherAccess {
  /** Kept and shown only. */
  readonly dataResidencyBoundary?: "WithinGeopair" | "WithinRegion";
  /** Kept and shown only. */
  readonly eventTypeInfo?: EventTypeInfo;
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

/** A domain: one endpoint and one pair of keys for many topics. */
export type DomainResource = ResourceBase<"Microsoft.EventGrid/domains", DomainProperties> & Keyed & Identifiable;

export interface DomainProperties extends TopicProperties {
  /** `true` unless set: a subscription to a domain topic that is not there makes the topic. */
  readonly autoCreateTopicWithFirstSubscription?: boolean;
  /** `true` unless set: a domain topic goes with its last subscription. */
  readonly autoDeleteTopicWithLastSubscription?: boolean;
}

/** A topic within a domain. Publishers name it in each event. */
export type DomainTopicResource = ResourceBase<"Microsoft.EventGrid/domains/topics", Readonly<Record<string, never>>>;

/** A system topic: publishes on behalf of `properties.source`; has neither endpoint nor keys. */
export type SystemTopicResource = ResourceBase<"Microsoft.EventGrid/systemTopics", SystemTopicProperties> &
  Identifiable & {
    /** Made by a subscription on its source: goes with the last one. */
    readonly implicit?: true;
  };

export interface SystemTopicProperties {
  /** ARM id of the resource whose events this topic carries; delivered as the events' `topic`. */
  readonly source: string;
  /** For example `Microsoft.Storage.StorageAccounts`. */
  readonly topicType: string;
}
