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

/** One dead-letter blob holds up to this many events, and at most about this many bytes. [EG-DEADLETTER-FORM] */
const MAX_EVENTS_PER_BLOB = 10;
const PREFERRED_BLOB_BYTES = 1_048_576;
/** An event whose write has failed for so long is dropped. Source: [EG-DEADLETTER-DROP] */
const GIVE_UP_AFTER_MS: number = 4 * HOUR_MS;
/** Writing to a broken dead-letter destination is tried at least this often. */
const MAX_GAP_MS: number = 10 * MINUTE_MS;

export interface DeadLetterHandlerOptions {
  readonly subscriber: Subscriber;
  readonly destination: Destination;
  readonly queue: DeliveryQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observers: Observers;
  readonly wakeAt: WakeAt;
  /** No further try waits longer than this. */
  readonly maxRetryGapMs: number;
}

/**
 * Writes what could not be delivered to the dead-letter destination. A write that fails is tried again, with growing
 * gaps; an event is dropped only once writes of it and with it have failed for four hours on end. Hours in which nobody
 * tried, because Ringmain was not running, do not count.
 */
export function createDeadLetterHandler(options: DeadLetterHandlerOptions): BatchHandler {
  const { subscriber, destination, clock, queue } = options;
  /** Failed writes in a row: the gap belongs to the destination, not to one event. */
  let failures = 0;
  /** Since when writes have failed, without one that did not. */
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
    const tried = (delivery: LockedDelivery): number => now - Math.max(since, delivery.enqueuedAt);
    const lost = batch.filter((delivery) => tried(delivery) >= GIVE_UP_AFTER_MS);
    const kept = batch.filter((delivery) => tried(delivery) < GIVE_UP_AFTER_MS);
    if (lost.length > 0) await drop(options, name, lost, now);
    if (kept.length === 0) return;
    const dueAt = now + Math.min(retryGapMs(failures), MAX_GAP_MS, options.maxRetryGapMs);
    failures += 1;
    options.logger.warn("dead_letter_failed", { subscription: subscriber.id, detail: outcome.detail, dueAt });
    const left = kept.map((delivery) => delivery.lockToken);
    await queue.release(name, left, { now, dueAt });
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
  lost: readonly LockedDelivery[],
  now: EpochMs,
): Promise<void> {
  const reason = lost[0]?.deadLetterReason ?? "MaxDeliveryAttemptsExceeded";
  const tokens = lost.map((delivery) => delivery.lockToken);
  await queue.reject(name, tokens, { now, reason });
  const systemIds = lost.map((delivery) => delivery.event.systemId);
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
