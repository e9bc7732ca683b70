import type { EventDeliverySchema, InputSchema } from "../event.ts";
import { LIMITS, quotaLimits } from "../limits.ts";
import type { DesiredEventSubscription, EventSubscriptionResource } from "../resources/event-subscription.ts";
import { deadLetterRules, destinationRules } from "../rules/destination-rules.ts";
import { filterRules } from "../rules/filter-rules.ts";
import { invalid, isGiven, outside, quote, type ResourceProblem } from "../rules/problem.ts";
import { eventTypeRules } from "../rules/system-rules.ts";
import { parseTime, type EpochMs } from "../time.ts";
import { PLAIN, type ResourceKind, type RuleContext } from "./kind.ts";
import { DELIVERABLE } from "./topic.ts";

/** Matches valid names. More than Azure documents, and no more than its service has been seen to accept. */
const SUBSCRIPTION_NAME = /^[A-Za-z\d._-]*$/;

/** Resource kind of event subscriptions, which extend their source. */
export const eventSubscriptionKind: ResourceKind<EventSubscriptionResource, DesiredEventSubscription> = {
  ...PLAIN,
  type: "Microsoft.EventGrid/eventSubscriptions",
  noun: "event subscription",
  placement: { kind: "extension" },
  location: "inherited",
  keyBytes: undefined,
  listensTo: ({ properties }) => properties.topic,
  // [EG-SUBSCRIPTION-EXPIRY]
  endsAt: ({ properties }) => parseTime(properties.expirationTimeUtc ?? ""),
  rules: subscriptionRules,
};

function subscriptionRules(desired: DesiredEventSubscription, context: RuleContext): readonly ResourceProblem[] {
  const { properties } = desired;
  const { deadLetterDestination, filter, retryPolicy } = properties;
  return [
    ...(context.isNew ? [...subscriptionNameRules(desired.name), ...quotaRules(context, properties.topic)] : []),
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

/** Returns the problems of the name. [EG-SUBSCRIPTION-NAME] */
function subscriptionNameRules(name: string): readonly ResourceProblem[] {
  const { subscriptionNameMinChars: low, subscriptionNameMaxChars: high } = LIMITS;
  const named = (): string =>
    `The length of ${quote(name)} is ${name.length} which is invalid. EventSubscription name must be between ${low} and ${high} characters in length.`;
  const characters = SUBSCRIPTION_NAME.test(name)
    ? []
    : [invalid("name", `EventSubscription name ${quote(name)} must hold only letters, digits, '-', '.' and '_'.`)];
  return [...lengthProblem(name, low, high, named), ...characters];
}

/** Returns a problem if the source has too many subscriptions. [EG-SUBSCRIPTIONS-PER-TOPIC] */
function quotaRules({ subscriptionsOfSource, relaxed }: RuleContext, topic: string): readonly ResourceProblem[] {
  const ofDomain = /\/providers\/Microsoft\.EventGrid\/domains\/[^/]+$/i.test(topic);
  const { subscriptionsPerDomain, subscriptionsPerTopic } = quotaLimits(relaxed === true);
  const limit = ofDomain ? subscriptionsPerDomain : subscriptionsPerTopic;
  if (subscriptionsOfSource < limit) return [];
  const message = `Quota limit reached: a ${ofDomain ? "domain" : "topic"} has at most ${limit} event subscriptions.`;
  return [{ field: "properties.topic", message, code: "conflict" }];
}

/** Returns a problem if the source cannot deliver events in the delivery schema. [EG-SCHEMA-COMBINATION] */
function schemaRules(delivery: EventDeliverySchema, input: InputSchema | undefined): readonly ResourceProblem[] {
  const field = "properties.eventDeliverySchema";
  if (!DELIVERABLE.CustomEventSchema.includes(delivery)) {
    return [invalid(field, `${quote(delivery)} is not an event delivery schema.`)];
  }
  if (input === undefined || DELIVERABLE[input].includes(delivery)) return [];
  const message = `The specified EventDeliverySchema value "${delivery}" cannot be used in combination with the topic's input schema of ${input}.`;
  return [invalid(field, message)];
}

/**
 * Returns a problem unless the expiration time is a future time. An empty text counts as unset, because some clients
 * send it. [EG-SUBSCRIPTION-EXPIRY]
 */
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
