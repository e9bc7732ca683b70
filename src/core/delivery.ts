import type { EventEnvelope } from "./event.ts";
import type { EpochMs } from "./time.ts";

/**
 * Name of one durable queue of deliveries. A subscription owns the queue named by its `uid`, and, when it
 * dead-letters, a second one that holds what waits to be written to the dead-letter destination.
 */
export type QueueName = string & { readonly __brand: "QueueName" };

/** Proof of holding a lock on one delivery. Opaque; safe in a URL. */
export type LockToken = string & { readonly __brand: "LockToken" };

const DEAD_LETTER_SUFFIX = ".deadletter";

/** The queue of a subscription's deliveries. */
export function deliveryQueueName(subscriptionUid: string): QueueName {
  return subscriptionUid as QueueName;
}

/** The queue of what a subscription could not deliver and has yet to write to its dead-letter destination. */
export function deadLetterQueueName(subscriptionUid: string): QueueName {
  return (subscriptionUid + DEAD_LETTER_SUFFIX) as QueueName;
}

/** The subscription that owns a queue, and which of its two queues it is. */
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
 * How an attempt ended, by Azure's names; `lastDeliveryOutcome` of a dead letter.
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

/** How one attempt ended. A value, never an exception: failing is what networks do. */
export type DeliveryOutcome =
  | {
      readonly kind: "accepted";
      readonly httpStatus?: number;
      /** The file or blob that dead letters were written to, for people. No secrets. */
      readonly writtenTo?: string;
    }
  | {
      readonly kind: "failed";
      readonly outcome: DeliveryOutcomeName;
      readonly httpStatus?: number;
      /** One sentence for people: what was tried and what came back. No secrets, no event data. */
      readonly detail: string;
      /** Nothing was tried: what the destination names is not configured. Not tried again. [EG-DESTINATION-UNKNOWN] */
      readonly misconfigured?: true;
    };

/** Why a delivery will not be tried again. Source: [EG-DEADLETTER-REASON] */
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
  /** Attempts, or receives of a pull client, that have ended: 0 before the first one has. */
  readonly deliveryCount: number;
  /** When it entered this queue. */
  readonly enqueuedAt: EpochMs;
  readonly lastAttempt?: FailedAttempt;
  /** Set once it has been moved to a dead-letter queue; `deliveryCount` and `lastAttempt` then still tell of the
   * delivery that failed. */
  readonly deadLetterReason?: DeadLetterReason;
}

/** A delivery that its receiver may settle until `lockedUntil`. */
export interface LockedDelivery extends Delivery {
  readonly lockToken: LockToken;
  /** When the lock was given; it stays when the lock is renewed. */
  readonly receivedAt: EpochMs;
  readonly lockedUntil: EpochMs;
}

/** A place in the order of a queue. Opaque; safe in a URL. */
export type QueuePosition = string & { readonly __brand: "QueuePosition" };

/** A delivery as it is seen in its queue, without being received. */
export interface PeekedDelivery extends Delivery {
  readonly position: QueuePosition;
  /** The delivery is not received before this. */
  readonly dueAt: EpochMs;
  /** Set while the delivery is locked; without it, it waits. */
  readonly lockedUntil?: EpochMs;
}

/** What follows an attempt. */
export type NextStep =
  | { readonly kind: "acknowledge" }
  | { readonly kind: "release"; readonly dueAt: EpochMs }
  | { readonly kind: "reject"; readonly reason: DeadLetterReason };
