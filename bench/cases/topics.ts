import type { Load } from "../load/load.ts";

/** Key with which every benchmark publishes. */
const KEY = Buffer.from("a key for nothing but benchmarks").toString("base64");

/** An address without a listener. */
export const DEAD_ENDPOINT = "http://127.0.0.1:9/";

/** Properties of a webhook subscription with the largest possible batches. */
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

/** Returns a topic with the given subscriptions, for use with `publishTo`. */
export function topic(name: string, subscriptions: readonly object[]): Topic {
  return { name, key1: KEY, subscriptions };
}

/** Returns a topic with one webhook subscription. */
export function webhookTopic(name: string, endpointUrl: string, properties: object = {}): Topic {
  const destination = { endpointType: "WebHook", properties: { endpointUrl, ...properties } };
  return topic(name, [{ name: "one", destination }]);
}

/** Returns a configuration in which delivery to an unreachable endpoint stops after the first ten attempts. */
export function configOf(topics: readonly Topic[]): object {
  return { delivery: { maxProbationSeconds: 600 }, topics };
}

/** Returns the usual load: single events of 700 bytes to one topic, with 64 concurrent requests. */
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
