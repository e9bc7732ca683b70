import type { DeadLetterReason, DeliveryOutcome } from "../core/delivery.ts";
import type { EventSubscriptionResource } from "../core/resources.ts";
import type { EpochMs } from "../core/time.ts";

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
    }
  | {
      readonly kind: "attempted";
      readonly at: EpochMs;
      readonly subscription: EventSubscriptionResource;
      readonly systemIds: readonly string[];
      /** Attempts before this one, of the first delivery in the batch. */
      readonly deliveryCount: number;
      readonly durationMs: number;
      readonly outcome: DeliveryOutcome;
    }
  | {
      readonly kind: "dead-lettered" | "dropped";
      readonly at: EpochMs;
      readonly subscription: EventSubscriptionResource;
      readonly systemIds: readonly string[];
      readonly reason: DeadLetterReason;
    }
  | {
      /** The endpoint is unhealthy: nothing is attempted before `until`. */
      readonly kind: "delayed";
      readonly at: EpochMs;
      readonly subscription: EventSubscriptionResource;
      readonly until: EpochMs;
    }
  | {
      readonly kind: "handshake";
      readonly at: EpochMs;
      readonly subscription: EventSubscriptionResource;
    };

/** Hears engine events. */
export type EngineListener = (event: EngineEvent) => void;
