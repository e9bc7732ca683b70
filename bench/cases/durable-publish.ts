import type { Contender } from "../measurement/contender.ts";
import type { Baseline, Scenario } from "../measurement/scenario.ts";
import { EVENTS_PER_SECOND } from "../report/report.ts";
import { startPublishBaseline } from "../servers/baselines.ts";
import { startProduct } from "../servers/product.ts";
import type { Server } from "../servers/server.ts";
import { caseOf, type Case } from "./case.ts";
import { startNatsContender, supportedSyncs } from "./nats-baseline.ts";
import { configOf, DEAD_ENDPOINT, publishTo, webhookTopic } from "./topics.ts";
import { underLoad } from "./under-load.ts";

/** Returns the scenario of a and b: durable publishing to a subscription whose endpoint is unreachable. */
function durablePublish(name: string, events: number, baselines: readonly Baseline[]): Scenario {
  return {
    name,
    startProduct: async (program) => {
      const config = configOf([webhookTopic("bench", DEAD_ENDPOINT)]);
      return publisher(await startProduct({ program, config }), events);
    },
    baselines,
    figures: [EVENTS_PER_SECOND],
  };
}

function publisher(server: Server, events: number): Contender {
  return underLoad({ servers: [server], loads: [publishTo(server.port, "bench", { events })] });
}

function httpBaselines(events: number): readonly Baseline[] {
  const baseline = (name: "bare" | "log") => ({
    name,
    start: async () => publisher(await startPublishBaseline(name), events),
  });
  return [{ ...baseline("bare"), target: "≥ 0.60 of bare" }, baseline("log")];
}

const SINGLE = "a. durable publish, 1 event a request";

/** a: one event in each request. */
export const singleEvents: Case = caseOf(() => [durablePublish(SINGLE, 1, httpBaselines(1))]);

/** b: a hundred events in each request. */
export const eventBatches: Case = caseOf(() => [
  durablePublish("b. durable publish, 100 events a request", 100, httpBaselines(100)),
]);

/**
 * a, compared with NATS: the JetStream client publishes the same payload with the same concurrency into a stream on
 * disk.
 */
export const againstNats: Case = caseOf(async () => {
  const baselines = (await supportedSyncs()).map((sync): Baseline => {
    const name = sync === "always" ? "nats, flushed" : "nats";
    return {
      name,
      process: "nats-server",
      start: () => startNatsContender(sync),
      target: `> 1.00 of ${name}`,
    };
  });
  return [durablePublish(SINGLE, 1, baselines)];
});
