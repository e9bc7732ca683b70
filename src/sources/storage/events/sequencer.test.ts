import { array, assert, integer, property } from "fast-check";
import { expect, it } from "vitest";
import { ManualClock } from "../../../testing/manual-clock.ts";
import { createSequencer } from "./sequencer.ts";

it("[EG-STORAGE-SEQUENCER] increases as a string, in whichever direction the clock moves", () => {
  assert(
    property(array(integer({ min: 0, max: 2 ** 45 }), { minLength: 2 }), (instants) => {
      const clock = new ManualClock();
      const next = createSequencer(clock);
      const all = instants.map((at) => {
        clock.moveTo(at);
        return next();
      });
      expect(all.every((one) => /^[0-9a-f]{48}$/.test(one))).toBe(true);
      expect(all).toEqual([...new Set(all)].toSorted());
    }),
  );
});

it("[EG-STORAGE-SEQUENCER] keeps increasing after a restart", () => {
  const clock = new ManualClock();
  const next = createSequencer(clock);
  for (let count = 0; count < 1_000; count += 1) next();
  const last = next();
  clock.moveTo(clock.now() + 1);
  expect(createSequencer(clock)() > last).toBe(true);
});
