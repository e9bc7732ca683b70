import { encodeStoredDelivery } from "../../records/stored-delivery.ts";
import { afterAttempt, type CountOptions } from "../../after-attempt.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { RejectOptions } from "../../../ports/delivery-queue.ts";
import { singlePlace } from "../file/keys.ts";
import type { Draft } from "./draft.ts";
import type { QueueRegistry } from "./queue-registry.ts";
import type { HeldDelivery, QueueState } from "./queue-state.ts";

/** Writes what becomes of the delivery of a lock that ends. Returns a function to call when the writes are on disk. */
export type Ending = (draft: Draft, queue: QueueState, held: HeldDelivery) => (() => void) | undefined;

/** Deletes the delivery, and its event if it was the last delivery of it. */
export function drop(draft: Draft, queue: QueueState, { place, delivery, bytes }: HeldDelivery): undefined {
  draft.end(queue, place);
  draft.count(queue, -1, -bytes);
  if (typeof delivery.event === "number") draft.dropEvent(delivery.event);
}

/** Returns an ending that makes the delivery wait in its queue until `dueAt`, or at its old place if unset. */
export function waitAgain(options: CountOptions & { readonly dueAt?: EpochMs }): Ending {
  return (draft, queue, { place, delivery }) => {
    const after = singlePlace(options.dueAt ?? place.dueAt, place.sequence);
    draft.end(queue, place);
    draft.put("deliveries", queue.key(after.record), encodeStoredDelivery(afterAttempt(delivery, options)));
    return () => queue.waiting.add(after);
  };
}

/** Returns an ending that moves the delivery to another queue. */
export function move(
  registry: QueueRegistry,
  { queue: to, dueAt }: NonNullable<RejectOptions["moveTo"]>,
  options: RejectOptions,
): Ending {
  return (draft, queue, { place, delivery, bytes }) => {
    draft.end(queue, place);
    draft.count(queue, -1, -bytes);
    const moved = { ...afterAttempt(delivery, options), enqueuedAt: options.now, deadLetterReason: options.reason };
    const target = registry.obtain(to);
    const after = singlePlace(dueAt, registry.nextSequence(draft));
    draft.add("deliveries", target.key(after.record), encodeStoredDelivery(moved));
    draft.count(target, 1, bytes);
    return () => target.waiting.add(after);
  };
}
