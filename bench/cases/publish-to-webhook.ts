import type { Contender } from "../measurement/contender.ts";
import type { Baseline, FigureDefinition, Scenario } from "../measurement/scenario.ts";
import { EVENTS_PER_SECOND } from "../report/report.ts";
import { startRelayBaseline } from "../servers/baselines.ts";
import { startProduct } from "../servers/product.ts";
import { startReceiver } from "../servers/receiver.ts";
import type { Server } from "../servers/server.ts";
import { caseOf, type Case } from "./case.ts";
import { BATCHED, configOf, publishTo, webhookTopic } from "./topics.ts";
import { underLoad } from "./under-load.ts";

type PublishOptions = Parameters<typeof publishTo>[2];

/** Starts a receiver, and a server that delivers published events to it. */
async function toWebhook(start: (url: string) => Promise<Server>, options: PublishOptions): Promise<Contender> {
  const receiver = await startReceiver();
  const server = await start(receiver.url);
  return underLoad({ servers: [server], loads: [publishTo(server.port, "bench", options)], receiver });
}

/** Returns the start function of the product with one webhook subscription. */
function productToWebhook(options: PublishOptions, properties: object = {}): Scenario["startProduct"] {
  return (program) =>
    toWebhook((url) => startProduct({ program, config: configOf([webhookTopic("bench", url, properties)]) }), options);
}

function relay(name: "relay" | "log relay", options: PublishOptions): Baseline {
  return { name, start: () => toWebhook((url) => startRelayBaseline(name, url), options) };
}

/** Returns the scenario of c: from publishing until the webhook has responded. */
function throughput(name: string, events: number, properties: object): Scenario {
  return {
    name,
    startProduct: productToWebhook({ events }, properties),
    baselines: [{ ...relay("relay", { events }), target: "≥ 0.60 of relay" }, relay("log relay", { events })],
    figures: [EVENTS_PER_SECOND],
  };
}

/** c1: one event in each request and in each delivery. */
export const unbatchedDelivery: Case = caseOf(() => [throughput("c. publish → webhook, unbatched", 1, {})]);

/** c100: a hundred events in each request, up to a hundred in each delivery. */
export const batchedDelivery: Case = caseOf(() => [throughput("c. publish → webhook, batched by 100", 100, BATCHED)]);

const AT_RATE: PublishOptions = { rate: 1_000 };

const quantile = (name: string, value: string, target?: string): FigureDefinition => ({
  name,
  unit: "ms",
  value: ({ values }) => values[value] ?? Number.NaN,
  ...(target === undefined ? {} : { target }),
});

/** d: time from the scheduled sending of an event until the webhook has received it. */
export const latency: Case = caseOf(() => [
  {
    name: "d. publish → webhook at 1,000 events/s",
    startProduct: productToWebhook(AT_RATE),
    baselines: [relay("log relay", AT_RATE)],
    figures: [
      quantile("d. publish → webhook at 1,000 events/s, p50", "p50Ms", "≤ 2 ms"),
      quantile("d. the same, p99", "p99Ms", "≤ 10 ms"),
      quantile("d. the same, p99.9", "p999Ms"),
    ],
  },
]);
