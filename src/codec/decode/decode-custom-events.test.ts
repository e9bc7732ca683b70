import { describe, expect, it } from "vitest";
import type { PublishedEvent } from "../../core/event.ts";
import { topicId } from "../../core/resources/resource-id.ts";
import type { InputSchemaMapping } from "../../core/resources/resources.ts";
import { decodePublishRequest } from "./decode-publish-request.ts";

const topic = topicId("custom");

function decode(body: string, properties?: InputSchemaMapping["properties"]): PublishedEvent[] {
  let sequence = 0;
  return decodePublishRequest(
    { contentType: undefined, header: () => undefined, bytes: Buffer.from(body) },
    {
      schema: "CustomEventSchema",
      ...(properties && { mapping: { inputSchemaMappingType: "Json", properties } }),
      topic,
      now: 0,
      newId: () => `new-${(sequence += 1)}`,
    },
  );
}

const mapping: InputSchemaMapping["properties"] = {
  id: { sourceField: "key" },
  eventTime: { sourceField: "at" },
  eventType: { sourceField: "kind", defaultValue: "Fallback" },
  subject: { defaultValue: "all" },
  dataVersion: { sourceField: "version", defaultValue: "9" },
};

describe("a custom event", () => {
  it("[EG-CUSTOM-MAPPING] is read through the topic's mapping and passed on byte for byte", () => {
    const text = '{ "key":"k1", "at":"2030-01-02T03:04:05Z", "kind":"Sold", "version":"2", "n":1.50, "topic":"mine" }';
    const [published] = decode(`[ ${text} ]`, mapping);
    expect(Buffer.from(published?.envelope.json ?? []).toString()).toBe(text);
    expect(published?.envelope).toMatchObject({
      schema: "CustomEventSchema",
      topic,
      id: "k1",
      time: "2030-01-02T03:04:05Z",
      type: "Sold",
      subject: "all",
      dataVersion: "2",
    });
    expect(published?.body).toEqual(JSON.parse(text));
  });

  it("[EG-CUSTOM-MAPPING] gets a new id and the time of arrival if these are not mapped", () => {
    const [published] = decode("[{}]", { eventType: { defaultValue: "T" }, subject: { defaultValue: "S" } });
    expect(published?.envelope).toMatchObject({
      id: "new-1",
      systemId: "new-2",
      time: "1970-01-01T00:00:00.0000000Z",
      type: "T",
      subject: "S",
      dataVersion: "",
    });
  });

  it("[EG-CUSTOM-MAPPING] uses the default when the field is missing or not a plain value", () => {
    const rest = '"key":"k","at":"2030-01-02T03:04:05Z"';
    for (const kind of ["", ',"kind":null', ',"kind":{}', ',"kind":[]']) {
      expect(decode(`[{${rest}${kind}}]`, mapping)[0]?.envelope).toMatchObject({ type: "Fallback", dataVersion: "9" });
    }
  });

  it("[EG-CUSTOM-MAPPING] accepts booleans, and numbers with the digits they were sent with", () => {
    const [published] = decode('[{"key":12345678901234567890,"at":"2030-01-02T03:04:05Z","kind":true}]', mapping);
    expect(published?.envelope).toMatchObject({ id: "12345678901234567890", type: "true" });
  });

  it("[EG-CUSTOM-MAPPING] reads only the event's own members", () => {
    const inherited = { eventType: { sourceField: "constructor", defaultValue: "D" }, subject: { defaultValue: "" } };
    expect(decode("[{}]", inherited)[0]?.envelope.type).toBe("D");
    const own = { eventType: { sourceField: "__proto__" }, subject: { defaultValue: "" } };
    expect(decode('[{"__proto__":"T"}]', own)[0]?.envelope.type).toBe("T");
  });

  it("[EG-CUSTOM-MAPPING] without a mapping is read by Event Grid's own names", () => {
    expect(decode('[{"eventType":"T","subject":"S","dataVersion":"3"}]')[0]?.envelope).toMatchObject({
      type: "T",
      subject: "S",
      dataVersion: "3",
    });
    expect(() => decode("[{}]")).toThrow("requires 'eventType' property to be set");
  });

  it.each<[string, string, InputSchemaMapping["properties"], string]>([
    ["a mapped id that is missing", '{"at":"2030-01-02T03:04:05Z"}', mapping, "'id' property to be set"],
    ["a mapped type that is missing", "{}", { eventType: { sourceField: "kind" } }, "'eventType' property to be set"],
    ["a type that is not mapped", "{}", {}, "'eventType' property to be set"],
    ["a subject that is not mapped", "{}", { eventType: { defaultValue: "T" } }, "'subject' property to be set"],
  ])("[EG-CUSTOM-MISSING] %s is refused", (_name, body, properties, message) => {
    expect(() => decode(`[${body}]`, properties)).toThrow(
      `This resource is configured for 'CustomInputEvent' schema and requires ${message}`,
    );
  });

  it("[EG-EVENT-TIME] is refused if its time is not a date and time", () => {
    expect(() => decode('[{"key":"k","at":"noon"}]', mapping)).toThrow("'eventTime' property to be a date and time");
  });

  it("[EG-PUBLISH-SHAPE] must come in an array of objects", () => {
    expect(() => decode("{}", mapping)).toThrow("'CustomInputEvent' schema");
    expect(() => decode("[[]]", mapping)).toThrow("Token Expected: StartObject, Actual Token Received: StartArray.");
  });
});
