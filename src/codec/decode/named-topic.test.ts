import { describe, expect, it } from "vitest";
import type { InputSchema, PublishedEvent } from "../../core/event.ts";
import { domainId } from "../../core/resources/resource-id.ts";
import type { InputSchemaMapping } from "../../core/resources/resources.ts";
import { encodeEvent } from "../encode/encode-event.ts";
import { decodePublishRequest } from "./decode-publish-request.ts";
import { topicsOfDomain } from "./named-topic.ts";

const domain = domainId("shops");
const north = `${domain}/topics/north`;
const eventGrid = { id: "1", subject: "s", eventType: "T", eventTime: "2026-01-01T00:00:00Z", data: {} };
const cloud = { specversion: "1.0", id: "1", type: "T", source: "north" };
const unusable = (found: string): string =>
  `Required property 'topic' needs to either be a full resource id or should be just the name of the domain topic. Found: ${found}.`;

interface Sent {
  readonly schema?: InputSchema;
  readonly mapping?: InputSchemaMapping;
  readonly headers?: Record<string, string>;
}

function decode(body: unknown, { schema = "EventGridSchema", mapping, headers = {} }: Sent = {}): PublishedEvent[] {
  const binary = headers["ce-id"] !== undefined;
  const cloudType = Array.isArray(body) ? "application/cloudevents-batch+json" : "application/cloudevents+json";
  return decodePublishRequest(
    {
      contentType: binary || schema !== "CloudEventSchemaV1_0" ? "application/json" : cloudType,
      header: (name) => headers[name],
      headerNames: () => Object.keys(headers),
      bytes: Buffer.from(JSON.stringify(body)),
    },
    {
      schema,
      topic: domain,
      topicNamed: topicsOfDomain(domain),
      now: 0,
      newId: () => "new",
      ...(mapping && { mapping }),
    },
  );
}

const decodeUtf8 = (bytes: Uint8Array | undefined): unknown => JSON.parse(Buffer.from(bytes ?? []).toString());

describe("an event that is published to a domain", () => {
  it("[EG-DOMAIN-TOPIC] names its topic by name or id, and one request may name several", () => {
    const named = ["north", "south-2", north, north.toUpperCase()];
    const events = decode(named.map((topic) => ({ ...eventGrid, topic })));
    expect(events.map(({ envelope }) => envelope.topic)).toEqual([
      north,
      `${domain}/topics/south-2`,
      north,
      `${domain}/topics/NORTH`,
    ]);
  });

  it("[EG-DOMAIN-STAMP] is delivered with the whole id of its topic", () => {
    const [event] = decode([{ ...eventGrid, topic: "north" }]);
    expect(decodeUtf8(event?.envelope.json)).toEqual({
      ...eventGrid,
      topic: north,
      dataVersion: "",
      metadataVersion: "1",
    });
    expect(event?.envelope.topic).toBe(north);
    expect(event && decodeUtf8(encodeEvent(event.envelope, "CloudEventSchemaV1_0"))).toMatchObject({ source: north });
  });

  it.each([undefined, null, ""])("[EG-DOMAIN-TOPIC] must name a topic: %j", (topic) => {
    expect(() => decode([{ ...eventGrid, topic }])).toThrow("requires 'topic' property to be set.");
  });

  it.each([
    "https://x/",
    "/north",
    "a b",
    "x".repeat(129),
    `${domain}/topics/`,
    `${domain}/topics/a/b`,
    domain,
    `${domainId("other")}/topics/north`,
  ])("[EG-DOMAIN-TOPIC] must name one of this domain: %s", (topic) => {
    const shown = topic.length > 100 ? `${topic.slice(0, 100)}…` : topic;
    const refused = expect.objectContaining({ code: "input_json_invalid", message: unusable(shown) });
    expect(() => decode([{ ...eventGrid, topic }])).toThrow(refused);
    const clouds = { schema: "CloudEventSchemaV1_0" } as const;
    expect(() => decode({ ...cloud, source: topic }, clouds)).toThrow(refused);
  });

  it("[EG-DOMAIN-TOPIC] names it in the source of a CloudEvent, [EG-DOMAIN-STAMP] which stays unchanged", () => {
    const schema = "CloudEventSchemaV1_0" as const;
    const events = decode([cloud, { ...cloud, source: `${domain}/topics/south` }], { schema });
    expect(events.map(({ envelope }) => envelope.topic)).toEqual([north, `${domain}/topics/south`]);
    expect(decodeUtf8(events[0]?.envelope.json)).toEqual(cloud);
    const headers = { "ce-specversion": "1.0", "ce-id": "1", "ce-type": "T", "ce-source": "north" };
    const [binary] = decode({ of: "binary" }, { schema, headers });
    expect(binary?.envelope.topic).toBe(north);
    expect(decodeUtf8(binary?.envelope.json)).toMatchObject({ source: "north" });
  });

  it("[EG-DOMAIN-TOPIC] names it in the mapped field, [EG-DOMAIN-STAMP] and is stamped in every delivery schema", () => {
    const mapping: InputSchemaMapping = {
      inputSchemaMappingType: "Json",
      properties: {
        topic: { sourceField: "shop" },
        eventType: { defaultValue: "T" },
        subject: { defaultValue: "s" },
      },
    };
    const schema = "CustomEventSchema" as const;
    const [event] = decode([{ shop: "north", n: 1 }], { schema, mapping });
    expect(event?.envelope.topic).toBe(north);
    if (event === undefined) throw new Error("no event");
    expect(decodeUtf8(encodeEvent(event.envelope, "EventGridSchema"))).toMatchObject({ topic: north, data: { n: 1 } });
    expect(decodeUtf8(encodeEvent(event.envelope, "CloudEventSchemaV1_0"))).toMatchObject({ source: north, type: "T" });
    expect(decodeUtf8(encodeEvent(event.envelope, "CustomInputSchema"))).toEqual({ shop: "north", n: 1 });
    expect(() => decode([{ n: 1 }], { schema, mapping })).toThrow("requires 'topic' property to be set.");
    // Without a mapping the field has Event Grid's own name.
    const [unmapped] = decode([{ topic: "north", eventType: "T" }], { schema });
    expect(unmapped?.envelope.topic).toBe(north);
  });
});
