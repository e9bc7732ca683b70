import { assertNever } from "../errors.ts";
import type { EventDeliverySchema, InputSchema } from "../event.ts";
import { LIMITS, quotaLimits } from "../limits.ts";
import { accessRules } from "./access-rules.ts";
import { deadLetterRules, destinationRules } from "./destination-rules.ts";
import { domainRules, domainTopicRules } from "./domain-rules.ts";
import { filterRules } from "./filter-rules.ts";
import { partnerRules } from "./partner-rules.ts";
import { invalid, isGiven, nameProblems, outside, quote, type ResourceProblem } from "./problem.ts";
import { eventTypeRules, systemSourceRules } from "./system-rules.ts";
import type {
  DesiredDomain,
  DesiredEventSubscription,
  DesiredResource,
  DesiredStorageAccount,
  DesiredSystemTopic,
  DesiredTopic,
  TopicProperties,
} from "../resources/resources.ts";
import { parseTime, type EpochMs } from "../time.ts";

export type { ResourceProblem } from "./problem.ts";

/** What the rules need to know beyond the resource itself. */
export interface RuleContext {
  readonly now: EpochMs;
  /** What the topic that the subscription listens to accepts; `undefined` when unknown. */
  readonly inputSchema: InputSchema | undefined;
  /** Event subscriptions that this one's source has already, without it. */
  readonly subscriptionsOfSource: number;
  /** Nothing is there under this id yet. Names and numbers of what exists are not questioned again. */
  readonly isNew: boolean;
  /** The configuration file says so, rather than somebody who may call the server. */
  readonly declared?: boolean;
  /** With raised limits on numbers and lengths. [EG-LIMITS-RELAXED] */
  readonly relaxed?: boolean;
  /** Resources of all kinds that are there already; unset where that is not known. */
  readonly resources?: number;
  /** Whether an application is this server's own; unset where that is not known. */
  readonly isOwnAudience?: ((audience: string) => boolean) | undefined;
}

/**
 * Everything about a resource that the protocol does not allow; empty when it may be created or changed so. Never
 * throws for a wrong value.
 */
export function problemsOf(desired: DesiredResource, context: RuleContext): readonly ResourceProblem[] {
  return [...problemsOfKind(desired, context), ...storeRules(context)];
}

function problemsOfKind(desired: DesiredResource, context: RuleContext): readonly ResourceProblem[] {
  switch (desired.type) {
    case "Microsoft.EventGrid/topics":
      return topicRules(desired, context);
    case "Microsoft.EventGrid/systemTopics":
      return systemTopicRules(desired, context);
    case "Microsoft.EventGrid/eventSubscriptions":
      return subscriptionRules(desired, context);
    case "Microsoft.Storage/storageAccounts":
      return storageAccountRules(desired);
    case "Microsoft.Authorization/roleAssignments":
    case "Microsoft.Resources/deployments":
    case "Microsoft.Resources/resourceGroups":
      return [];
    case "Microsoft.EventGrid/domains":
      return [...topicRules(desired, context), ...domainRules(desired)];
    case "Microsoft.EventGrid/domains/topics":
      return domainTopicRules(desired, context.isNew);
    case "Microsoft.EventGrid/partnerNamespaces":
      return [...partnerRules(desired, context), ...accessRules(desired.properties, context.relaxed === true)];
    case "Microsoft.EventGrid/partnerRegistrations":
    case "Microsoft.EventGrid/partnerNamespaces/channels":
    case "Microsoft.EventGrid/partnerTopics":
    case "Microsoft.EventGrid/partnerConfigurations":
      return partnerRules(desired, context);
    default:
      return assertNever(desired);
  }
}

/** [EG-QUOTA-STORE] */
function storeRules({ isNew, resources = 0 }: RuleContext): readonly ResourceProblem[] {
  if (!isNew || resources < LIMITS.resources) return [];
  const message = `Quota limit reached: a store holds at most ${LIMITS.resources} resources.`;
  return [{ field: "id", message, code: "conflict" }];
}

/** What delivers in which schema. Source: [EG-SCHEMA-COMBINATION] */
const DELIVERABLE: Readonly<Record<InputSchema, readonly EventDeliverySchema[]>> = {
  EventGridSchema: ["EventGridSchema", "CloudEventSchemaV1_0"],
  CloudEventSchemaV1_0: ["CloudEventSchemaV1_0"],
  CustomEventSchema: ["EventGridSchema", "CloudEventSchemaV1_0", "CustomInputSchema"],
};

/** More than Azure documents, and no more than its service was seen to accept. */
const SUBSCRIPTION_NAME = /^[A-Za-z\d._-]*$/;
/** [EG-TOPIC-NAME] Beginnings that Azure keeps for itself. */
const RESERVED_NAMES = /^(?:Microsoft|EventGrid|System)/i;
/** [EG-SYSTEM-TOPIC-NAME] */
const SYSTEM_TOPIC_NAME_MAX_CHARS = 128;

function topicRules(
  { name, properties, type }: DesiredTopic | DesiredDomain,
  context: RuleContext,
): readonly ResourceProblem[] {
  const mapping = Object.hasOwn(DELIVERABLE, properties.inputSchema)
    ? mappingRules(properties)
    : [invalid("properties.inputSchema", `${quote(properties.inputSchema)} is not an input schema.`)];
  const schema = [...mapping, ...accessRules(properties, context.relaxed === true)];
  if (!context.isNew) return schema;
  const { topicNameMinChars: low, topicNameMaxChars: high } = LIMITS;
  const noun = type === "Microsoft.EventGrid/topics" ? "Topic" : "Domain";
  const reserved = RESERVED_NAMES.test(name)
    ? [invalid("name", `${noun} name ${quote(name)} must not begin with 'Microsoft', 'EventGrid' or 'System'.`)]
    : [];
  return [...nameProblems(name, { noun, low, high }), ...reserved, ...schema];
}

/** Source: [EG-STORAGE-ACCOUNT-NAME] */
function storageAccountRules({ name }: DesiredStorageAccount): readonly ResourceProblem[] {
  if (/^[a-z0-9]{3,24}$/.test(name)) return [];
  const message = `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`;
  return [{ field: "name", message, code: "account_name_invalid" }];
}

function systemTopicRules({ name, properties }: DesiredSystemTopic, context: RuleContext): readonly ResourceProblem[] {
  const source = systemSourceRules(properties);
  if (!context.isNew) return source;
  const bounds = { low: LIMITS.topicNameMinChars, high: SYSTEM_TOPIC_NAME_MAX_CHARS };
  return [...nameProblems(name, { noun: "System topic", ...bounds }), ...source];
}

/**
 * A mapping must say where event type and subject come from, or every event would be refused; the data version may be
 * left out, but not be left empty. Source: [EG-CUSTOM-MAPPING]
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

function subscriptionRules(desired: DesiredEventSubscription, context: RuleContext): readonly ResourceProblem[] {
  const { properties } = desired;
  const { deadLetterDestination, filter, retryPolicy } = properties;
  return [
    ...(context.isNew ? [...subscriptionNameRules(desired.name), ...roomRules(context, properties.topic)] : []),
    ...schemaRules(properties.eventDeliverySchema, context.inputSchema),
    ...destinationRules(desired, "properties.destination", context),
    ...filterRules(filter, "properties.filter", context.relaxed === true),
    ...eventTypeRules(properties, "properties.filter.includedEventTypes"),
    // [EG-RETRY-POLICY]
    ...outside(
      "properties.retryPolicy.maxDeliveryAttempts",
      retryPolicy.maxDeliveryAttempts,
      LIMITS.minDeliveryAttempts,
      LIMITS.maxDeliveryAttempts,
    ),
    ...outside(
      "properties.retryPolicy.eventTimeToLiveInMinutes",
      retryPolicy.eventTimeToLiveInMinutes,
      LIMITS.minTimeToLiveMinutes,
      LIMITS.maxTimeToLiveMinutes,
    ),
    ...(isGiven(deadLetterDestination)
      ? deadLetterRules(deadLetterDestination, "properties.deadLetterDestination")
      : []),
    ...expirationRules(properties.expirationTimeUtc, context.now),
  ];
}

/** [EG-SUBSCRIPTION-NAME] */
function subscriptionNameRules(name: string): readonly ResourceProblem[] {
  const { subscriptionNameMinChars: low, subscriptionNameMaxChars: high } = LIMITS;
  const named = (): string =>
    `The length of ${quote(name)} is ${name.length} which is invalid. EventSubscription name must be between ${low} and ${high} characters in length.`;
  const characters = SUBSCRIPTION_NAME.test(name)
    ? []
    : [invalid("name", `EventSubscription name ${quote(name)} must hold only letters, digits, '-', '.' and '_'.`)];
  return [...lengthProblem(name, low, high, named), ...characters];
}

/** [EG-SUBSCRIPTIONS-PER-TOPIC] */
function roomRules({ subscriptionsOfSource, relaxed }: RuleContext, topic: string): readonly ResourceProblem[] {
  const ofDomain = /\/providers\/Microsoft\.EventGrid\/domains\/[^/]+$/i.test(topic);
  const { subscriptionsPerDomain, subscriptionsPerTopic } = quotaLimits(relaxed === true);
  const limit = ofDomain ? subscriptionsPerDomain : subscriptionsPerTopic;
  if (subscriptionsOfSource < limit) return [];
  const message = `Quota limit reached: a ${ofDomain ? "domain" : "topic"} has at most ${limit} event subscriptions.`;
  return [{ field: "properties.topic", message, code: "conflict" }];
}

/** [EG-SCHEMA-COMBINATION] */
function schemaRules(delivery: EventDeliverySchema, input: InputSchema | undefined): readonly ResourceProblem[] {
  const field = "properties.eventDeliverySchema";
  if (!DELIVERABLE.CustomEventSchema.includes(delivery)) {
    return [invalid(field, `${quote(delivery)} is not an event delivery schema.`)];
  }
  if (input === undefined || DELIVERABLE[input].includes(delivery)) return [];
  const message = `The specified EventDeliverySchema value "${delivery}" cannot be used in combination with the topic's input schema of ${input}.`;
  return [invalid(field, message)];
}

/** An empty text counts as none, since some clients send it for none. [EG-SUBSCRIPTION-EXPIRY] */
function expirationRules(expiration: string | undefined, now: EpochMs): readonly ResourceProblem[] {
  if (!isGiven(expiration) || expiration === "") return [];
  const at = typeof expiration === "string" ? parseTime(expiration) : undefined;
  if (at !== undefined && at > now) return [];
  const message = `Invalid expiration time. ${quote(expiration)} must be a date and time in the future.`;
  return [invalid("properties.expirationTimeUtc", message)];
}

function lengthProblem(name: string, low: number, high: number, message: () => string): readonly ResourceProblem[] {
  return name.length >= low && name.length <= high ? [] : [invalid("name", message())];
}
