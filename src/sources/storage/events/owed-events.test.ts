import { describe, expect, it } from "vitest";
import type { SystemEvent } from "../../../ports/event-source.ts";
import { SILENT_LOGGER, type Logger } from "../../../ports/logger.ts";
import { fastForward, ManualClock } from "../../../testing/manual-clock.ts";
import { OwedEvents } from "./owed-events.ts";

const event = (id: string): SystemEvent => ({
  id,
  eventType: "t",
  subject: "s",
  eventTime: 0,
  data: {},
  dataVersion: "",
});

function setUp(refusals: number) {
  const clock = new ManualClock();
  const kept: { at: number; ids: string[] }[] = [];
  const errors: unknown[] = [];
  const logger: Logger = { ...SILENT_LOGGER, error: (name, fields) => errors.push([name, fields]) };
  let left = refusals;
  const startedAt = clock.now();
  const owed = new OwedEvents({
    clock,
    logger,
    publish: async (events) => {
      left -= 1;
      if (left >= 0) throw new Error("disk full");
      kept.push({ at: clock.now() - startedAt, ids: events.map(({ id }) => id) });
    },
  });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { owed, kept, errors, pass: (ms: number) => fastForward(clock, settled, ms) };
}

describe("owed events", () => {
  it("[EG-STORAGE-OWED] are retried after 1, 2, 4 … seconds until they are stored, in order", async () => {
    const { owed, kept, pass } = setUp(3);
    owed.add([event("1")]);
    await pass(500);
    owed.add([event("2"), event("3")]);
    await pass(20_000);
    expect(kept).toEqual([{ at: 15_000, ids: ["1", "2", "3"] }]);
    owed.add([event("4")]);
    await pass(1_000);
    expect(kept[1]).toEqual({ at: 21_500, ids: ["4"] });
  });

  it("[EG-STORAGE-OWED] are tried once more on stop, and lost events are logged", async () => {
    const lucky = setUp(0);
    lucky.owed.add([event("1")]);
    await lucky.owed.stop();
    expect(lucky.kept).toHaveLength(1);
    expect(lucky.errors).toEqual([]);
    const unlucky = setUp(9);
    unlucky.owed.add([event("1"), event("2")]);
    await unlucky.owed.stop();
    expect(unlucky.errors).toEqual([["storage_events_lost", { events: 2 }]]);
  });

  it("are limited in number", () => {
    const { owed } = setUp(1);
    owed.add(Array.from({ length: 9_999 }, (_, index) => event(String(index))));
    expect(owed.isFull).toBe(false);
    owed.add([event("last")]);
    expect(owed.isFull).toBe(true);
  });
});
