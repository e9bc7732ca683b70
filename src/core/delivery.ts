import type { EventEnvelope } from "./event.ts";
import type { EpochMs } from "./time.ts";

/**
 * Name of a durable queue of deliveries. Every subscription owns a queue that is named after its `uid`. A subscription
 * with a dead-letter destination owns a second one, for events that are still to be written there.
 */
export type QueueName = string & { readonly __brand: "QueueName" };

/** Proof of holding a lock on one delivery. Opaque; safe in a URL. */
export type LockToken = string & { readonly __brand: "LockToken" };

const DEAD_LETTER_SUFFIX = ".deadletter";

/** Returns the name of the queue of a subscription's deliveries. */
export function deliveryQueueName(subscriptionUid: string): QueueName {
  return subscriptionUid as QueueName;
}

/**
 * Returns the name of the queue of undeliverable events that are still to be written to the dead-letter destination.
 */
export function deadLetterQueueName(subscriptionUid: string): QueueName {
  return (subscriptionUid + DEAD_LETTER_SUFFIX) as QueueName;
}

/** Owner of a queue: the subscription, and which of its two queues it is. */
export interface QueueOwner {
  /** The `uid` of the subscription. */
  readonly uid: string;
  readonly holds: "deliveries" | "dead_letters";
}

/** Returns the owner of a queue: the inverse of {@link deliveryQueueName} and {@link deadLetterQueueName}. */
export function ownerOf(queue: QueueName): QueueOwner {
  return queue.endsWith(DEAD_LETTER_SUFFIX)
    ? { uid: queue.slice(0, -DEAD_LETTER_SUFFIX.length), holds: "dead_letters" }
    : { uid: queue, holds: "deliveries" };
}

/**
 * Outcome of an attempt, by the names that Azure uses in the `lastDeliveryOutcome` of a dead letter.
 * Source: [EG-OUTCOME-NAMES]
 */
export type DeliveryOutcomeName =
  | "NotFound"
  | "Disabled"
  | "Full"
  | "Unauthorized"
  | "BadRequest"
  | "TimedOut"
  | "Busy"
  | "PayloadTooLarge"
  | "Probation"
  | "Canceled"
  | "Aborted"
  | "SocketError"
  | "ResolutionError"
  | "Delivering"
  | "SessionQueueNotSupported"
  | "Forbidden"
  | "InvalidAzureFunctionDestination"
  | "GenericError";

/** Outcome of one attempt. A failure is a value and never an exception, because networks fail all the time. */
export type DeliveryOutcome =
  | {
      readonly kind: "accepted";
      readonly httpStatus?: number;
      /** File or blob to which dead letters were written, to show to people. Contains no secrets. */
      readonly writtenTo?: string;
    }
  | {
      readonly kind: "failed";
      readonly outcome: DeliveryOutcomeName;
      readonly httpStatus?: number;
      /** One sentence to show to people: the action and its result. Contains no secrets and no event data. */
      readonly detail: string;
      /**
       * Set if no attempt was possible, because the configuration lacks the destination. Not tried again.
       * [EG-DESTINATION-UNKNOWN]
       */
      readonly misconfigured?: true;
    };

/** Reason why a delivery is not tried again. Source: [EG-DEADLETTER-REASON] */
export type DeadLetterReason =
  | "MaxDeliveryAttemptsExceeded"
  | "TimeToLiveExceeded"
  | "UndeliverableDueToHttpBadRequest"
  | "UndeliverableDueToHttpPayloadTooLarge"
  | "UndeliverableDueToHttpUnauthorized"
  | "UndeliverableDueToHttpForbidden"
  | "UndeliverableDueToInvalidConfiguration"
  | "UndeliverableDueToProbationCausedByClientError";

/** The latest failed attempt of a delivery. */
export interface FailedAttempt {
  readonly at: EpochMs;
  readonly outcome: DeliveryOutcomeName;
  readonly httpStatus?: number;
  readonly detail: string;
}

/** One event on its way to one subscription. */
export interface Delivery {
  readonly event: EventEnvelope;
  /** Number of completed attempts, or of completed receives of a pull client: 0 before the first one has ended. */
  readonly deliveryCount: number;
  /** Time at which it entered this queue. */
  readonly enqueuedAt: EpochMs;
  readonly lastAttempt?: FailedAttempt;
  /**
   * Set when it has been moved to a dead-letter queue. `deliveryCount` and `lastAttempt` still describe the delivery
   * that failed.
   */
  readonly deadLetterReason?: DeadLetterReason;
}

/** A locked delivery. Its receiver may settle it until `lockedUntil`. */
export interface LockedDelivery extends Delivery {
  readonly lockToken: LockToken;
  /** Time at which the lock was taken. Renewing the lock does not change it. */
  readonly receivedAt: EpochMs;
  readonly lockedUntil: EpochMs;
}

/** A position in the order of a queue. Opaque; safe in a URL. */
export type QueuePosition = string & { readonly __brand: "QueuePosition" };

/** A delivery in its queue, read without being received. */
export interface PeekedDelivery extends Delivery {
  readonly position: QueuePosition;
  /** Time before which the delivery is not received. */
  readonly dueAt: EpochMs;
  /** End of the lock; unset while the delivery is waiting. */
  readonly lockedUntil?: EpochMs;
}

/** Next step after an attempt. */
export type NextStep =
  | { readonly kind: "acknowledge" }
  | { readonly kind: "release"; readonly dueAt: EpochMs }
  | { readonly kind: "reject"; readonly reason: DeadLetterReason };
