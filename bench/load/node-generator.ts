import { join } from "node:path";
import type { ProcessorTime } from "../measurement/processor-time.ts";
import { numberIn, type Line } from "../programs/lines.ts";
import { PROGRAMS } from "../servers/baselines.ts";
import { startScript } from "../servers/child-process.ts";
import type { Amount, Load, LoadResult } from "./load.ts";

/** Runs the load generator in Node. See `programs/load-generator.ts`. */
export async function runNodeGenerator(load: Load, amount: Amount): Promise<LoadResult> {
  const generator = await startScript(join(PROGRAMS, "load-generator.js"), [JSON.stringify(load)]);
  const line = await generator.ask(amount);
  await generator.stop();
  const statuses = line["statuses"] as Readonly<Record<string, number>>;
  if (Object.keys(statuses).some((status) => status !== "200")) {
    throw new Error(`not every request was answered with 200: ${JSON.stringify(statuses)}`);
  }
  return {
    requests: numberIn(line, "requests"),
    events: numberIn(line, "requests") * load.events,
    seconds: numberIn(line, "seconds"),
    processorTime: processorTimeIn(line),
  };
}

/** Returns the processor time that a program measured of itself. */
export function processorTimeIn(line: Line): ProcessorTime {
  return line["processorTime"] as ProcessorTime;
}
