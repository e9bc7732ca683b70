import type { PublishedEvent } from "../../core/event.ts";
import type { FilterProblem } from "../../core/filter/check-filter.ts";
import { explainFilter, type ExplainedCondition } from "../../core/filter/explain-filter.ts";
import type { FilterRules } from "../../core/filter/shared-keys.ts";
import type { EventSubscriptionResource, Resource } from "../../core/resources/resources.ts";
import { formatTime, type EpochMs } from "../../core/time.ts";
import { expiryOf, isHeld, isOpen, isRoutable } from "./admission.ts";

/** One subscription: whether an event goes to it, and why. Plain data. */
export interface ExplainedSubscription {
  /** The subscription's ARM id. */
  readonly id: string;
  readonly name: string;
  /** Whether every condition holds: the event goes to the subscription's queue. */
  readonly matched: boolean;
  /** Whether deliveries wait for the end of the webhook's handshake. */
  readonly held: boolean;
  /** Those of the filter first, then those of the subscription and its source. */
  readonly conditions: readonly ExplainedCondition[];
  /** Set for a filter that does not compile: no event passes it. [EG-FILTER-BROKEN] */
  readonly problems?: readonly FilterProblem[];
}

/** The event and the circumstances in which it is routed. */
export interface Circumstances {
  readonly event: PublishedEvent;
  readonly rules: FilterRules;
  /** The resource that the subscription listens to; `undefined` where Ringmain keeps none, as for an Azure resource. */
  readonly source: Resource | undefined;
  readonly now: EpochMs;
  readonly enforceHandshake: boolean;
}

/** Returns whether an event goes to a subscription, and each condition of it. Pure; never throws. */
export function explainSubscription(
  { id, name, properties }: EventSubscriptionResource,
  { event, rules, source, now, enforceHandshake }: Circumstances,
): ExplainedSubscription {
  const filter = explainFilter(properties.filter, rules, event);
  const held = isHeld(properties, enforceHandshake);
  const conditions = [
    ...(filter.kind === "conditions" ? filter.conditions : []),
    ...expiryCondition(properties, now),
    ...handshakeCondition(properties, enforceHandshake),
    ...activationCondition(source),
  ];
  if (filter.kind === "broken") return { id, name, matched: false, held, conditions, problems: filter.problems };
  return { id, name, matched: conditions.every(({ matched }) => matched), held, conditions };
}

type Properties = EventSubscriptionResource["properties"];

/** [EG-SUBSCRIPTION-EXPIRY] */
function expiryCondition(properties: Properties, now: EpochMs): readonly ExplainedCondition[] {
  const { expirationTimeUtc } = properties;
  if (expirationTimeUtc === undefined) return [];
  return [
    {
      field: "expirationTimeUtc",
      key: "now",
      operator: "Before",
      expected: expirationTimeUtc,
      found: formatTime(now),
      matched: now < expiryOf(properties),
    },
  ];
}

/** [EG-HANDSHAKE-STATES] Where consent is not enforced the state of the handshake is no condition. */
function handshakeCondition(properties: Properties, enforced: boolean): readonly ExplainedCondition[] {
  if (!enforced || properties.handshake === undefined) return [];
  return [
    {
      field: "handshake",
      key: "handshake.status",
      operator: "StringIn",
      expected: ["validated"],
      found: properties.handshake.status,
      matched: isRoutable(properties, enforced),
    },
  ];
}

/** [EG-PARTNER-ACTIVATION] */
function activationCondition(source: Resource | undefined): readonly ExplainedCondition[] {
  if (source?.type !== "Microsoft.EventGrid/partnerTopics") return [];
  return [
    {
      field: "activationState",
      key: "activationState",
      operator: "StringIn",
      expected: ["Activated"],
      found: source.properties.activationState,
      matched: isOpen(source),
    },
  ];
}
