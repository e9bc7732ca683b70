import type { SeededRandom } from "../support/fixtures/seeded-random.ts";
import { hostileBody, hostileJson, hostileVersion } from "./hostile-values.ts";
import { encode, hostileHeaders, hostilePath, hostileQuery, type MakeRequest } from "./requests.ts";

/** An address to publish to, over HTTP or HTTPS. */
export interface PublishTarget {
  /** For example `http://127.0.0.1:6500/topics/orders/api/events`. */
  readonly endpoint: string;
  readonly key: string;
  readonly schema: keyof typeof GOOD;
}

const event = {
  id: "1",
  subject: "/orders/1",
  eventType: "Order.Placed",
  eventTime: "2026-01-01T00:00:00Z",
  data: { amount: 5, customer: { name: "é", tags: ["a", "b"] }, list: [1, 2, 3], none: null },
  dataVersion: "1",
};
const cloudEvent = {
  specversion: "1.0",
  id: "1",
  source: "/orders",
  type: "Order.Placed",
  subject: "1",
  time: "2026-01-01T00:00:00Z",
  datacontenttype: "application/json",
  dataschema: "http://127.0.0.1/schema",
  extension: "x",
  data: { amount: 5, list: ["a"] },
};

/** Valid requests by the schema that the topic accepts. */
const GOOD = {
  EventGridSchema: [["application/json", [event, event]]],
  CloudEventSchemaV1_0: [
    ["application/cloudevents+json", cloudEvent],
    ["application/cloudevents-batch+json", [cloudEvent, { ...cloudEvent, data: undefined, data_base64: "AQID" }]],
    ["application/json", { amount: 5 }],
  ],
  CustomEventSchema: [["application/json", [{ customId: "1", kind: "x", about: "y", more: { deep: [1] } }]]],
} as const;

const BINARY_MODE = ["ce-specversion: 1.0", "ce-id: 1", "ce-source: /orders", "ce-type: Order.Placed"];
const METHODS: readonly string[] = ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"];
/** Sizes of bodies just below and just above Azure's limits for an event and for a request. */
const SIZES: readonly number[] = [1_048_500, 1_048_577, 1_400_000];

/** Returns a generator of publish requests, most of them valid requests with one defect. */
export function publishes(targets: readonly PublishTarget[]): MakeRequest {
  return (random) => {
    const { endpoint, key, schema } = random.pick(targets);
    const url = new URL(endpoint);
    const [contentType, value] = random.pick<readonly [string, unknown]>(GOOD[schema]);
    const { bytes, headers } = hostileBody(random, bodyText(random, value), contentType);
    const binary = schema === "CloudEventSchemaV1_0" && contentType === "application/json";
    return {
      port: Number(url.port),
      tls: random.next() < 0.1,
      method: random.next() < 0.97 ? "POST" : random.pick(METHODS),
      target: targetOf(random, url.pathname),
      headers: hostileHeaders(random, [
        ["host", url.host],
        credentials(random, key),
        ...Object.entries(headers),
        ...(binary ? BINARY_MODE.map((line) => line.split(": ") as [string, string]) : []),
      ]),
      body: bytes,
    };
  };
}

function bodyText(random: SeededRandom, value: unknown): string {
  const kind = random.next();
  if (kind < 0.6) return hostileVersion(random, value);
  if (kind < 0.75) return JSON.stringify(value);
  if (kind < 0.95) return hostileJson(random);
  if (kind < 0.953) return JSON.stringify(Array.from({ length: 5_001 }, () => value)).slice(0, 2_000_000);
  if (kind < 0.96) return JSON.stringify([{ ...event, data: "x".repeat(random.pick(SIZES)) }]);
  return hostileVersion(random, { ...event, data: value });
}

function credentials(random: SeededRandom, key: string): readonly [string, string] {
  if (random.next() < 0.9) return ["aeg-sas-key", key];
  const token = `r=${encode(random, "http://127.0.0.1/")}&e=${encode(random, "1/1/2999 0:0:0 AM")}&s=${encode(random, key)}`;
  return random.pick([
    ["aeg-sas-key", "wrong"],
    ["aeg-sas-token", token],
    ["authorization", `SharedAccessSignature ${token}`],
    ["authorization", "Bearer x.y.z"],
  ] as const);
}

function targetOf(random: SeededRandom, path: string): string {
  const version = random.next() < 0.8 ? {} : { "api-version": random.pick(["2018-01-01", "2018-01-02", "latest"]) };
  return hostilePath(random, path) + hostileQuery(random, version);
}
