import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../testing/manual-clock.ts";
import { systemClock } from "./system-clock.ts";

describe.each([
  ["the system's clock", systemClock],
  ["a manual clock", new ManualClock()],
])("%s", (_name, clock) => {
  it("adds one listener to a signal that many sleepers share, and wakes all of them when it is aborted", async () => {
    const controller = new AbortController();
    const sleepers = Array.from({ length: 50 }, () => clock.sleepUntil(clock.now() + 60_000, controller.signal));
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    const woken = Promise.allSettled(sleepers);
    controller.abort(new Error("stopping"));
    expect(new Set((await woken).map(({ status }) => status))).toEqual(new Set(["rejected"]));
    await expect(clock.sleepUntil(clock.now() + 1, controller.signal)).rejects.toThrow("stopping");
  });
});
