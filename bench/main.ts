/**
 * `npm run bench [-- case …] [--quick] [--json FILE]` measures the product and its baselines in turn, and prints
 * tables.
 * `npm run bench -- --before CHECKOUT [case …] [--bound RATIO] [--rounds N]` compares this build with another one.
 *
 * Load generator, product, baselines and receiver are separate processes. See docs/benchmarks.md.
 */
import { access, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CASES, COMPARED } from "./cases/cases.ts";
import type { Case } from "./cases/case.ts";
import { describeGenerators } from "./load/load.ts";
import { compare, type Comparison } from "./measurement/compare.ts";
import type { Scenario } from "./measurement/scenario.ts";
import { comparisonDetails, comparisonTable, formatInterval } from "./report/comparison-tables.ts";
import { joinReports, type Report } from "./report/report.ts";
import { describeMachine, figuresTable, usageTable } from "./report/tables.ts";
import { programOf, THIS_PROGRAM } from "./servers/product.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    before: { type: "string" },
    bound: { type: "string", default: "1.03" },
    rounds: { type: "string" },
  },
});

/** Parses the number of an option. Throws if there is none, or if it is too small. */
function numberOption(name: string, text: string, above: number): number {
  const value = Number(text);
  if (!(value > above)) throw new Error(`--${name} must be a number above ${above}, not '${text}'`);
  return value;
}

function casesNamed(names: readonly string[]): (readonly [name: string, found: Case])[] {
  return names.map((name) => {
    const found = CASES[name];
    if (found === undefined) throw new Error(`no case '${name}'; there are: ${Object.keys(CASES).join(", ")}`);
    return [name, found];
  });
}

async function writeJson(content: object): Promise<void> {
  if (values.json === undefined) return;
  const described = { machine: describeMachine(), generators: await describeGenerators(), ...content };
  await writeFile(values.json, JSON.stringify(described, undefined, 2));
}

async function printReport(...tables: readonly string[]): Promise<void> {
  const head = `${describeMachine()}\n${await describeGenerators()}`;
  process.stdout.write(`\n${[head, ...tables].join("\n\n")}\n`);
}

async function measureCases(): Promise<void> {
  const effort = values.quick ? { rounds: 1, seconds: 2 } : { rounds: 5, seconds: 5 };
  const reports: Report[] = [];
  for (const [name, { run }] of casesNamed(positionals.length > 0 ? positionals : Object.keys(CASES))) {
    process.stderr.write(`${name} …\n`);
    reports.push(await run(effort));
  }
  const report = joinReports(reports);
  await printReport(figuresTable(report.figures), usageTable(report.usages));
  await writeJson({ effort, ...report });
}

async function compareCases(checkout: string): Promise<void> {
  if (process.platform !== "linux") throw new Error("--before needs Linux: processor time is read from /proc");
  const before = programOf(resolve(checkout));
  await access(before).catch(() => {
    throw new Error(`--before must be a checkout in which 'npm run build' has run: there is no ${before}`);
  });
  const bound = numberOption("bound", values.bound, 1);
  const maxRounds = numberOption("rounds", values.rounds ?? (values.quick ? "2" : "40"), 0);
  const options = { before, after: THIS_PROGRAM, bound, maxRounds, seconds: 0.25, runs: values.quick ? 6 : 20 };
  const scenarios: Scenario[] = [];
  for (const [name, found] of casesNamed(positionals.length > 0 ? positionals : COMPARED)) {
    if (found.scenarios === undefined) throw new Error(`two builds cannot be compared by case '${name}'`);
    scenarios.push(...(await found.scenarios()));
  }
  const comparisons: Comparison[] = [];
  for (const scenario of scenarios) {
    comparisons.push(await compare(scenario, { ...options, onRound: showRound }));
  }
  await printReport(comparisonTable(comparisons, bound), comparisonDetails(comparisons));
  await writeJson({ bound, comparisons });
}

function showRound(comparison: Comparison): void {
  const { name, ratios, ratio } = comparison;
  const last = ratios.at(-1)?.toFixed(3) ?? "";
  const text = `${name}, round ${ratios.length}: ${last}; median ${ratio.toFixed(3)} (${formatInterval(comparison)})`;
  process.stderr.write(`${text}\n`);
}

await (values.before === undefined ? measureCases() : compareCases(values.before));
