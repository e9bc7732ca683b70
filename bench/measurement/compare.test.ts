import { describe, expect, it } from "vitest";
import { PRODUCT } from "../servers/product.ts";
import { compare, type CompareOptions } from "./compare.ts";
import type { Sample } from "./contender.ts";
import type { Scenario } from "./scenario.ts";

/**
 * Returns a scenario of two builds that are not started: the cost of an event is calculated from the build and the
 * round.
 */
function fakeBuilds(microseconds: (program: string, round: number) => number) {
  const log: string[] = [];
  const running = new Set<string>();
  const starts = new Map<string, number>();
  const scenario: Scenario = {
    name: "fake",
    baselines: [],
    figures: [],
    startProduct: async (program) => {
      const round = starts.get(program) ?? 0;
      starts.set(program, round + 1);
      running.add(program);
      log.push(`start ${program}`);
      return {
        warmUp: async () => ({ requestsPerSecond: 1, microseconds: 2_000 }),
        run: async (requests) => {
          log.push(`${program} ${requests}`);
          return sampleOf(requests, microseconds(program, round));
        },
        stop: async () => {
          running.delete(program);
        },
      };
    },
  };
  return { scenario, log, running };
}

function sampleOf(requests: number, microseconds: number): Sample {
  const nanoseconds = microseconds * 1_000 * requests;
  const threads = [{ name: "main", threads: 1, nanoseconds }];
  return { requests, events: requests, seconds: 1, processorTimes: [{ process: PRODUCT, threads }], values: {} };
}

const options: CompareOptions = {
  before: "old",
  after: "new",
  seconds: 0.25,
  runs: 2,
  bound: 1.03,
  maxRounds: 40,
  onRound: () => {},
};

describe("compare", () => {
  it("returns the ratio of processor time for each event and stops as soon as it is sure", async () => {
    const { scenario } = fakeBuilds((program) => (program === "new" ? 44 : 40));
    const comparison = await compare(scenario, options);
    expect(comparison.ratio).toBeCloseTo(1.1);
    expect(comparison.interval?.low).toBeCloseTo(1.1);
    expect(comparison.settled).toBe(true);
    expect(comparison.ratios).toHaveLength(6);
    expect(comparison.before).toHaveLength(12);
  });

  it("continues to the last round while the rounds disagree, and reports that the result is not settled", async () => {
    const { scenario } = fakeBuilds((program, round) => (program === "new" && round % 2 === 1 ? 60 : 40));
    const comparison = await compare(scenario, { ...options, maxRounds: 9 });
    expect(comparison.ratios).toHaveLength(9);
    expect(comparison.settled).toBe(false);
    expect(comparison.interval).toEqual({ low: 1, high: 1.5 });
  });

  it("is not affected by a single disturbed round", async () => {
    const { scenario } = fakeBuilds((program, round) => (program === "new" && round === 2 ? 400 : 40));
    const comparison = await compare(scenario, options);
    expect(comparison.ratio).toBe(1);
    expect(comparison.settled).toBe(true);
    expect(comparison.ratios).toHaveLength(9);
  });

  it("alternates the builds within a round and from round to round, with the same requests for both", async () => {
    const { scenario, log } = fakeBuilds(() => 40);
    await compare(scenario, { ...options, maxRounds: 2 });
    // 0.25 s of processor time, at 2,000 µs for each request.
    expect(log.join(", ")).toBe(
      "start old, start new, old 125, new 125, new 125, old 125, " +
        "start new, start old, new 125, old 125, old 125, new 125",
    );
  });

  it("stops both builds after each round", async () => {
    const { scenario, running } = fakeBuilds(() => 40);
    const left: number[] = [];
    await compare(scenario, { ...options, onRound: () => left.push(running.size) });
    expect(left).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
