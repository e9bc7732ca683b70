import { ownerOf } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type { DeliveryQueue } from "../../ports/delivery-queue.ts";

/** Contents of one queue. */
export interface QueueReading {
  /** `uid` of the queue's subscription. */
  readonly uid: string;
  readonly queue: "delivery" | "dead_letter";
  readonly waiting: number;
  readonly locked: number;
}

/** Number of concurrent requests: the store may be a separate server. */
const AT_ONCE = 32;

/** Reads the depth of every queue that is not empty. Rejects with `store_unavailable`. */
export async function readDepths(queue: DeliveryQueue, now: EpochMs): Promise<QueueReading[]> {
  const readings: QueueReading[] = [];
  const left = (await queue.occupiedQueues()).values();
  const work = async (): Promise<void> => {
    for (const { queue: name } of left) {
      const depth = await queue.depth(name, now);
      const { uid, holds } = ownerOf(name);
      readings.push({ uid, queue: holds === "dead_letters" ? "dead_letter" : "delivery", ...depth });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return readings;
}
