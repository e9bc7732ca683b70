import { expect, it } from "vitest";
import { makeEvent } from "../../../test/support/fixtures/make-event.ts";
import type { QueueName } from "../../core/delivery.ts";
import { SILENT_LOGGER } from "../../ports/logger.ts";
import { openMemoryStore } from "../../stores/memory/open-memory-store.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { OPEN, type BatchHandler } from "./batch-handler.ts";
import { Dispatcher } from "./dispatcher.ts";

it("gives the slot of a receive without deliveries to a waiting queue", async () => {
  const { queue } = openMemoryStore();
  const clock = new ManualClock();
  const empty = "empty" as QueueName;
  const full = "full" as QueueName;
  await queue.enqueue([{ event: makeEvent().envelope, to: [full] }], clock.now());
  const handled = new Promise<QueueName>((resolve) => {
    const handler: BatchHandler = {
      batching: { maxEvents: 1, preferredBytes: 1_000 },
      admission: () => OPEN,
      handle: async (name, batch) => {
        await queue.acknowledge(
          name,
          batch.map(({ lockToken }) => lockToken),
          clock.now(),
        );
        resolve(name);
      },
      close: async () => {},
    };
    const limits = { attempts: 1, attemptsPerSubscription: 1, lockMs: 1_000 };
    const dispatcher = new Dispatcher({ queue, clock, logger: SILENT_LOGGER, limits, resolve: () => handler });
    dispatcher.wake(empty);
    dispatcher.wake(full);
  });
  expect(await handled).toBe(full);
});
