import type { DeadLetterReason, Delivery, DeliveryOutcome, DeliveryOutcomeName, QueueName } from "../core/delivery.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { InputSchema } from "../core/event.ts";
import type { Subscriber } from "../core/subscriber.ts";
import type { EpochMs } from "../core/time.ts";

/** Why a publish request was refused, or failed. */
export interface PublishFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** The URL that was posted to, without its query: that may hold a key. */
  readonly url: string;
}

/** Who sent a publish request. */
export interface Publisher {
  /** The other end of the connection. */
  readonly address?: string | undefined;
  /** For example `1.3`; absent without TLS. */
  readonly tlsVersion?: string | undefined;
  /** The kind of credential that was shown, right or wrong, by Azure's names. */
  readonly authentication: "Key" | "SASToken" | "AADAccessToken" | "Unknown";
}

/**
 * What the engine tells of itself, as it happens; logs, metrics, dashboard and test recorder all feed from here.
 * A listener that throws is logged and otherwise ignored: it cannot stop a delivery.
 */
export type EngineEvent =
  | {
      readonly kind: "published";
      readonly at: EpochMs;
      readonly topic: string;
      readonly events: number;
      /** Deliveries made of them. */
      readonly deliveries: number;
      /** Events that no subscription matched. */
      readonly unmatched: number;
      /** The queues of each event that went to any. */
      readonly to: readonly (readonly QueueName[])[];
      /** From being given the events to having their deliveries durable, in milliseconds. */
      readonly durationMs: number;
    }
  | {
      /** A publisher got its answer. Told by the HTTP layer; an OPTIONS request that succeeds is none. */
      readonly kind: "publish-answered";
      readonly at: EpochMs;
      /** Absent where the address names no topic. */
      readonly topic?: { readonly id: string; readonly inputSchema: InputSchema } | undefined;
      /** From the request's head to its answer. */
      readonly durationMs: number;
      readonly publisher: Publisher;
      readonly failure?: PublishFailure | undefined;
    }
  | {
      readonly kind: "attempted";
      readonly at: EpochMs;
      readonly subscriber: Subscriber;
      /** What was attempted. It holds event data, which no log may. */
      readonly deliveries: readonly Delivery[];
      /** Attempts before this one, of the first delivery in the batch. */
      readonly deliveryCount: number;
      readonly durationMs: number;
      readonly outcome: DeliveryOutcome;
    }
  | {
      readonly kind: "dead-lettered" | "dropped";
      readonly at: EpochMs;
      readonly subscriber: Subscriber;
      readonly systemIds: readonly string[];
      readonly reason: DeadLetterReason;
      /** The file or blob that the dead letters are in. */
      readonly writtenTo?: string;
    }
  | {
      /** The endpoint is unhealthy: nothing is attempted before `until`. */
      readonly kind: "delayed";
      readonly at: EpochMs;
      readonly subscriber: Subscriber;
      readonly until: EpochMs;
      /** Failed attempts in a row. */
      readonly failures: number;
      /** What the last of them came to: it decides how long the endpoint is left alone. */
      readonly cause: DeliveryOutcomeName;
    }
  | {
      readonly kind: "handshake";
      readonly at: EpochMs;
      readonly subscriber: Subscriber;
    };

/** Hears engine events. */
export type EngineListener = (event: EngineEvent) => void;
