/**
 * `npm run bench [-- name …] [--quick] [--json FILE]`: one table, baseline and product from the same run.
 * Load generator, product, baseline and receiver are processes of their own.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Effort } from "./case.ts";
import { CASES } from "./cases.ts";
import { machine, table, type Figure } from "./report.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const effort: Effort = values.quick ? { rounds: 1, seconds: 2 } : { rounds: 5, seconds: 5 };
const wanted = positionals.length > 0 ? positionals : Object.keys(CASES);
const figures: Figure[] = [];
for (const name of wanted) {
  const run = CASES[name];
  if (run === undefined) throw new Error(`no case '${name}'; there are: ${Object.keys(CASES).join(", ")}`);
  process.stderr.write(`${name} …\n`);
  figures.push(...(await run(effort)));
}
const text = `${machine()}\n\n${table(figures)}\n`;
process.stdout.write(`\n${text}`);
if (values.json !== undefined) {
  await writeFile(values.json, JSON.stringify({ machine: machine(), effort, figures }, undefined, 2));
}
