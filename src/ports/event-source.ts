import type { SystemEvent } from "../core/event.ts";

export type { SystemEvent };

/** Publishes the events that a source raises. */
export interface EventSink {
  /**
   * Publishes events of the resource `sourceId`, an ARM id. Resolves when every matching delivery is durable.
   * Rejects with `store_unavailable` if the deliveries cannot be stored.
   */
  publishSystemEvents(sourceId: string, events: readonly SystemEvent[]): Promise<void>;
}

/** Observes a service and raises its events. */
export interface EventSource {
  /** Starts observing. Resolves when the source observes. */
  start(sink: EventSink): Promise<void>;
  /** Stops observing and finishes the work in progress. Idempotent. */
  stop(): Promise<void>;
}
