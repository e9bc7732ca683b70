import type { Load } from "../load/load.ts";

/** The key that every benchmark publishes with. */
const KEY = Buffer.from("a key for nothing but benchmarks").toString("base64");

/** Nothing listens there. */
export const DEAD_ENDPOINT = "http://127.0.0.1:9/";

/** A webhook subscription that gets batches as large as they may be. */
export const BATCHED: Readonly<Record<string, unknown>> = {
  maxEventsPerBatch: 100,
  preferredBatchSizeInKilobytes: 1_024,
};

/** A topic with its subscriptions, as the configuration declares them. */
export interface Topic {
  readonly name: string;
  readonly key1: string;
  readonly subscriptions: readonly object[];
}

/** Returns a topic with these subscriptions, to which `publishTo` publishes. */
export function topic(name: string, subscriptions: readonly object[]): Topic {
  return { name, key1: KEY, subscriptions };
}

/** Returns a topic with one webhook subscription. */
export function webhookTopic(name: string, endpointUrl: string, properties: object = {}): Topic {
  const destination = { endpointType: "WebHook", properties: { endpointUrl, ...properties } };
  return topic(name, [{ name: "one", destination }]);
}

/** Returns a configuration in which attempts at a dead endpoint end after the first ten. */
export function configOf(topics: readonly Topic[]): object {
  return { delivery: { maxProbationSeconds: 600 }, topics };
}

/** Returns the usual load: single events of 700 bytes to one topic, 64 at one time. */
export function publishTo(port: number, topicName: string, load: Partial<Load> = {}): Load {
  return {
    port,
    path: `/topics/${topicName}/api/events?api-version=2018-01-01`,
    headers: { "aeg-sas-key": KEY },
    events: 1,
    eventBytes: 700,
    connections: 64,
    ...load,
  };
}
