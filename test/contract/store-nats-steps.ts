import { vi } from "vitest";
import type { QueueName } from "../../src/core/delivery.ts";
import { topicId } from "../../src/core/resources/resource-id.ts";
import type { TopicResource } from "../../src/core/resources/resources.ts";
import type { DeliveryQueue } from "../../src/ports/delivery-queue.ts";
import { LOCK_MS } from "./delivery-queue-steps.ts";
import { storedEvent } from "./store-events.ts";

/** Enqueues events with the given ids. */
export const put = (queue: DeliveryQueue, to: readonly QueueName[], ...names: string[]): Promise<void> =>
  queue.enqueue(
    names.map((name) => ({ event: storedEvent(name), to })),
    Date.now(),
  );
/** Receives the deliveries that are available now. */
export const take = (
  queue: DeliveryQueue,
  from: QueueName,
  max = 10,
  lockMs = LOCK_MS,
): ReturnType<DeliveryQueue["receive"]> => queue.receive(from, { max, lockMs, now: Date.now() });

/** Receives until there is a delivery: the server uses its own clock. */
export async function takeSoon(queue: DeliveryQueue, from: QueueName, max = 10): ReturnType<DeliveryQueue["receive"]> {
  return vi.waitUntil(
    async () => {
      const received = await take(queue, from, max);
      return received.length > 0 && received;
    },
    { timeout: 10_000, interval: 20 },
  );
}

/** Repeats a step until it succeeds, because a starting process may refuse it at first. */
export async function eventually(step: () => Promise<unknown>): Promise<void> {
  const succeeds = (): Promise<boolean> =>
    step().then(
      () => true,
      () => false,
    );
  await vi.waitUntil(succeeds, { timeout: 10_000 });
}

/** Returns a topic as it is stored. */
export function topic(name: string): TopicResource {
  return {
    id: topicId(name),
    name,
    type: "Microsoft.EventGrid/topics",
    uid: `uid-of-${name}`,
    location: "local",
    tags: {},
    keys: { key1: "a2V5MQ==", key2: "a2V5Mg==" },
    properties: { inputSchema: "EventGridSchema" },
  };
}
