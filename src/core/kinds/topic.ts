import type { EventDeliverySchema, InputSchema } from "../event.ts";
import { LIMITS } from "../limits.ts";
import type { Desired, EventTypeInfo, Identifiable, Keyed, PublisherAccess, ResourceBase } from "../resources/base.ts";
import { accessRules } from "../rules/access-rules.ts";
import { invalid, isGiven, nameProblems, quote, type ResourceProblem } from "../rules/problem.ts";
import { namedPlace, regionPlace } from "./places.ts";
import { PLAIN, type PublishEndpoint, type ResourceKind, type RuleContext } from "./kind.ts";

/** A custom topic: has an endpoint and keys. */
export type TopicResource = ResourceBase<"Microsoft.EventGrid/topics", TopicProperties> & Keyed & Identifiable;

/** Properties that define the events that publishers send. */
export interface InputProperties {
  readonly inputSchema: InputSchema;
  readonly inputSchemaMapping?: InputSchemaMapping;
}

/** Properties of a custom topic. */
export interface TopicProperties extends InputProperties, PublisherAccess {
  /** Stored and returned, without any other effect. */
  readonly dataResidencyBoundary?: "WithinGeopair" | "WithinRegion";
  /** Stored and returned, without any other effect. */
  readonly eventTypeInfo?: EventTypeInfo;
}

/** Mapping of a custom schema to the fields of Event Grid (`Json` in ARM). Source: [EG-CUSTOM-MAPPING] */
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
/** Field of Event Grid whose value is read from a member of the event. */
export interface MappedField {
  readonly sourceField?: string;
}

/** Mapped field with a default value for events without that member. */
export interface MappedFieldWithDefault extends MappedField {
  readonly defaultValue?: string;
}

/** Desired state of a topic. */
export type DesiredTopic = Desired<TopicResource>;

/** Resource kind of topics. */
export const topicKind: ResourceKind<TopicResource, DesiredTopic, PublishEndpoint> = {
  ...PLAIN,
  type: "Microsoft.EventGrid/topics",
  noun: "topic",
  placement: { kind: "group" },
  location: "chosen",
  keyBytes: 32,
  endpoint: { segment: "topics" },
  regionQuota: "topicsPerRegion",
  subscribable: true,
  inputSchema: ({ properties }) => properties.inputSchema,
  places: (topic) => [namedPlace(topic), regionPlace(topic)],
  rules: (desired, context) => topicRules("Topic", desired, context),
};

/** Delivery schemas that are possible for each input schema. Source: [EG-SCHEMA-COMBINATION] */
export const DELIVERABLE: Readonly<Record<InputSchema, readonly EventDeliverySchema[]>> = {
  EventGridSchema: ["EventGridSchema", "CloudEventSchemaV1_0"],
  CloudEventSchemaV1_0: ["CloudEventSchemaV1_0"],
  CustomEventSchema: ["EventGridSchema", "CloudEventSchemaV1_0", "CustomInputSchema"],
};

/** Matches prefixes that Azure reserves. [EG-TOPIC-NAME] */
const RESERVED_NAMES = /^(?:Microsoft|EventGrid|System)/i;

/** Returns the problems of a topic, or of the members that a domain has in common with it. */
export function topicRules(
  noun: "Topic" | "Domain",
  { name, properties }: { readonly name: string; readonly properties: TopicProperties },
  context: RuleContext,
): readonly ResourceProblem[] {
  const mapping = Object.hasOwn(DELIVERABLE, properties.inputSchema)
    ? mappingRules(properties)
    : [invalid("properties.inputSchema", `${quote(properties.inputSchema)} is not an input schema.`)];
  const schema = [...mapping, ...accessRules(properties, context.relaxed === true)];
  if (!context.isNew) return schema;
  const { topicNameMinChars: low, topicNameMaxChars: high } = LIMITS;
  const reserved = RESERVED_NAMES.test(name)
    ? [invalid("name", `${noun} name ${quote(name)} must not begin with 'Microsoft', 'EventGrid' or 'System'.`)]
    : [];
  return [...nameProblems(name, { noun, low, high }), ...reserved, ...schema];
}

/**
 * Returns the problems of a mapping. It must define the sources of event type and subject, or every event would be
 * refused. The data version may be missing, but not empty. Source: [EG-CUSTOM-MAPPING]
 */
function mappingRules({ inputSchema, inputSchemaMapping: mapping }: TopicProperties): readonly ResourceProblem[] {
  if (!isGiven(mapping)) return [];
  const field = "properties.inputSchemaMapping";
  if (inputSchema !== "CustomEventSchema") {
    return [invalid(field, `An input schema mapping needs the input schema CustomEventSchema, not ${inputSchema}.`)];
  }
  if (mapping.inputSchemaMappingType !== "Json" || !isGiven(mapping.properties)) {
    return [invalid(field, "The input schema mapping must be of type 'Json', with properties.")];
  }
  return (["eventType", "subject", "dataVersion"] as const).flatMap((target) => {
    const source = mapping.properties[target];
    if (!isGiven(source) && target === "dataVersion") return [];
    if (isGiven(source?.sourceField) || isGiven(source?.defaultValue)) return [];
    const message = `The mapping of '${target}' needs a sourceField or a defaultValue.`;
    return [invalid(`${field}.properties.${target}`, message)];
  });
}
