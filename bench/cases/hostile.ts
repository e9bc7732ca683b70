import { join } from "node:path";
import type { Effort } from "../measurement/measure.ts";
import { numberIn, type Line } from "../programs/lines.ts";
import type { Figure, Report } from "../report/report.ts";
import { PROGRAMS } from "../servers/baselines.ts";
import { startScript } from "../servers/child-process.ts";
import { residentMiB, startProduct, THIS_PROGRAM } from "../servers/product.ts";
import type { Case } from "./case.ts";
import { configOf, DEAD_ENDPOINT, publishTo, webhookTopic } from "./topics.ts";

/** Publish requests per second. The server is far from busy with them. */
const RATE = 200;

async function measureHostile({ rounds, seconds }: Effort): Promise<Report> {
  const config = configOf([webhookTopic("bench", DEAD_ENDPOINT)]);
  const product = await startProduct({ program: THIS_PROGRAM, config });
  const load = publishTo(product.port, "bench", { rate: RATE, connections: 16 });
  const probe = await startScript(join(PROGRAMS, "latency-probe.js"), [JSON.stringify(load)]);
  const deployer = await startScript(join(PROGRAMS, "hostile-deployer.js"), [String(product.port)]);
  await probe.ask({ seconds: 2 });
  const idle: Line[] = [];
  const attacked: Line[] = [];
  const memory: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    idle.push(await probe.ask({ seconds }));
    const attack = deployer.ask({ seconds: seconds + 1 });
    attacked.push(await probe.ask({ seconds }));
    memory.push(await residentMiB(product.pid));
    await attack;
  }
  await Promise.all([product.stop(), probe.stop(), deployer.stop()]);

  const figure = (name: string, member: string, target?: string): Figure => ({
    name: `hostile. publishing beside hostile templates, ${name}`,
    unit: "ms",
    product: { rounds: attacked.map((line) => numberIn(line, member)) },
    baseline: { name: "idle", rounds: idle.map((line) => numberIn(line, member)) },
    ...(target === undefined ? {} : { target }),
  });
  return {
    figures: [
      figure("median", "p50Ms", "≤ 2.00 of idle"),
      figure("p99", "p99Ms"),
      figure("longest", "longestMs", "≤ 250 ms"),
      { name: "hostile. memory meanwhile", unit: "MiB", product: { rounds: memory } },
    ],
    usages: [],
  };
}

/** hostile: response times for publishers while other clients deploy templates that exhaust their evaluator. */
export const hostile: Case = { run: measureHostile };
