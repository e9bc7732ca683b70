import type { DeadLetterReason, DeliveryOutcome, DeliveryOutcomeName } from "../delivery.ts";
import { MINUTE_MS, SECOND_MS, type EpochMs } from "../time.ts";

/** Failed attempts in a row after which an endpoint counts as unhealthy. Azure's example. [EG-PROBATION] */
const FAILURES = 10;

/** How long an unhealthy endpoint is left alone, by what its last attempt came to. Source: [EG-PROBATION] */
const DURATIONS_MS: Readonly<Partial<Record<DeliveryOutcomeName, number>>> = {
  Busy: 10 * SECOND_MS,
  TimedOut: 10 * SECOND_MS,
  SocketError: 30 * SECOND_MS,
  NotFound: 5 * MINUTE_MS,
  ResolutionError: 5 * MINUTE_MS,
  Disabled: 5 * MINUTE_MS,
  Full: 5 * MINUTE_MS,
  Unauthorized: 5 * MINUTE_MS,
  Forbidden: 5 * MINUTE_MS,
  InvalidAzureFunctionDestination: 10 * MINUTE_MS,
};
const OTHER_DURATION_MS: number = 10 * SECOND_MS;

/** How healthy an endpoint is. */
export interface Health {
  /** Failed attempts in a row. */
  readonly failures: number;
  /** What the latest of them came to. */
  readonly outcome?: DeliveryOutcomeName;
  /** On probation nothing is attempted before this; then one attempt decides. */
  readonly probationUntil?: EpochMs;
}

export const HEALTHY: Health = { failures: 0 };

/**
 * An endpoint's health after one more attempt. Refusing a single event (400, 413) says nothing of the endpoint.
 *
 * @param maxMs no probation is longer than this; 0 means that there is none
 */
export function healthAfter(before: Health, outcome: DeliveryOutcome, now: EpochMs, maxMs: number): Health {
  if (outcome.kind === "accepted") return HEALTHY;
  if (outcome.outcome === "BadRequest" || outcome.outcome === "PayloadTooLarge") return before;
  const failures = before.failures + 1;
  const { outcome: name } = outcome;
  if (failures < FAILURES || maxMs === 0) return { failures, outcome: name };
  const durationMs = Math.min(DURATIONS_MS[name] ?? OTHER_DURATION_MS, maxMs);
  return { failures, outcome: name, probationUntil: now + durationMs };
}

/** Outcomes that the endpoint, or whoever set it up, has to answer for: waiting will not mend them. */
const CLIENT_ERRORS: ReadonlySet<DeliveryOutcomeName | undefined> = new Set([
  "NotFound",
  "ResolutionError",
  "Unauthorized",
  "Forbidden",
  "InvalidAzureFunctionDestination",
]);

/**
 * Why a delivery ends whose time to live is over: one that was never attempted, because its endpoint was on probation
 * for an error of its own, says so. Source: [EG-PROBATION-EXPIRED]
 */
export function expiryReason(deliveryCount: number, { outcome, probationUntil }: Health): DeadLetterReason {
  const untried = deliveryCount === 0 && probationUntil !== undefined && CLIENT_ERRORS.has(outcome);
  return untried ? "UndeliverableDueToProbationCausedByClientError" : "TimeToLiveExceeded";
}
