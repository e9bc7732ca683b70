import type { PublishedEvent } from "../../core/event.ts";
import type { FilterProblem } from "../../core/filter/check-filter.ts";
import { explainFilter, type ExplainedCondition } from "../../core/filter/explain-filter.ts";
import type { FilterRules } from "../../core/filter/shared-keys.ts";
import type { Resource } from "../../core/resources/resources.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { formatTime, type EpochMs } from "../../core/time.ts";
import { isHeld, isOpen, isRoutable } from "./admission.ts";

/** Explanation of whether an event goes to a subscriber. Plain data. */
export interface ExplainedSubscriber {
  /** ARM id of the event subscription. */
  readonly id: string;
  readonly name: string;
  /** Whether every condition holds: the event goes to the subscriber's queue. */
  readonly matched: boolean;
  /** Whether deliveries wait for the end of the webhook's handshake. */
  readonly held: boolean;
  /** Conditions of the filter, followed by those of the subscriber and its source. */
  readonly conditions: readonly ExplainedCondition[];
  /** Problems of a filter that does not compile: no event passes it. [EG-FILTER-BROKEN] */
  readonly problems?: readonly FilterProblem[];
}

/** An event and the circumstances in which it is routed. */
export interface Circumstances {
  readonly event: PublishedEvent;
  readonly rules: FilterRules;
  /** The source of the subscriber; `undefined` if Ringmain does not manage it, as with most Azure resources. */
  readonly source: Resource | undefined;
  readonly now: EpochMs;
  readonly enforceHandshake: boolean;
}

/** Returns whether an event goes to a subscriber, with the result of each condition. Pure; never throws. */
export function explainSubscriber(
  subscriber: Subscriber,
  { event, rules, source, now, enforceHandshake }: Circumstances,
): ExplainedSubscriber {
  const { id, name } = subscriber;
  const filter = explainFilter(subscriber.filter, rules, event);
  const held = isHeld(subscriber, enforceHandshake);
  const conditions = [
    ...(filter.kind === "conditions" ? filter.conditions : []),
    ...expiryCondition(subscriber, now),
    ...handshakeCondition(subscriber, enforceHandshake),
    ...activationCondition(source),
  ];
  if (filter.kind === "broken") return { id, name, matched: false, held, conditions, problems: filter.problems };
  return { id, name, matched: conditions.every(({ matched }) => matched), held, conditions };
}

/** Returns the condition that the subscription has not expired. [EG-SUBSCRIPTION-EXPIRY] */
function expiryCondition({ expiresAt }: Subscriber, now: EpochMs): readonly ExplainedCondition[] {
  if (!Number.isFinite(expiresAt)) return [];
  return [
    {
      field: "expirationTimeUtc",
      key: "now",
      operator: "Before",
      expected: formatTime(expiresAt),
      found: formatTime(now),
      matched: now < expiresAt,
    },
  ];
}

/** Returns the condition that the endpoint has consented; none if consent is not enforced. [EG-HANDSHAKE-STATES] */
function handshakeCondition(subscriber: Subscriber, enforced: boolean): readonly ExplainedCondition[] {
  if (!enforced || subscriber.consent === undefined) return [];
  return [
    {
      field: "handshake",
      key: "handshake.status",
      operator: "StringIn",
      expected: ["validated"],
      found: subscriber.consent,
      matched: isRoutable(subscriber, enforced),
    },
  ];
}

/** Returns the condition that the partner topic is activated. [EG-PARTNER-ACTIVATION] */
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
