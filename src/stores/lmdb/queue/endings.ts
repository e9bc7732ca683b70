import { encodeStoredDelivery } from "../../records/stored-delivery.ts";
import { afterAttempt, type CountOptions } from "../../after-attempt.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { RejectOptions } from "../../../ports/delivery-queue.ts";
import { singlePlace } from "../file/keys.ts";
import type { Draft } from "./draft.ts";
import type { QueueRegistry } from "./queue-registry.ts";
import type { HeldDelivery, QueueState } from "./queue-state.ts";

/** How the delivery of a lock that ends goes on, as writes. The function it returns runs once they are on disk. */
export type Ending = (draft: Draft, queue: QueueState, held: HeldDelivery) => (() => void) | undefined;

/** The delivery ends, and its event when it was the last one of it. */
export function drop(draft: Draft, queue: QueueState, { place, delivery, bytes }: HeldDelivery): undefined {
  draft.end(queue, place);
  draft.count(queue, -1, -bytes);
  if (typeof delivery.event === "number") draft.dropEvent(delivery.event);
}

/** Returns the ending after which the delivery waits in its queue until `dueAt`; without it, at the place it had. */
export function waitAgain(options: CountOptions & { readonly dueAt?: EpochMs }): Ending {
  return (draft, queue, { place, delivery }) => {
    const after = singlePlace(options.dueAt ?? place.dueAt, place.sequence);
    draft.end(queue, place);
    draft.put("deliveries", queue.key(after.record), encodeStoredDelivery(afterAttempt(delivery, options)));
    return () => queue.waiting.add(after);
  };
}

/** Returns the ending after which the delivery is in another queue. */
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
