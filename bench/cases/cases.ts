import { backlog } from "./backlog.ts";
import type { Case } from "./case.ts";
import { cluster, cost } from "./cluster.ts";
import { againstNats, eventBatches, singleEvents } from "./durable-publish.ts";
import { fanOut, routing } from "./fan-out.ts";
import { footprint } from "./footprint.ts";
import { hostile } from "./hostile.ts";
import { processes } from "./processes.ts";
import { batchedDelivery, latency, unbatchedDelivery } from "./publish-to-webhook.ts";

/** Cases by their name on the command line. */
export const CASES: Readonly<Record<string, Case>> = {
  a: singleEvents,
  b: eventBatches,
  c1: unbatchedDelivery,
  c100: batchedDelivery,
  d: latency,
  e: fanOut,
  f: routing,
  g: backlog,
  h: footprint,
  hostile,
  nats: againstNats,
  processes,
  cluster,
  cost,
};

/** Cases by which two builds are compared by default. */
export const COMPARED: readonly string[] = ["a", "b", "c1", "c100", "d", "h"];
