import { cpus, totalmem } from "node:os";

/** One figure of the table: the rounds of the product and, where there is one, of its baseline. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly product: readonly number[];
  readonly baseline?: { readonly name: string; readonly rounds: readonly number[] };
  /** What is aimed at, in words: `≥ 0.60 of bare`. */
  readonly target?: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The machine and the runtime that the figures belong to. */
export function machine(): string {
  const [first] = cpus();
  const memoryGiB = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} × ${first?.model ?? "unknown processor"}, ${memoryGiB} GiB, Node ${process.version}, ${process.platform}`;
}

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(value >= 10 ? 1 : 2);
const spread = (values: readonly number[]): string =>
  values.length > 1 ? ` (${number(Math.min(...values))}–${number(Math.max(...values))})` : "";

/** The figures as a Markdown table: medians, spreads, and the ratio of the medians. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, unit, product, baseline, target }) => {
    const ours = median(product);
    const ratio = baseline === undefined ? "" : number(ours / median(baseline.rounds));
    const theirs =
      baseline === undefined ? "" : `${baseline.name} ${number(median(baseline.rounds))}${spread(baseline.rounds)}`;
    return `| ${name} | ${number(ours)}${spread(product)} | ${unit} | ${theirs} | ${ratio} | ${target ?? ""} |`;
  });
  return [
    "| case | product: median (min–max) | unit | baseline | ratio | target |",
    "| --- | ---: | --- | --- | ---: | --- |",
    ...rows,
  ].join("\n");
}
