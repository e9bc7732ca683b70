import { packFirstDeliveries, type DeliveryPack } from "../../records/delivery-pack.ts";
import { encodeEnvelope } from "../../records/stored-envelope.ts";
import type { QueueName } from "../../../core/delivery.ts";
import type { EventEnvelope } from "../../../core/event.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { EnqueueItem } from "../../../ports/delivery-queue.ts";
import { PACK_BYTES, PACK_DELIVERIES } from "./delivery-pack.ts";

/** Events of one request as they are stored: bytes alone, since thousands may wait for the disk. */
export type EncodedArrival =
  /** Deliveries to one queue with their events in them, whose JSON has so many bytes. */
  | { readonly to: QueueName; readonly pack: DeliveryPack; readonly eventBytes: number }
  /** An event that is kept apart from its deliveries. */
  | {
      readonly apart: Buffer;
      readonly to: readonly QueueName[];
      readonly eventBytes: number;
      /** Set when that is later than now. */
      readonly dueAt: EpochMs | undefined;
    };

/** Events for one queue that go on one another. */
interface Run {
  readonly to: QueueName;
  readonly events: EventEnvelope[];
  bytes: number;
}

/**
 * Up to this size of its JSON an event for a single queue that is due at once is kept in its delivery. Larger ones would
 * be written again with every release.
 */
const INLINE_JSON_BYTES = 1_280;

/** Encodes events for the file: those for one queue together as far as they stay in order. */
export function encodeArrivals(items: readonly EnqueueItem[], now: EpochMs): EncodedArrival[] {
  const steps: (Run | EnqueueItem)[] = [];
  const runs = new Map<QueueName, Run>();
  for (const item of items) {
    const { to, event, dueAt = now } = item;
    const [only] = to;
    if (to.length === 1 && only !== undefined && event.json.length <= INLINE_JSON_BYTES && dueAt <= now) {
      const run = runs.get(only);
      if (run !== undefined && hasRoom(run)) addTo(run, event);
      else runs.set(only, beginRun(steps, only, event));
    } else if (to.length > 0) {
      for (const name of to) runs.delete(name);
      steps.push(item);
    }
  }
  return steps.map((step) =>
    "events" in step
      ? { to: step.to, pack: packFirstDeliveries(step.events, now), eventBytes: step.bytes }
      : encodeApart(step, now),
  );
}

function encodeApart({ to, event, dueAt }: EnqueueItem, now: EpochMs): EncodedArrival {
  const later = dueAt !== undefined && dueAt > now ? dueAt : undefined;
  return { to, apart: encodeEnvelope(event), eventBytes: event.json.length, dueAt: later };
}

function hasRoom({ events, bytes }: Run): boolean {
  return events.length < PACK_DELIVERIES && bytes < PACK_BYTES;
}

function addTo(run: Run, event: EventEnvelope): void {
  run.events.push(event);
  run.bytes += event.json.length;
}

function beginRun(steps: (Run | EnqueueItem)[], to: QueueName, event: EventEnvelope): Run {
  const run = { to, events: [event], bytes: event.json.length };
  steps.push(run);
  return run;
}
