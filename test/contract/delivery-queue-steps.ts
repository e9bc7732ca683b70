import { it } from "vitest";
import type { FailedAttempt, LockedDelivery, LockToken, QueueName } from "../../src/core/delivery.ts";
import type { EventEnvelope } from "../../src/core/event.ts";
import type { DeliveryQueue, StoreCapabilities } from "../../src/ports/delivery-queue.ts";
import { queueName } from "./store-events.ts";
import { withStore, type OpenStoreUnderTest } from "./store-under-test.ts";

export const a: QueueName = queueName("queue-a");
export const b: QueueName = queueName("queue-b");
export const nowhere: QueueName = queueName("no-such-queue");
export const LOCK_MS = 60_000;

export const attempt = (at: number): FailedAttempt => ({
  at,
  outcome: "Busy",
  httpStatus: 503,
  detail: "answered 503",
});
export const ids = (deliveries: readonly LockedDelivery[]): string[] => deliveries.map(({ event }) => event.id);
export const tokensOf = (deliveries: readonly LockedDelivery[]): LockToken[] =>
  deliveries.map(({ lockToken }) => lockToken);

type TestOfQueue = (title: string, use: (queue: DeliveryQueue) => Promise<void>) => void;

/** Helpers for the tests of the contract. */
export interface ContractSteps {
  /** Time at which the tests begin. */
  readonly start: number;
  readonly test: TestOfQueue;
  /** Defines a test in which time passes. Defines nothing if the store uses its own clock. */
  readonly timed: TestOfQueue;
  readonly put: (queue: DeliveryQueue, to: QueueName, events: readonly EventEnvelope[], now?: number) => Promise<void>;
  readonly take: (queue: DeliveryQueue, from: QueueName, max?: number, now?: number) => Promise<LockedDelivery[]>;
  readonly takeOne: (queue: DeliveryQueue, from: QueueName, now?: number) => Promise<LockedDelivery>;
}

export function contractSteps(open: OpenStoreUnderTest, { virtualTime }: StoreCapabilities): ContractSteps {
  const start = virtualTime ? 1_767_225_600_000 : Date.now();
  const test: TestOfQueue = (title, use) => {
    it(title, () => withStore(open, ({ store }) => use(store.queue)));
  };
  const take: ContractSteps["take"] = (queue, from, max = 10, now = start) =>
    queue.receive(from, { max, lockMs: LOCK_MS, now });
  return {
    start,
    test,
    timed: virtualTime ? test : () => {},
    put: (queue, to, events, now = start) =>
      queue.enqueue(
        events.map((event) => ({ event, to: [to] })),
        now,
      ),
    take,
    takeOne: async (queue, from, now = start) => {
      const [delivery] = await take(queue, from, 1, now);
      if (delivery === undefined) throw new Error(`nothing is due in ${from}`);
      return delivery;
    },
  };
}
