import { createInterface } from "node:readline";

/** A line of JSON between the benchmark and one of its processes. */
export type Line = Readonly<Record<string, unknown>>;

/** Name of the process that publishes to NATS, in every report. */
export const NATS_CLIENT = "NATS client (Node)";

/** Writes one line of JSON to standard output. */
export function writeLine(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Calls `handle` for each line of JSON on standard input. Exits when standard input closes. */
export function readLines(handle: (line: Line) => void): void {
  createInterface({ input: process.stdin })
    .on("line", (text) => handle(JSON.parse(text) as Line))
    .on("close", () => process.exit(0));
}

/** Returns a number in a line. Throws if there is none. */
export function numberIn(line: Line, name: string): number {
  const value = line[name];
  if (typeof value !== "number") throw new Error(`no number '${name}' in ${JSON.stringify(line)}`);
  return value;
}
