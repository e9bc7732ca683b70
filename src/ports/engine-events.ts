import type { DeadLetterReason, Delivery, DeliveryOutcome, DeliveryOutcomeName, QueueName } from "../core/delivery.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { InputSchema } from "../core/event.ts";
import type { Subscriber } from "../core/subscriber.ts";
import type { EpochMs } from "../core/time.ts";

/** Reason why a publish request was refused or failed. */
export interface PublishFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Request URL without its query, which may contain a key. */
  readonly url: string;
}

/** The sender of a publish request. */
export interface Publisher {
  /** Remote address of the connection. */
  readonly address?: string | undefined;
  /** For example `1.3`. Absent without TLS. */
  readonly tlsVersion?: string | undefined;
  /** Type of the presented credential, valid or not, by Azure's names. */
  readonly authentication: "Key" | "SASToken" | "AADAccessToken" | "Unknown";
}

/**
 * An event of the engine. Logs, metrics, the dashboard and the test recorder receive these. If a listener throws, the
 * error is logged and deliveries continue.
 */
export type EngineEvent =
  | {
      readonly kind: "published";
      readonly at: EpochMs;
      readonly topic: string;
      readonly events: number;
      /** Number of deliveries that were created. */
      readonly deliveries: number;
      /** Number of events that no subscription matched. */
      readonly unmatched: number;
      /** For each event with at least one delivery, its queues. */
      readonly to: readonly (readonly QueueName[])[];
      /** Time in milliseconds from receiving the events to storing their deliveries. */
      readonly durationMs: number;
    }
  | {
      /**
       * The response to a publish request has been sent. Emitted by the HTTP layer, but not for a successful OPTIONS
       * request.
       */
      readonly kind: "publish-answered";
      readonly at: EpochMs;
      /** Absent if the address names no topic. */
      readonly topic?: { readonly id: string; readonly inputSchema: InputSchema } | undefined;
      /** Time in milliseconds from the head of the request to its response. */
      readonly durationMs: number;
      readonly publisher: Publisher;
      readonly failure?: PublishFailure | undefined;
    }
  | {
      readonly kind: "attempted";
      readonly at: EpochMs;
      readonly subscriber: Subscriber;
      /** The attempted deliveries. They contain event data, which must not be logged. */
      readonly deliveries: readonly Delivery[];
      /** Number of earlier attempts for the first delivery in the batch. */
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
      /** The file or blob that contains the dead letters. */
      readonly writtenTo?: string;
    }
  | {
      /** The endpoint is unhealthy. No attempts are made before `until`. */
      readonly kind: "delayed";
      readonly at: EpochMs;
      readonly subscriber: Subscriber;
      readonly until: EpochMs;
      /** Number of consecutive failed attempts. */
      readonly failures: number;
      /** Outcome of the last failed attempt. It determines the length of the delay. */
      readonly cause: DeliveryOutcomeName;
    }
  | {
      readonly kind: "handshake";
      readonly at: EpochMs;
      readonly subscriber: Subscriber;
    };

/** Receives engine events. */
export type EngineListener = (event: EngineEvent) => void;
