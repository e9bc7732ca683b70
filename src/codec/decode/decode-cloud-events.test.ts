import { describe, expect, it } from "vitest";
import type { PublishedEvent } from "../../core/event.ts";
import { topicId } from "../../core/resources/resource-id.ts";
import { decodePublishRequest } from "./decode-publish-request.ts";

const topic = topicId("clouds");
const event = { specversion: "1.0", type: "Order.Placed", source: "/shop", id: "1" };
const batch = "application/cloudevents-batch+json; charset=utf-8";
const structured = "Application/CloudEvents+JSON";

function decode(
  contentType: string | undefined,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): PublishedEvent[] {
  return decodePublishRequest(
    {
      contentType,
      header: (name) => headers[name],
      headerNames: () => Object.keys(headers).map((name) => name.toUpperCase()),
      bytes: typeof body === "string" ? Buffer.from(body) : body,
    },
    { schema: "CloudEventSchemaV1_0", topic, now: 1_000, newId: () => "system" },
  );
}
const jsonOf = (published: PublishedEvent | undefined): string =>
  Buffer.from(published?.envelope.json ?? []).toString();
const decodeOne = (body: unknown): PublishedEvent | undefined => decode(structured, JSON.stringify(body))[0];

const requires = (property: string): string =>
  `This resource is configured for 'CloudEventV10' schema and requires '${property}' property to be set.`;

describe("CloudEvents in JSON", () => {
  it("[EG-SCHEMA-BYTES] are passed on byte for byte", () => {
    const text = ' { "specversion" : "1.0", "type":"T", "source":"/s", "id":"1", "data": 1.50e400, "region":"north" } ';
    const [single] = decode(structured, text);
    expect(jsonOf(single)).toBe(text.trim());
    expect(single?.envelope).toMatchObject({
      systemId: "system",
      schema: "CloudEventSchemaV1_0",
      topic,
      id: "1",
      type: "T",
      subject: undefined,
      time: undefined,
      dataVersion: "",
      publishedAt: 1_000,
    });
    expect(decode(batch, `[${text},${text}]`).map(jsonOf)).toEqual([text.trim(), text.trim()]);
  });

  it("[EG-SCHEMA-BYTES] with an attribute sent twice pass on the last one only", () => {
    const [published] = decode(structured, `{"id":"0",${JSON.stringify(event).slice(1)}`);
    expect(published?.envelope.id).toBe("1");
    expect(jsonOf(published).match(/"id"/g)).toHaveLength(1);
  });

  const shape =
    "This resource is configured to receive event in 'CloudEventV10' schema. The JSON received does not conform to the expected schema.";
  const one = JSON.stringify(event);

  it.each<[string, string | undefined, string, number | string]>([
    ["one object as cloudevents+json", structured, one, 1],
    ["one in an array as cloudevents+json", structured, `[${one}]`, 1],
    ["two in an array as cloudevents+json", structured, `[${one},${one}]`, `${shape} Token Expected: StartObject`],
    ["one object as application/json", "application/json", one, 1],
    [
      "an array as application/json",
      "application/json",
      `[${one}]`,
      `${shape} Token Expected: StartObject, Actual Token Received: StartArray.`,
    ],
    ["an array as a batch", batch, `[${one},${one}]`, 2],
    ["an empty batch", batch, "[]", shape],
    ["one object as a batch", batch, one, `${shape} Token Expected: StartArray, Actual Token Received: StartObject.`],
    ["text", "text/plain", one, "The Content-Type header is either missing or it doesn't have a valid value."],
    ["a form", "application/x-www-form-urlencoded", one, "The Content-Type header is either missing"],
    ["no content type", undefined, one, "The Content-Type header is either missing"],
    ["an empty content type", " ", one, "The Content-Type header is either missing"],
  ])("[EG-CE-CONTENT-TYPE] %s", (_name, contentType, body, expected) => {
    if (typeof expected === "number") expect(decode(contentType, body)).toHaveLength(expected);
    else expect(() => decode(contentType, body)).toThrow(expected);
  });

  it("[EG-CE-CONTENT-TYPE] rejects an unknown content type with the error code of 415", () => {
    expect(() => decode("text/plain", one)).toThrow(expect.objectContaining({ code: "invalid_content_type" }));
  });

  it.each<[string, unknown, string]>([
    ["[EG-CE-REQUIRED] specversion first", {}, requires("specversion")],
    ["[EG-CE-REQUIRED] then type, by its other name", { specversion: "1.0" }, requires("eventType")],
    ["[EG-CE-REQUIRED] then source", { specversion: "1.0", type: "T" }, requires("source")],
    ["[EG-CE-REQUIRED] then id", { specversion: "1.0", type: "T", source: "/s" }, requires("id")],
    ["[EG-CE-REQUIRED] an empty id", { ...event, id: "" }, requires("id")],
    ["[EG-CE-VERSION] another version", { ...event, specversion: "0.3" }, "'specversion' property to be '1.0'"],
    ["[EG-SCHEMA-TYPES] a number for a text", { ...event, id: 1 }, "'id' property to be a string"],
    ["[EG-EVENT-TIME] a time that is none", { ...event, time: "noon" }, "'time' property to be a date and time"],
    [
      "[EG-CE-DATA] both forms of data",
      { ...event, data: 1, data_base64: "AQ==" },
      "'data_base64' property to be absent",
    ],
    ["[EG-CE-DATA] bytes that are no Base64", { ...event, data_base64: "AQ" }, "'data_base64' property to be a Base64"],
    ["[EG-CE-DATA] bytes that are no text", { ...event, data_base64: 1 }, "'data_base64' property to be a Base64"],
    [
      "[EG-CE-EXTENSION] an object",
      { ...event, region: {} },
      "'region' property to be a string, a number or a boolean",
    ],
    ["[EG-CE-EXTENSION] an upper-case name", { ...event, Region: "n" }, "unexpected property 'Region'"],
    ["[EG-CE-EXTENSION] an array", { ...event, region: ["n"] }, "'region' property to be a string"],
  ])("%s is refused", (_name, bad, message) => {
    expect(() => decodeOne(bad)).toThrow(
      expect.objectContaining({ code: "input_json_invalid", message: expect.stringContaining(message) }),
    );
  });

  it("[EG-CE-EXTENSION] refuses __proto__", () => {
    expect(() => decode(structured, `{"__proto__":{},${one.slice(1)}`)).toThrow("unexpected property '__proto__'");
  });

  it("[EG-CE-EXTENSION] accepts strings, numbers and booleans", () => {
    const extended = { ...event, region: "north", count: 3, urgent: true };
    expect(decodeOne(extended)?.body).toEqual(extended);
  });

  it("[EG-CE-NULL] treats null in an optional attribute as absent", () => {
    expect(decodeOne({ ...event, subject: null, time: null, region: null, data_base64: null })?.envelope).toMatchObject(
      {
        subject: undefined,
        time: undefined,
      },
    );
  });

  it("[EG-CE-DATA] accepts either form of data, or none", () => {
    expect(decodeOne({ ...event, data_base64: "AQID" })?.body["data_base64"]).toBe("AQID");
    expect(decodeOne({ ...event, data: [1] })?.body["data"]).toEqual([1]);
    expect(decodeOne(event)?.body).toEqual(event);
  });
});

describe("a CloudEvent in binary mode", () => {
  const headers = { "ce-specversion": "1.0", "ce-type": "T", "ce-source": "/s", "ce-id": "1" };
  const attributes = { specversion: "1.0", type: "T", source: "/s", id: "1" };

  it("[EG-CE-BINARY] is stored in structured form, with its data byte for byte", () => {
    const [published] = decode("application/json; charset=utf-8", '{ "n": 1.50 }', {
      ...headers,
      "ce-time": "2030-01-02T03:04:05Z",
      "ce-subject": "orders/1",
      "ce-region": "north",
      "x-other": "no attribute",
    });
    expect(jsonOf(published)).toContain('"data":{ "n": 1.50 }}');
    const expected = {
      ...attributes,
      time: "2030-01-02T03:04:05Z",
      subject: "orders/1",
      region: "north",
      datacontenttype: "application/json; charset=utf-8",
      data: { n: 1.5 },
    };
    expect(JSON.parse(jsonOf(published))).toEqual(expected);
    expect(published?.body).toEqual(expected);
    expect(published?.envelope).toMatchObject({ id: "1", type: "T", subject: "orders/1" });
  });

  it.each<[string, string | undefined, Uint8Array, object]>([
    ["JSON by suffix", "application/vnd.shop+json", Buffer.from("[1]"), { data: [1] }],
    ["JSON without content type", undefined, Buffer.from("null"), { data: null }],
    ["text", "text/plain", Buffer.from("é\n"), { data: "é\n" }],
    ["text of another charset", "text/plain; charset=iso-8859-1", Buffer.from([0xe9]), { data_base64: "6Q==" }],
    ["text that is no UTF-8", "text/plain", Buffer.from([0xff]), { data_base64: "/w==" }],
    ["bytes", "application/octet-stream", Buffer.from([1, 2, 3]), { data_base64: "AQID" }],
    ["nothing", "application/octet-stream", Buffer.alloc(0), {}],
  ])("[EG-CE-BINARY-DATA] carries %s", (_name, contentType, bytes, data) => {
    const [published] = decode(contentType, bytes, headers);
    const expected = { ...attributes, ...(contentType !== undefined && { datacontenttype: contentType }), ...data };
    expect(JSON.parse(jsonOf(published))).toEqual(expected);
    expect(published?.body).toEqual(expected);
  });

  it("[EG-CE-BINARY-DATA] refuses a JSON content type whose body is not JSON", () => {
    expect(() => decode("application/json", "{", headers)).toThrow("Unexpected end when reading JSON.");
    expect(() => decode("application/json", "x", headers)).toThrow("not well-formed JSON");
    expect(() => decode("application/json", "[".repeat(1_000), headers)).toThrow("nested deeper");
  });

  it.each([
    ["percent-encoding, once", "Euro%20%E2%82%AC%20%25", "Euro € %"],
    ["lower-case digits", "%e2%82%ac", "€"],
    ["quotes of older senders", '"a \\"b\\" c"', 'a "b" c'],
    ["a plus sign as itself", "a+b", "a+b"],
  ])("[EG-CE-HEADER] decodes %s", (_name, value, expected) => {
    expect(decode("application/json", "1", { ...headers, "ce-subject": value })[0]?.envelope.subject).toBe(expected);
  });

  const hint =
    "Please check required attributes at https://github.com/cloudevents/spec/blob/v1.0/spec.md#required-attributes";

  it.each([["specversion"], ["type"], ["source"], ["id"]])("[EG-CE-BINARY] needs the header ce-%s", (name) => {
    const others = Object.fromEntries(Object.entries(headers).filter(([header]) => header !== `ce-${name}`));
    expect(() => decode("application/json", "1", others)).toThrow(
      expect.objectContaining({
        code: "invalid_cloud_event_header",
        message: `ce-${name} header is missing for the cloud event. ${hint}`,
      }),
    );
    expect(() => decode("application/json", "1", { ...headers, [`ce-${name}`]: "" })).toThrow(
      `ce-${name} header is empty for the cloud event. ${hint}`,
    );
  });

  it.each([
    ["a lone percent sign", "100%", "100%"],
    ["an overlong encoding", "%C0%A0", "%C0%A0"],
    ["plain text next to percent-encoded text", "50% caf%C3%A9 %zz", "50% café %zz"],
    ["a quote without its other", '"a', '"a'],
  ])("[EG-CE-HEADER] leaves %s as it was sent", (_name, value, expected) => {
    expect(decode("application/json", "1", { ...headers, "ce-subject": value })[0]?.envelope.subject).toBe(expected);
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ["a name with a hyphen", { "ce-order-id": "7" }, { "order-id": "7" }],
    ["a name with other characters", { "ce-order_id.x": "7" }, { "order_id.x": "7" }],
    ["an empty value", { "ce-region": "" }, { region: "" }],
    ["a name that objects have", JSON.parse('{"ce-__proto__":"x"}'), JSON.parse('{"__proto__":"x"}')],
  ])("[EG-CE-HEADER] passes an attribute on with %s", (_name, sent, expected) => {
    const [published] = decode("application/json", "1", { ...headers, ...sent });
    expect(JSON.parse(jsonOf(published))).toEqual({
      ...attributes,
      ...expected,
      datacontenttype: "application/json",
      data: 1,
    });
    expect(published?.body).toEqual(JSON.parse(jsonOf(published)));
  });

  it.each<[string, string | undefined, Record<string, string>, object]>([
    [
      "the request's content type before the event's",
      "application/json",
      { "ce-datacontenttype": "text/plain" },
      { datacontenttype: "application/json", data: { a: 1 } },
    ],
    [
      "the event's content type where the request has none",
      undefined,
      { "ce-datacontenttype": "text/plain" },
      { datacontenttype: "text/plain", data: '{"a":1}' },
    ],
    ["no data from a header", "application/json", { "ce-data": "x", "ce-data_base64": "eA==" }, { data: { a: 1 } }],
  ])("[EG-CE-HEADER] uses %s", (_name, contentType, sent, expected) => {
    const [published] = decode(contentType, '{"a":1}', { ...headers, ...sent });
    expect(published?.body).toEqual({
      ...attributes,
      ...(contentType !== undefined && { datacontenttype: contentType }),
      ...expected,
    });
  });

  it("[EG-CE-BINARY] cannot be combined with a CloudEvents content type", () => {
    expect(() => decode(structured, JSON.stringify(event), headers)).toThrow(
      expect.objectContaining({ code: "invalid_cloud_event_header" }),
    );
  });

  it("[EG-LIMIT-EVENT] is measured in structured form", () => {
    expect(decode("application/octet-stream", Buffer.alloc(786_000), headers)).toHaveLength(1);
    expect(() => decode("application/octet-stream", Buffer.alloc(787_500), headers)).toThrow(
      "The maximum size (1049600) has been exceeded.",
    );
  });
});
