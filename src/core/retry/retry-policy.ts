import type { DeadLetterReason, DeliveryOutcome, DeliveryOutcomeName, NextStep } from "../delivery.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS, type EpochMs } from "../time.ts";

/**
 * Waits after the first, second, … failed attempt; the last one repeats. They are gaps between attempts, not
 * offsets from the first attempt. With the defaults, attempts are made at 0, 0:10, 0:40, 1:40, 6:40, 16:40, 46:40
 * min, 1:46:40, 4:46:40, 10:46:40 and 22:46:40 h, eleven within 24 hours.
 * Source: [EG-RETRY-SCHEDULE]
 */
export const RETRY_GAPS_MS: readonly number[] = [
  10 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
];

/**
 * Maximum share of a gap that is added to it at random, so that failed deliveries are not retried in lockstep.
 * [EG-RETRY-JITTER]
 */
export const RETRY_JITTER = 0.1;

/** Time from the last attempt to the dead letter. Source: [EG-DEADLETTER-DELAY] */
export const DEAD_LETTER_DELAY_MS: number = 5 * MINUTE_MS;

/** Limits on the number of attempts and on the age of a subscriber's events. [EG-RETRY-POLICY] */
export interface RetryProfile {
  readonly maxDeliveryAttempts: number;
  readonly timeToLiveMs: number;
}

/** Properties of a subscriber that a retry decision depends on. */
export interface RetryRules {
  readonly profile: RetryProfile;
  /** Whether the destination is an Azure resource, whose 401 is retried, rather than a webhook. */
  readonly azureResource: boolean;
  /** Whether 403 is retried, as observed in Azure, whose documents contradict each other. [EG-RETRY-FORBIDDEN] */
  readonly retryForbidden: boolean;
  /** Maximum wait without the jitter; infinite for Azure's schedule. [EG-RETRY-SHORT] */
  readonly maxGapMs: number;
}

/** Returns whether a delivery has expired. Checked only when an attempt is due. Source: [EG-RETRY-TTL] */
export function isExpired(publishedAt: EpochMs, { timeToLiveMs }: RetryProfile, now: EpochMs): boolean {
  return now - publishedAt >= timeToLiveMs;
}

/** The place of an attempt in the life of its delivery. */
export interface AttemptPlace {
  /** Number of attempts before this one. */
  readonly deliveryCount: number;
  readonly now: EpochMs;
  /** Number from [0, 1), uniformly distributed, for the jitter. */
  readonly random: number;
}

/**
 * Returns the next step after an attempt.
 * Source: [EG-RETRY-STATUS], [EG-RETRY-SCHEDULE], [EG-RETRY-POLICY]
 */
export function decideNextStep(
  outcome: DeliveryOutcome,
  rules: RetryRules,
  { deliveryCount, now, random }: AttemptPlace,
): NextStep {
  if (outcome.kind === "accepted") return { kind: "acknowledge" };
  const response = responseTo(outcome, rules);
  if (response.kind === "never") return { kind: "reject", reason: response.reason };
  if (deliveryCount + 1 >= rules.profile.maxDeliveryAttempts) {
    return { kind: "reject", reason: "MaxDeliveryAttemptsExceeded" };
  }
  const gapMs = Math.min(Math.max(retryGapMs(deliveryCount), response.atLeastMs), rules.maxGapMs);
  return { kind: "release", dueAt: now + Math.round(gapMs * (1 + RETRY_JITTER * random)) };
}

/** Returns the schedule's wait after an attempt that had `deliveryCount` attempts before it. */
export function retryGapMs(deliveryCount: number): number {
  return RETRY_GAPS_MS[Math.min(deliveryCount, RETRY_GAPS_MS.length - 1)] ?? 12 * HOUR_MS;
}

type Response =
  | { readonly kind: "retry"; readonly atLeastMs: number }
  | { readonly kind: "never"; readonly reason: DeadLetterReason };

/** HTTP statuses that correspond to outcomes of destinations without HTTP. [EG-RETRY-EQUIVALENT] */
const EQUIVALENTS: Readonly<Partial<Record<DeliveryOutcomeName, number>>> = {
  PayloadTooLarge: 413,
  Unauthorized: 401,
  SessionQueueNotSupported: 404,
  Disabled: 404,
  NotFound: 404,
  Full: 503,
  Busy: 503,
};

/** Returns whether, and after which minimum wait, a status is retried. Source: [EG-RETRY-STATUS] */
function responseTo(
  failure: DeliveryOutcome & { kind: "failed" },
  { azureResource, retryForbidden }: RetryRules,
): Response {
  if (failure.misconfigured === true || failure.outcome === "InvalidAzureFunctionDestination") {
    return { kind: "never", reason: "UndeliverableDueToInvalidConfiguration" };
  }
  switch (failure.httpStatus ?? (azureResource ? EQUIVALENTS[failure.outcome] : undefined)) {
    case 400:
      return { kind: "never", reason: "UndeliverableDueToHttpBadRequest" };
    case 413:
      return { kind: "never", reason: "UndeliverableDueToHttpPayloadTooLarge" };
    case 401:
      if (!azureResource) return { kind: "never", reason: "UndeliverableDueToHttpUnauthorized" };
      return { kind: "retry", atLeastMs: 5 * MINUTE_MS };
    case 403:
      if (!retryForbidden) return { kind: "never", reason: "UndeliverableDueToHttpForbidden" };
      return { kind: "retry", atLeastMs: 5 * MINUTE_MS };
    case 404:
      return { kind: "retry", atLeastMs: 5 * MINUTE_MS };
    case 408:
      return { kind: "retry", atLeastMs: 2 * MINUTE_MS };
    case 503:
      return { kind: "retry", atLeastMs: 30 * SECOND_MS };
    case undefined:
    default:
      return { kind: "retry", atLeastMs: 10 * SECOND_MS };
  }
}
