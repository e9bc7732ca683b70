import type { SystemEvent } from "../core/event.ts";

export type { SystemEvent };

/** Where a source puts what it has seen. */
export interface EventSink {
  /**
   * Publishes events of the resource `sourceId` (an ARM id). Resolves when every matching delivery is durable;
   * rejects with `store_unavailable` when they cannot be kept.
   */
  publishSystemEvents(sourceId: string, events: readonly SystemEvent[]): Promise<void>;
}

/** Watches something and raises its events. */
export interface EventSource {
  /** Starts watching; resolves when it does. */
  start(sink: EventSink): Promise<void>;
  /** Stops taking work, finishes what is in flight. Idempotent. */
  stop(): Promise<void>;
}
