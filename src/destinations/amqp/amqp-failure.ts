import type { DeliveryOutcomeName } from "../../core/delivery.ts";
import { networkFailure } from "../outgoing/network-failure.ts";
import { AttemptError } from "../outgoing/attempt.ts";

/** An error in AMQP's form. */
export interface AmqpCondition {
  readonly condition?: string;
  readonly description?: string;
}

const OUTCOMES: Readonly<Record<string, DeliveryOutcomeName>> = {
  "amqp:not-found": "NotFound",
  "amqp:resource-deleted": "NotFound",
  "amqp:unauthorized-access": "Unauthorized",
  "com.microsoft:auth-failed": "Unauthorized",
  "com.microsoft:publisher-revoked": "Unauthorized",
  "com.microsoft:server-busy": "Busy",
  "com.microsoft:timeout": "TimedOut",
  "com.microsoft:operation-cancelled": "Canceled",
  "com.microsoft:entity-disabled": "Disabled",
  "amqp:resource-limit-exceeded": "Full",
  "amqp:link:message-size-exceeded": "PayloadTooLarge",
  "amqp:decode-error": "BadRequest",
  "com.microsoft:argument-error": "BadRequest",
  "com.microsoft:argument-out-of-range": "BadRequest",
  "amqp:connection:forced": "SocketError",
  "amqp:connection:framing-error": "SocketError",
  "amqp:link:detach-forced": "SocketError",
};
const MAX_DESCRIPTION_CHARS = 200;
/** Matches the error text of Service Bus for a message without a session to an entity that requires sessions. */
const SESSION_WANTED = /session/i;

/** Returns the failure for an error that an AMQP peer sent. [EG-AMQP-OUTCOME] */
export function amqpFailure({ condition = "", description = "" }: AmqpCondition): AttemptError {
  const cause = `the peer answered ${condition}: ${description.slice(0, MAX_DESCRIPTION_CHARS)}`;
  if (condition === "amqp:not-allowed" && SESSION_WANTED.test(description)) {
    return new AttemptError("SessionQueueNotSupported", cause);
  }
  return new AttemptError(OUTCOMES[condition] ?? "GenericError", cause);
}

/** Returns the failure for an error that ended a connection. */
export function connectionFailure(error: unknown): AttemptError {
  if (error instanceof AttemptError) return error;
  if (isCondition(error)) return amqpFailure(error);
  if (!(error instanceof Error)) return new AttemptError("SocketError", "the connection was closed");
  const { outcome, cause } = networkFailure(error);
  return new AttemptError(outcome, cause);
}

function isCondition(error: unknown): error is AmqpCondition {
  return typeof error === "object" && error !== null && "condition" in error && typeof error.condition === "string";
}
