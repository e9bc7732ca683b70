import { describe, expect, it } from "vitest";
import type { Sample } from "../measurement/contender.ts";
import type { Measurement } from "../measurement/measure.ts";
import { EVENTS_PER_SECOND, reportOf } from "./report.ts";
import { figuresTable, formatNumber, usageTable } from "./tables.ts";

function sample(process: string, seconds: number, nanoseconds: number): Sample {
  const threads = [
    { name: "main", threads: 1, nanoseconds },
    { name: "pool", threads: 4, nanoseconds: nanoseconds / 2 },
  ];
  return { requests: 1_000, events: 1_000, seconds, processorTimes: [{ process, threads }], values: {} };
}

const measurement: Measurement = {
  name: "a. publish",
  figures: [EVENTS_PER_SECOND],
  product: {
    contender: "product",
    process: "product",
    samples: [sample("product", 1, 20_000_000), sample("product", 2, 40_000_000), sample("product", 4, 60_000_000)],
  },
  baselines: [
    { contender: "bare", process: "bare", samples: [sample("bare", 0.5, 10_000_000)], target: "≥ 0.60 of bare" },
    { contender: "log", process: "log", samples: [sample("log", 0.5, 20_000_000)] },
  ],
};

describe("figuresTable", () => {
  it("prints the median, the spread, the processor time and the ratios to each baseline", () => {
    const rows = figuresTable(reportOf(measurement).figures).split("\n").slice(2);
    expect(rows).toEqual([
      "| a. publish | 500 (250–1,000) | events/s | 60.0 | bare 2,000 | 15.0 | 0.25 | 4.00 | ≥ 0.60 of bare |",
      "| a. publish | 500 (250–1,000) | events/s | 60.0 | log 2,000 | 30.0 | 0.25 | 2.00 |  |",
    ]);
  });

  it("leaves cells empty if there is no baseline and no processor time", () => {
    const figure = { name: "h. installed", unit: "MB", product: { rounds: [48] }, target: "< 60 MB" };
    expect(figuresTable([figure]).split("\n")[2]).toBe("| h. installed | 48.0 | MB |  |  |  |  |  | < 60 MB |");
  });
});

describe("usageTable", () => {
  it("prints the processes of each contender with their threads, the busiest first", () => {
    const rows = usageTable(reportOf(measurement).usages).split("\n").slice(2);
    expect(rows[0]).toBe("| a. publish | product | product | 60.0 | main 40.0, pool ×4 20.0 |");
    expect(rows[1]).toBe("| a. publish | bare | bare | 15.0 | main 10.0, pool ×4 5.00 |");
    expect(rows).toHaveLength(3);
  });
});

describe("formatNumber", () => {
  it("keeps three digits, or all digits before the decimal point", () => {
    expect([1.234, 12.34, 123.4, 12_345.6].map(formatNumber)).toEqual(["1.23", "12.3", "123", "12,346"]);
  });
});
