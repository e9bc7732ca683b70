import type { DeadLetterReason, DeliveryOutcome, DeliveryOutcomeName } from "../delivery.ts";
import { MINUTE_MS, SECOND_MS, type EpochMs } from "../time.ts";

/**
 * Number of consecutive failed attempts after which an endpoint counts as unhealthy, as in Azure's example.
 * [EG-PROBATION]
 */
const FAILURES = 10;

/** Durations of probation by the outcome of the last attempt. Source: [EG-PROBATION] */
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

/** Health of an endpoint. */
export interface Health {
  /** Number of consecutive failed attempts. */
  readonly failures: number;
  /** Outcome of the latest of them. */
  readonly outcome?: DeliveryOutcomeName;
  /** End of the probation. Nothing is attempted before it; then one attempt decides. */
  readonly probationUntil?: EpochMs;
}

/** Health of an endpoint without failures. */
export const HEALTHY: Health = { failures: 0 };

/**
 * Returns an endpoint's health after another attempt. The refusal of a single event (400, 413) does not affect it.
 *
 * @param maxMs maximum duration of a probation; 0 means that there is none
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

/** Outcomes that the endpoint or its configuration causes and that waiting does not resolve. */
const CLIENT_ERRORS: ReadonlySet<DeliveryOutcomeName | undefined> = new Set([
  "NotFound",
  "ResolutionError",
  "Unauthorized",
  "Forbidden",
  "InvalidAzureFunctionDestination",
]);

/**
 * Returns the reason for dead-lettering an expired delivery. It has a reason of its own if it was never attempted
 * because its endpoint was on probation for a client error. Source: [EG-PROBATION-EXPIRED]
 */
export function expiryReason(deliveryCount: number, { outcome, probationUntil }: Health): DeadLetterReason {
  const untried = deliveryCount === 0 && probationUntil !== undefined && CLIENT_ERRORS.has(outcome);
  return untried ? "UndeliverableDueToProbationCausedByClientError" : "TimeToLiveExceeded";
}
