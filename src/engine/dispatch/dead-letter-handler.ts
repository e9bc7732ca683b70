import type { LockedDelivery, QueueName } from "../../core/delivery.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { retryGapMs } from "../../core/retry/retry-policy.ts";
import { HOUR_MS, MINUTE_MS, type EpochMs } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DeliveryQueue } from "../../ports/delivery-queue.ts";
import type { Destination } from "../../ports/destination.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Observers } from "../observers.ts";
import { OPEN, type BatchHandler, type WakeAt } from "./batch-handler.ts";

/** Maximum number of events in one dead-letter blob, and its preferred maximum size in bytes. [EG-DEADLETTER-FORM] */
const MAX_EVENTS_PER_BLOB = 10;
const PREFERRED_BLOB_BYTES = 1_048_576;
/** Time after which an event is dropped whose writes have all failed. Source: [EG-DEADLETTER-DROP] */
const GIVE_UP_AFTER_MS: number = 4 * HOUR_MS;
/** Maximum time between two tries to write to a destination that fails. */
const MAX_GAP_MS: number = 10 * MINUTE_MS;

/** Options and collaborators of {@link createDeadLetterHandler}. */
export interface DeadLetterHandlerOptions {
  readonly subscriber: Subscriber;
  readonly destination: Destination;
  readonly queue: DeliveryQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observers: Observers;
  readonly wakeAt: WakeAt;
  /** Maximum time in milliseconds before the next try. */
  readonly maxRetryGapMs: number;
}

/**
 * Returns a handler that writes undeliverable events to the dead-letter destination. Failed writes are tried again
 * with growing gaps. An event is dropped after four hours in which all writes to the destination failed. Time in which
 * Ringmain was not running does not count.
 */
export function createDeadLetterHandler(options: DeadLetterHandlerOptions): BatchHandler {
  const { subscriber, destination, clock, queue } = options;
  /** Consecutive failed writes. The gap depends on the destination, not on a single event. */
  let failures = 0;
  /** Time of the first of the consecutive failed writes. */
  let failingSince: EpochMs | undefined;

  async function handle(name: QueueName, batch: readonly LockedDelivery[], signal: AbortSignal): Promise<void> {
    const outcome = await destination.deliver(batch, clock.now(), signal);
    const now = clock.now();
    const tokens = batch.map((delivery) => delivery.lockToken);
    if (outcome.kind === "accepted") {
      failures = 0;
      failingSince = undefined;
      await queue.acknowledge(name, tokens, now);
      notifyDeadLettered(options, batch, outcome.writtenTo);
      return;
    }
    if (signal.aborted) {
      await queue.release(name, tokens, { now, dueAt: now });
      return;
    }
    failingSince ??= now;
    const since = failingSince;
    const failingForMs = (delivery: LockedDelivery): number => now - Math.max(since, delivery.enqueuedAt);
    const dropped = batch.filter((delivery) => failingForMs(delivery) >= GIVE_UP_AFTER_MS);
    const kept = batch.filter((delivery) => failingForMs(delivery) < GIVE_UP_AFTER_MS);
    if (dropped.length > 0) await drop(options, name, dropped, now);
    if (kept.length === 0) return;
    const dueAt = now + Math.min(retryGapMs(failures), MAX_GAP_MS, options.maxRetryGapMs);
    failures += 1;
    options.logger.warn("dead_letter_failed", { subscription: subscriber.id, detail: outcome.detail, dueAt });
    const keptTokens = kept.map((delivery) => delivery.lockToken);
    await queue.release(name, keptTokens, { now, dueAt });
    options.wakeAt(name, dueAt);
  }

  return {
    batching: { maxEvents: MAX_EVENTS_PER_BLOB, preferredBytes: PREFERRED_BLOB_BYTES },
    admission: () => OPEN,
    handle,
    close: () => destination.close(),
  };
}

async function drop(
  { queue, observers, subscriber }: DeadLetterHandlerOptions,
  name: QueueName,
  dropped: readonly LockedDelivery[],
  now: EpochMs,
): Promise<void> {
  const reason = dropped[0]?.deadLetterReason ?? "MaxDeliveryAttemptsExceeded";
  const tokens = dropped.map((delivery) => delivery.lockToken);
  await queue.reject(name, tokens, { now, reason });
  const systemIds = dropped.map((delivery) => delivery.event.systemId);
  observers.notify({ kind: "dropped", at: now, subscriber, systemIds, reason });
}

function notifyDeadLettered(
  options: DeadLetterHandlerOptions,
  batch: readonly LockedDelivery[],
  writtenTo: string | undefined,
): void {
  const { subscriber, clock, observers } = options;
  for (const delivery of batch) {
    observers.notify({
      kind: "dead-lettered",
      at: clock.now(),
      subscriber,
      systemIds: [delivery.event.systemId],
      reason: delivery.deadLetterReason ?? "MaxDeliveryAttemptsExceeded",
      ...(writtenTo !== undefined && { writtenTo }),
    });
  }
}
