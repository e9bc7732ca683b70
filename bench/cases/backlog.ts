import { rm } from "node:fs/promises";
import type { Contender, Sample } from "../measurement/contender.ts";
import type { Effort } from "../measurement/measure.ts";
import { runLoad } from "../load/load.ts";
import { EVENTS_PER_SECOND, reportOf, type Figure, type Report } from "../report/report.ts";
import { PRODUCT, residentMiB, startProduct, THIS_PROGRAM, type Product } from "../servers/product.ts";
import { startReceiver } from "../servers/receiver.ts";
import { makeFolder } from "../servers/workspace.ts";
import type { Case } from "./case.ts";
import { folderBytes } from "./folder-bytes.ts";
import { configOf, DEAD_ENDPOINT, publishTo, webhookTopic } from "./topics.ts";
import { underLoad } from "./under-load.ts";

const MIB = 1_048_576;
const DELIVERIES = 1_000_000;
const BATCH = 100;
const HEALTHY_REQUESTS = 5_000;

async function samplesOf(contender: Contender, rounds: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) samples.push(await contender.run(HEALTHY_REQUESTS));
  return samples;
}

async function readyTimes(start: () => Promise<Product>, rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const product = await start();
    times.push(product.readyMs);
    await product.stop("SIGKILL");
  }
  return times;
}

async function measureBacklog({ rounds }: Effort): Promise<Report> {
  const receiver = await startReceiver();
  const config = configOf([webhookTopic("bench", DEAD_ENDPOINT), webhookTopic("healthy", receiver.url)]);
  const folder = await makeFolder();
  const start = (): Promise<Product> => startProduct({ program: THIS_PROGRAM, config, folder });
  const product = await start();
  const healthy = underLoad({ servers: [product], loads: [publishTo(product.port, "healthy")], receiver });
  await healthy.warmUp();
  const alone = await samplesOf(healthy, rounds);
  const before = await residentMiB(product.pid);
  await runLoad(publishTo(product.port, "bench", { events: BATCH }), { requests: DELIVERIES / BATCH });
  const after = await residentMiB(product.pid);
  const beside = await samplesOf(healthy, rounds);
  await product.stop("SIGKILL");
  const restarts = await readyTimes(start, rounds);
  const disk = await folderBytes(product.data);
  await receiver.stop();
  await rm(folder, { recursive: true, force: true });

  const report = reportOf({
    name: "g. a healthy subscription beside them",
    figures: [EVENTS_PER_SECOND],
    product: { contender: PRODUCT, process: PRODUCT, samples: beside },
    baselines: [{ contender: "alone", process: PRODUCT, samples: alone, target: "≥ 0.9 of alone" }],
  });
  const figures: Figure[] = [
    {
      name: "g. memory that 1,000,000 waiting deliveries take",
      unit: "MiB",
      product: { rounds: [after - before] },
      target: "≤ 200 MiB",
    },
    { name: "g. disk that they take", unit: "MiB", product: { rounds: [disk / MIB] } },
    {
      name: "g. ready after kill -9 with them",
      unit: "ms",
      product: { rounds: restarts },
      target: "≤ 2,000 ms",
    },
    ...report.figures,
  ];
  return { figures, usages: report.usages };
}

/** g: a million deliveries wait for an unreachable endpoint. */
export const backlog: Case = { run: measureBacklog };
