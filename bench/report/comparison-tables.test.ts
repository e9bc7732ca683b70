import { describe, expect, it } from "vitest";
import { comparisonOf, type RoundSamples } from "../measurement/compare.ts";
import type { Sample } from "../measurement/contender.ts";
import { comparisonDetails, comparisonTable } from "./comparison-tables.ts";
import { EVENTS_PER_SECOND } from "./report.ts";

function sample(seconds: number, microseconds: number): Sample {
  const threads = [{ name: "main", threads: 1, nanoseconds: microseconds * 1_000_000 }];
  return { requests: 10, events: 1_000, seconds, processorTimes: [{ process: "product", threads }], values: {} };
}

const round: RoundSamples = { before: [sample(1, 40)], after: [sample(2, 42)] };
const scenario = { name: "a. publish", figures: [EVENTS_PER_SECOND] };

describe("comparisonTable", () => {
  it("prints processor time, its ratio, the interval and whether that is narrow enough", () => {
    const comparison = comparisonOf(scenario, [round, round, round, round, round, round], 1.03);
    expect(comparisonTable([comparison], 1.03).split("\n")[2]).toBe(
      "| a. publish | 40.0 | 42.0 | 1.050 | 1.050–1.050 | 6 | yes |",
    );
  });

  it("reports that there are too few rounds for an interval", () => {
    expect(comparisonTable([comparisonOf(scenario, [round], 1.03)], 1.03).split("\n")[2]).toBe(
      "| a. publish | 40.0 | 42.0 | 1.050 | 1.050–1.050, too few rounds | 1 | no |",
    );
  });
});

describe("comparisonDetails", () => {
  it("prints each process with its threads, and the throughput", () => {
    const rows = comparisonDetails([comparisonOf(scenario, [round], 1.03)])
      .split("\n")
      .slice(2);
    expect(rows).toEqual([
      "| a. publish | product | CPU µs an event | 40.0 | 42.0 | 1.050 | main 40.0 → main 42.0 |",
      "| a. publish | throughput | events/s | 1,000 | 500 | 0.500 |  |",
    ]);
  });
});
