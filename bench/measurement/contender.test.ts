import { describe, expect, it } from "vitest";
import { microsecondsPerEvent, paceOf, sampleLoad, warmUpBy, type Sample } from "./contender.ts";

function sample(events: number, microsecondsPerRequest: number): Sample {
  const nanoseconds = microsecondsPerRequest * 1_000 * 100;
  return {
    requests: 100,
    events,
    seconds: 2,
    processorTimes: [{ process: "product", threads: [{ name: "main", threads: 1, nanoseconds }] }],
    values: {},
  };
}

describe("microsecondsPerEvent", () => {
  it("divides the processor time of a process by the events", () => {
    expect(microsecondsPerEvent(sample(1_000, 50), "product")).toBe(5);
  });

  it("returns NaN for a process that was not measured", () => {
    expect(microsecondsPerEvent(sample(1_000, 50), "other")).toBeNaN();
  });
});

describe("paceOf", () => {
  it("is calculated from requests, not from events", () => {
    expect(paceOf(sample(1_000, 50), "product")).toEqual({ requestsPerSecond: 50, microseconds: 50 });
  });
});

describe("warmUpBy", () => {
  it("repeats the run until the process has used four seconds of processor time", async () => {
    let runs = 0;
    const pace = await warmUpBy("product", async () => {
      runs += 1;
      return sample(100, runs === 1 ? 20_000 : 10_000);
    });
    expect(runs).toBe(3);
    expect(pace.microseconds).toBe(10_000);
  });

  it("stops for a process that hardly uses any", async () => {
    let runs = 0;
    await warmUpBy("product", async () => {
      runs += 1;
      return sample(100, 1);
    });
    expect(runs).toBe(20);
  });

  it("uses wall-clock time if processor time is not measured", async () => {
    let runs = 0;
    await warmUpBy("other", async () => {
      runs += 1;
      return sample(100, 1);
    });
    expect(runs).toBe(2);
  });
});

describe("sampleLoad", () => {
  it("adds the load generator's processor time to what the servers used", async () => {
    const processorTime = { process: "wrk", threads: [{ name: "wrk", threads: 1, nanoseconds: 7_000 }] };
    const load = { requests: 1, events: 7, seconds: 1, processorTime };
    const measured = await sampleLoad([], async () => ({ load, seconds: 2, values: { p50Ms: 3 } }));
    expect(measured).toEqual({
      requests: 1,
      events: 7,
      seconds: 2,
      processorTimes: [processorTime],
      values: { p50Ms: 3 },
    });
  });
});
