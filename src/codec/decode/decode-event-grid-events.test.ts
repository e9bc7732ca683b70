import { describe, expect, it } from "vitest";
import type { PublishedEvent } from "../../core/event.ts";
import { topicId } from "../../core/resources/resource-id.ts";
import { decodePublishRequest } from "./decode-publish-request.ts";

const topic = topicId("orders");
const event = {
  id: "1",
  subject: "orders/1",
  eventType: "Order.Placed",
  eventTime: "2030-01-02T03:04:05Z",
  data: { total: 12.5 },
  dataVersion: "1.0",
};

function decode(body: string | Uint8Array, contentType: string | undefined = "application/json"): PublishedEvent[] {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  let sequence = 0;
  return decodePublishRequest(
    { contentType, header: () => undefined, bytes },
    { schema: "EventGridSchema", topic, now: 1_000, newId: () => `system-${(sequence += 1)}` },
  );
}
const decodeAll = (...events: unknown[]): PublishedEvent[] => decode(JSON.stringify(events));
const jsonOf = (published: PublishedEvent | undefined): string =>
  Buffer.from(published?.envelope.json ?? []).toString();
const parsed = (published: PublishedEvent | undefined): unknown => JSON.parse(jsonOf(published));

const required = (property: string): string =>
  `This resource is configured for 'EventGridEvent' schema and requires '${property}' property to be set.`;
const nested = (levels: number): string =>
  `[{${JSON.stringify(event)
    .slice(1, -1)
    .replace('{"total":12.5}', "[".repeat(levels) + "]".repeat(levels))}}]`;
const sized = (bytes: number): string => {
  const empty = JSON.stringify({ ...event, data: "" });
  return JSON.stringify({ ...event, data: "x".repeat(bytes - empty.length) });
};

describe("an event in the Event Grid schema", () => {
  it("[EG-SCHEMA-STAMP] gets the topic's id and the two versions", () => {
    const { dataVersion: _, ...bare } = event;
    const [published] = decodeAll(bare);
    expect(parsed(published)).toEqual({ ...bare, dataVersion: "", metadataVersion: "1", topic });
    expect(published?.body).toEqual(bare);
    expect(published?.envelope).toMatchObject({
      systemId: "system-1",
      schema: "EventGridSchema",
      topic,
      id: "1",
      type: "Order.Placed",
      subject: "orders/1",
      time: "2030-01-02T03:04:05Z",
      dataVersion: "",
      publishedAt: 1_000,
    });
  });

  it("[EG-SCHEMA-STAMP] keeps a data version and treats null as absent", () => {
    expect(parsed(decodeAll(event)[0])).toEqual({ ...event, metadataVersion: "1", topic });
    const [nulls] = decodeAll({ ...event, dataVersion: null, metadataVersion: null, topic: null });
    expect(parsed(nulls)).toEqual({ ...event, dataVersion: "", metadataVersion: "1", topic });
  });

  it("[EG-SCHEMA-BYTES] is passed on byte for byte, huge numbers, escapes and spaces included", () => {
    const text =
      '{"id":"1" ,\t"subject":"\\u0041/é","eventType":"T","eventTime":"2030-01-02T03:04:05Z","data": { "n":12345678901234567890.10e+2, "__proto__": {"x": 1}, "a":1, "a":2 } \n';
    const [first, second] = decode(`\uFEFF [ ${text}} , ${text}}\r\n]`);
    const expected = `${text},"dataVersion":"","metadataVersion":"1","topic":"${topic}"}`;
    expect(jsonOf(first)).toBe(expected);
    expect(jsonOf(second)).toBe(expected);
  });

  it("[EG-SCHEMA-BYTES] that has all properties already is passed on unchanged", () => {
    const text = JSON.stringify({ ...event, metadataVersion: "1", topic });
    expect(jsonOf(decode(`[${text}]`)[0])).toBe(text);
  });

  it("[EG-SCHEMA-BYTES] with a property sent twice passes on the last one only", () => {
    const [published] = decode(`[{"id":"first","id":"\\u0031",${JSON.stringify(event).slice(10)}]`);
    expect(jsonOf(published).match(/"id"/g)).toHaveLength(1);
    expect(jsonOf(published)).toContain('"id":"\\u0031"');
    expect(published?.envelope.id).toBe("1");
  });

  it.each([
    ["another case of the topic's id", topic.toUpperCase()],
    ["an empty text", ""],
  ])("[EG-SCHEMA-TOPIC] may name its topic by %s, and is delivered with the id itself", (_name, named) => {
    const [published] = decodeAll({ ...event, topic: named });
    expect(parsed(published)).toEqual({ ...event, metadataVersion: "1", topic });
    expect(jsonOf(published).match(/"topic"/g)).toHaveLength(1);
  });

  it("[EG-SCHEMA-TOPIC] that names another topic is not authorised", () => {
    expect(() => decodeAll({ ...event, topic: topicId("other") })).toThrow(
      expect.objectContaining({ code: "unauthorized" }),
    );
  });

  it.each([["Z"], ["+00:00"], ["+0000"], ["-05:30"], [".1234567Z"], [""]])(
    "[EG-EVENT-TIME] may have a time that ends in '%s'",
    (end) => {
      expect(decodeAll({ ...event, eventTime: `2030-01-02T03:04:05${end}` })[0]?.envelope.time).toBe(
        `2030-01-02T03:04:05${end}`,
      );
    },
  );

  it.each([["yesterday"], ["2030-02-30T00:00:00Z"], ["2030-13-01T00:00:00Z"], ["2030-01-02"], ["1/2/2030"], [""]])(
    "[EG-EVENT-TIME] may not have the time '%s'",
    (eventTime) => {
      expect(() => decodeAll({ ...event, eventTime })).toThrow("'EventGridEvent' schema and requires 'eventTime'");
    },
  );

  it.each([["any JSON value", [null, 1, "text", [1], false]]])(
    "[EG-SCHEMA-DATA] may have %s as data, or none",
    (_name, values) => {
      for (const data of values) expect(parsed(decodeAll({ ...event, data })[0])).toMatchObject({ data });
      expect(parsed(decodeAll({ ...event, data: undefined })[0])).toEqual({
        ...event,
        data: null,
        metadataVersion: "1",
        topic,
      });
    },
  );

  it("[EG-SCHEMA-EMPTY] may have an empty subject", () => {
    expect(decodeAll({ ...event, subject: "" })[0]?.envelope.subject).toBe("");
  });

  it("[EG-SCHEMA-METADATA] refuses every metadata version except 1", () => {
    expect(parsed(decodeAll({ ...event, metadataVersion: "1" })[0])).toMatchObject({ metadataVersion: "1" });
    expect(() => decodeAll({ ...event, metadataVersion: "2" })).toThrow(
      "Property 'metadataVersion' was found to be set to 2, but was expected to either be null or be set to 1.",
    );
    expect(() => decodeAll({ ...event, metadataVersion: 1 })).toThrow("metadataVersion");
  });
});

describe("a refused request", () => {
  const shape =
    "This resource is configured to receive event in 'EventGridEvent' schema. The JSON received does not conform to the expected schema.";

  it.each<[string, unknown, string]>([
    ["[EG-SCHEMA-REQUIRED] subject first", { data: 1 }, required("subject")],
    ["[EG-SCHEMA-REQUIRED] then id", { subject: "" }, required("id")],
    ["[EG-SCHEMA-REQUIRED] then eventType", { subject: "", id: "1" }, required("eventType")],
    ["[EG-SCHEMA-REQUIRED] then eventTime", { subject: "", id: "1", eventType: "T" }, required("eventTime")],
    ["[EG-SCHEMA-REQUIRED] null is missing", { ...event, id: null }, required("id")],
    ["[EG-SCHEMA-EMPTY] empty id", { ...event, id: "" }, required("id")],
    ["[EG-SCHEMA-EMPTY] empty type", { ...event, eventType: "" }, required("eventType")],
    [
      "[EG-SCHEMA-CLOSED] a CloudEvent, before anything missing",
      { source: "/s", specversion: "1.0", id: "1", type: "T" },
      "This resource is configured for 'EventGridEvent' schema. Received unexpected property 'source' in JSON which does not conform to the expected schema.",
    ],
    ["[EG-SCHEMA-CLOSED] an extra property", { ...event, extra: 1 }, "unexpected property 'extra'"],
    ["[EG-SCHEMA-TYPES] a number for a text", { ...event, id: 1 }, "requires 'id' property to be a string"],
    ["[EG-SCHEMA-TYPES] an object for a version", { ...event, dataVersion: {} }, "requires 'dataVersion' property"],
    ["[EG-PUBLISH-SHAPE] an element that is no object", [1], `${shape} Token Expected: StartObject`],
  ])("%s", (_name, bad, message) => {
    expect(() => decodeAll(event, bad)).toThrow(
      expect.objectContaining({ code: "input_json_invalid", message: expect.stringContaining(message) }),
    );
  });

  it("[EG-SCHEMA-CLOSED] counts __proto__ as an unexpected property", () => {
    expect(() => decode(`[{"__proto__":{"id":"1"},${JSON.stringify(event).slice(1)}]`)).toThrow("'__proto__'");
  });

  it.each<[string, string, string]>([
    [
      "[EG-PUBLISH-SHAPE] one object instead of an array",
      JSON.stringify(event),
      `${shape} Token Expected: StartArray, Actual Token Received: StartObject.`,
    ],
    ["[EG-PUBLISH-SHAPE] a text", '"text"', `${shape} Token Expected: StartArray, Actual Token Received: String.`],
    ["[EG-PUBLISH-EMPTY] an empty array", " [ ] ", shape],
    ["[EG-PUBLISH-EMPTY] an empty body", "", "Unexpected end when reading JSON."],
    ["[EG-PUBLISH-EMPTY] a body that breaks off", '[{"id":"1","subj', "Unexpected end when reading JSON."],
    ["[EG-PUBLISH-EMPTY] a body that breaks off between events", "[{}", "Unexpected end when reading JSON."],
    ["[EG-PUBLISH-SHAPE] no JSON at all", "<xml/>", `${shape} It is not well-formed JSON.`],
    ["[EG-PUBLISH-SHAPE] text after the array", "[] x", `${shape} It is not well-formed JSON.`],
    [
      "[EG-PUBLISH-DEPTH] a nested bomb",
      `[{"data":${"[".repeat(500_000)}${"]".repeat(500_000)}}]`,
      "The event is nested deeper than the maximum of 128 levels.",
    ],
  ])("%s", (_name, body, message) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: "input_json_invalid", message }));
  });

  it("[EG-PUBLISH-DEPTH] may hold an event as deep as the limit", () => {
    expect(decode(nested(127))).toHaveLength(1);
    expect(() => decode(nested(128))).toThrow("nested deeper");
  });

  it("[EG-PUBLISH-UTF8] has bytes that are not UTF-8", () => {
    const bytes = Buffer.from(JSON.stringify([event]));
    bytes[bytes.indexOf("Order")] = 0xff;
    expect(() => decode(bytes)).toThrow("The request body is not valid UTF-8.");
  });

  it("does not get its event data quoted in the message", () => {
    expect(() => decode('[{"data":secret}]')).toThrow(/^((?!secret).)*$/);
  });

  it("[EG-PUBLISH-ATOMIC] has none of its events accepted when one is invalid", () => {
    expect(() => decodeAll(event, event, { ...event, id: undefined })).toThrow("requires 'id'");
  });
});

describe("limits of a request", () => {
  it("[EG-LIMIT-EVENT] accept an event of 1,049,600 bytes and refuse one byte more", () => {
    expect(decode(`[${sized(1_049_600)}]`)).toHaveLength(1);
    expect(() => decode(`[${sized(1_049_601)}]`)).toThrow(
      expect.objectContaining({ code: "payload_too_large", message: "The maximum size (1049600) has been exceeded." }),
    );
  });

  it("[EG-LIMIT-REQUEST] accept 1,536,000 bytes and refuse one byte more", () => {
    const events = `[${sized(767_999)},${sized(767_998)}]`;
    expect(events).toHaveLength(1_536_000);
    expect(decode(events)).toHaveLength(2);
    expect(() => decode(`${events} `)).toThrow(
      expect.objectContaining({ code: "payload_too_large", message: "The maximum size (1536000) has been exceeded." }),
    );
  });

  it("[EG-LIMIT-BATCH] accept 5,000 events and refuse one more", () => {
    const short = { id: "1", subject: "s", eventType: "T", eventTime: "2030-01-02T03:04:05Z" };
    expect(decodeAll(...Array.from({ length: 5_000 }, () => short))).toHaveLength(5_000);
    expect(() => decodeAll(...Array.from({ length: 5_001 }, () => short))).toThrow(
      expect.objectContaining({ code: "payload_too_large" }),
    );
  });
});

describe("the content type of an Event Grid topic", () => {
  it.each([["application/x-www-form-urlencoded"], ["application/json; charset=utf-16"], ["text/plain"], [undefined]])(
    "[EG-PUBLISH-ANY-TYPE] is ignored: %s",
    (contentType) => {
      const bytes = Buffer.from(JSON.stringify([event]));
      const context = { schema: "EventGridSchema", topic, now: 0, newId: () => "x" } as const;
      expect(decodePublishRequest({ contentType, header: () => undefined, bytes }, context)).toHaveLength(1);
    },
  );
});
