import { microsecondsPerEvent, type Sample } from "../measurement/contender.ts";
import type { Comparison } from "../measurement/compare.ts";
import { median } from "../measurement/statistics.ts";
import { PRODUCT } from "../servers/product.ts";
import { usageOf, type ProcessUsage } from "./report.ts";
import { formatNumber, formatThreads, markdownTable } from "./tables.ts";

/** Returns a ratio with as many digits as a comparison can determine. */
function formatRatio(value: number): string {
  return Number.isNaN(value) ? "" : value.toFixed(3);
}

/** Returns the interval of a comparison, or the range of its ratios while there are too few of them. */
export function formatInterval({ interval, ratios }: Comparison): string {
  if (interval !== undefined) return `${formatRatio(interval.low)}–${formatRatio(interval.high)}`;
  return `${formatRatio(Math.min(...ratios))}–${formatRatio(Math.max(...ratios))}, too few rounds`;
}

/** Returns one row for each comparison: the processor time of an event before and after, and the ratio of the two. */
export function comparisonTable(comparisons: readonly Comparison[], bound: number): string {
  const microseconds = (samples: readonly Sample[]): string =>
    formatNumber(median(samples.map((sample) => microsecondsPerEvent(sample, PRODUCT))));
  const rows = comparisons.map((comparison) => [
    comparison.name,
    microseconds(comparison.before),
    microseconds(comparison.after),
    formatRatio(comparison.ratio),
    formatInterval(comparison),
    String(comparison.ratios.length),
    comparison.settled ? "yes" : "no",
  ]);
  const headings = ["case", "before, CPU µs an event:", "after:", "after ÷ before, median:", "95 % interval:"];
  return markdownTable([...headings, "rounds:", `within ${bound}`], rows);
}

/** Returns the medians of all other measured values: by process and thread, and in wall-clock time. */
export function comparisonDetails(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap((comparison) => [...usageRows(comparison), ...figureRows(comparison)]);
  return markdownTable(["case", "measured", "unit", "before:", "after:", "ratio:", "by thread: before → after"], rows);
}

function usageRows({ name, before, after }: Comparison): string[][] {
  const [was, is] = [before, after].map(
    (samples) => usageOf(name, { contender: PRODUCT, process: PRODUCT, samples }).processes,
  );
  return (was ?? []).map((usage) => {
    const next: ProcessUsage | undefined = is?.find(({ process }) => process === usage.process);
    const [old, current] = [usage.microseconds, next?.microseconds ?? Number.NaN];
    const threads = next === undefined ? "" : `${formatThreads(usage)} → ${formatThreads(next)}`;
    return [
      name,
      usage.process,
      "CPU µs an event",
      formatNumber(old),
      formatNumber(current),
      formatRatio(current / old),
      threads,
    ];
  });
}

function figureRows({ name, figures, before, after }: Comparison): string[][] {
  return figures.map(({ name: figure = "throughput", unit, value }) => {
    const [old, current] = [median(before.map(value)), median(after.map(value))];
    return [name, figure, unit, formatNumber(old), formatNumber(current), formatRatio(current / old), ""];
  });
}
