import { packFirstDeliveries, type DeliveryPack } from "../../records/delivery-pack.ts";
import { encodeEnvelope } from "../../records/stored-envelope.ts";
import type { QueueName } from "../../../core/delivery.ts";
import type { EventEnvelope } from "../../../core/event.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { EnqueueItem } from "../../../ports/delivery-queue.ts";
import { PACK_BYTES, PACK_DELIVERIES } from "./delivery-pack.ts";

/** Events of one request in their stored form, as bytes only, because thousands may wait for the disk. */
export type EncodedArrival =
  /** Deliveries to one queue that contain their events, which have `eventBytes` bytes of JSON. */
  | { readonly to: QueueName; readonly pack: DeliveryPack; readonly eventBytes: number }
  /** An event that is stored separately from its deliveries. */
  | {
      readonly encodedEvent: Buffer;
      readonly to: readonly QueueName[];
      readonly eventBytes: number;
      /** Set if it is later than now. */
      readonly dueAt: EpochMs | undefined;
    };

/** Consecutive events for one queue. */
interface Run {
  readonly to: QueueName;
  readonly events: EventEnvelope[];
  bytes: number;
}

/**
 * Maximum size of the JSON of an event that is stored in its delivery, if it has a single queue and is due at once. A
 * larger event would be written again with every release.
 */
const INLINE_JSON_BYTES = 1_280;

/** Encodes events for the file. Packs the events of a queue together as long as their order is kept. */
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
      : encodeSeparately(step, now),
  );
}

function encodeSeparately({ to, event, dueAt }: EnqueueItem, now: EpochMs): EncodedArrival {
  const later = dueAt !== undefined && dueAt > now ? dueAt : undefined;
  return { to, encodedEvent: encodeEnvelope(event), eventBytes: event.json.length, dueAt: later };
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
