import { cpus, totalmem } from "node:os";
import { median } from "../measurement/statistics.ts";
import type { Figure, ProcessUsage, Rounds, Usage } from "./report.ts";

/** Returns the machine and the runtime on which figures were measured. */
export function describeMachine(): string {
  const [first] = cpus();
  const memoryGiB = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} × ${first?.model ?? "unknown processor"}, ${memoryGiB} GiB, Node ${process.version}, ${process.platform}`;
}

/** Returns a number with three significant digits, or all digits before the decimal point. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "";
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(value >= 10 ? 1 : 2);
}

function formatSpread(values: readonly number[]): string {
  return values.length > 1 ? ` (${formatNumber(Math.min(...values))}–${formatNumber(Math.max(...values))})` : "";
}

/** Returns a Markdown table. `:` after a heading aligns its column to the right. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(headings.map((heading) => heading.replace(/:$/, ""))),
    line(headings.map((heading) => (heading.endsWith(":") ? "---:" : "---"))),
    ...rows.map(line),
  ].join("\n");
}

/** Returns the figures as a Markdown table: medians, spreads, and the ratios of the medians. */
export function figuresTable(figures: readonly Figure[]): string {
  const headings = ["case", "product: median (min–max):", "unit", "CPU µs:", "baseline", "CPU µs:"];
  const rows = figures.map(({ name, unit, product, baseline, target = "" }) => {
    const cells = [name, formatRounds(product), unit, formatMicroseconds(product)];
    if (baseline === undefined) return [...cells, "", "", "", "", target];
    return [
      ...cells,
      `${baseline.name} ${formatRounds(baseline)}`,
      formatMicroseconds(baseline),
      formatNumber(median(product.rounds) / median(baseline.rounds)),
      formatNumber((product.microseconds ?? Number.NaN) / (baseline.microseconds ?? Number.NaN)),
      target,
    ];
  });
  return markdownTable([...headings, "ratio:", "CPU ratio:", "target"], rows);
}

function formatRounds({ rounds }: Rounds): string {
  return `${formatNumber(median(rounds))}${formatSpread(rounds)}`;
}

function formatMicroseconds({ microseconds = Number.NaN }: Rounds): string {
  return formatNumber(microseconds);
}

/** Returns processor time by process and thread as a Markdown table. */
export function usageTable(usages: readonly Usage[]): string {
  const rows = usages.flatMap(({ name, contender, processes }) =>
    processes.map((usage) => [name, contender, usage.process, formatNumber(usage.microseconds), formatThreads(usage)]),
  );
  return markdownTable(["case", "measured", "process", "CPU µs an event:", "by thread"], rows);
}

/** Returns the threads of a process, the busiest first, with the number of threads that share a name. */
export function formatThreads({ threads }: ProcessUsage): string {
  return threads
    .map(({ name, threads: count, microseconds }) => {
      return `${name}${count > 1 ? ` ×${count}` : ""} ${formatNumber(microseconds)}`;
    })
    .join(", ");
}
