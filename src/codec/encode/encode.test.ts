import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LockedDelivery, LockToken } from "../../core/delivery.ts";
import type { EventDeliverySchema, InputSchema } from "../../core/event.ts";
import { decodePublishRequest } from "../decode/decode-publish-request.ts";
import { encodeDeadLetters } from "./encode-dead-letters.ts";
import { encodeDelivery } from "./encode-delivery.ts";

const topic = "/subscriptions/s/topics/orders";
const publishedAt = Date.UTC(2030, 0, 2, 3, 4, 5);

/** Returns deliveries of the events in one publish request. */
function published(schema: InputSchema, body: string, extra: Partial<LockedDelivery> = {}): LockedDelivery[] {
  const contentType = "application/cloudevents-batch+json";
  const events = decodePublishRequest(
    { contentType, header: () => undefined, bytes: Buffer.from(body) },
    {
      schema,
      mapping: {
        inputSchemaMappingType: "Json",
        properties: {
          id: { sourceField: "key" },
          eventTime: { sourceField: "at" },
          eventType: { sourceField: "kind" },
          subject: { defaultValue: "all" },
          dataVersion: { defaultValue: "7" },
        },
      },
      topic,
      now: publishedAt,
      newId: () => "new",
    },
  );
  return events.map(({ envelope }) => ({
    event: envelope,
    deliveryCount: 0,
    enqueuedAt: publishedAt,
    lockToken: "lock" as LockToken,
    receivedAt: publishedAt,
    lockedUntil: publishedAt,
    ...extra,
  }));
}

const data = '{ "n" : 12345678901234567890.10 }';
const eventGrid = `{"id":"1","subject":"s","eventType":"T","eventTime":"2030-01-02T03:04:05+0000","data":${data}}`;
const eventGridStamped = `${eventGrid.slice(0, -1)},"dataVersion":"","metadataVersion":"1","topic":"${topic}"}`;
const cloud = `{"specversion":"1.0","type":"T","source":"/s","id":"1","data":${data}}`;
const custom = `{"key":"k","at":"2030-01-02 03:04:05","kind":"Sold","n":1.50}`;

function encoded(deliveries: LockedDelivery[], schema: EventDeliverySchema, batched = false): [string, string] {
  const { contentType, body } = encodeDelivery(deliveries, schema, batched);
  return [contentType, Buffer.from(body).toString()];
}

describe("encodeDelivery", () => {
  const json = "application/json; charset=utf-8";
  const one = "application/cloudevents+json; charset=utf-8";
  const many = "application/cloudevents-batch+json; charset=utf-8";

  it.each<[string, InputSchema, string, EventDeliverySchema, boolean, [string, string]]>([
    [
      "one Event Grid event in an array",
      "EventGridSchema",
      `[${eventGrid}]`,
      "EventGridSchema",
      false,
      [json, `[${eventGridStamped}]`],
    ],
    [
      "several Event Grid events",
      "EventGridSchema",
      `[${eventGrid}, ${eventGrid}]`,
      "EventGridSchema",
      true,
      [json, `[${eventGridStamped},${eventGridStamped}]`],
    ],
    ["one CloudEvent alone", "CloudEventSchemaV1_0", `[${cloud}]`, "CloudEventSchemaV1_0", false, [one, cloud]],
    [
      "one CloudEvent of a batching subscription in an array",
      "CloudEventSchemaV1_0",
      `[${cloud}]`,
      "CloudEventSchemaV1_0",
      true,
      [many, `[${cloud}]`],
    ],
    [
      "several CloudEvents",
      "CloudEventSchemaV1_0",
      `[${cloud},${cloud}]`,
      "CloudEventSchemaV1_0",
      true,
      [many, `[${cloud},${cloud}]`],
    ],
    [
      "custom events as they were sent",
      "CustomEventSchema",
      `[${custom}]`,
      "CustomInputSchema",
      false,
      [json, `[${custom}]`],
    ],
  ])("[EG-DELIVERY-BODY] sends %s, byte for byte", (_name, input, body, schema, batched, expected) => {
    expect(encoded(published(input, body), schema, batched)).toEqual(expected);
  });

  it("[EG-CONVERT-CE] converts an Event Grid event to a CloudEvent, with its data byte for byte", () => {
    const [contentType, body] = encoded(published("EventGridSchema", `[${eventGrid}]`), "CloudEventSchemaV1_0");
    expect(contentType).toBe(one);
    expect(body).toBe(
      `{"specversion":"1.0","id":"1","source":"${topic}","type":"T","subject":"s","time":"2030-01-02T03:04:05+00:00","data":${data}}`,
    );
  });

  it.each([
    ["2030-01-02T03:04:05Z", "2030-01-02T03:04:05Z"],
    ["2030-01-02T03:04:05.1234567", "2030-01-02T03:04:05.1234567Z"],
    ["2030-01-02 03:04:05-0530", "2030-01-02T03:04:05-05:30"],
    ["2030-01-02T03:04:05z", "2030-01-02T03:04:05Z"],
  ])("[EG-CONVERT-CE] writes the time %s as %s", (eventTime, time) => {
    const event = JSON.stringify({ id: "1", subject: "s", eventType: "T", eventTime });
    const [, body] = encoded(published("EventGridSchema", `[${event}]`), "CloudEventSchemaV1_0");
    expect(JSON.parse(body)).toEqual({ specversion: "1.0", id: "1", source: topic, type: "T", subject: "s", time });
  });

  it("[EG-CONVERT-CE] emits dataversion only when there is one", () => {
    const versioned = `[${eventGrid.slice(0, -1)},"dataVersion":"2"}]`;
    const [, body] = encoded(published("EventGridSchema", versioned), "CloudEventSchemaV1_0");
    expect(JSON.parse(body)).toMatchObject({ dataversion: "2" });
  });

  it("[EG-CONVERT-CUSTOM] puts the mapped fields around the whole custom object", () => {
    const [, body] = encoded(published("CustomEventSchema", `[${custom}]`), "EventGridSchema");
    expect(body).toBe(
      `[{"id":"k","eventType":"Sold","subject":"all","eventTime":"2030-01-02 03:04:05","dataVersion":"7","metadataVersion":"1","topic":"${topic}","data":${custom}}]`,
    );
    const [, cloudBody] = encoded(published("CustomEventSchema", `[${custom}]`), "CloudEventSchemaV1_0");
    expect(cloudBody).toBe(
      `{"specversion":"1.0","id":"k","source":"${topic}","type":"Sold","subject":"all","time":"2030-01-02T03:04:05Z","dataversion":"7","data":${custom}}`,
    );
  });

  const ALL = ["data", "dataVersion", "eventTime", "eventType", "id", "metadataVersion", "subject", "topic"];
  /** Properties that a publisher may leave out or send as null. */
  const optional = fc.record(
    {
      data: fc.constantFrom(null, 0, "", [], { n: 1 }),
      dataVersion: fc.constantFrom(null, "", "2"),
      metadataVersion: fc.constantFrom(null, "1"),
      topic: fc.constantFrom(null, "", topic),
    },
    { requiredKeys: [] },
  );
  const needed = { id: "1", subject: "s", eventType: "T", eventTime: "2030-01-02T03:04:05Z" };

  it("[EG-SCHEMA-STAMP] [EG-SCHEMA-DATA] delivers all eight properties, including those the publisher left out", () => {
    fc.assert(
      fc.property(optional, fc.boolean(), (sent, repeats) => {
        const text = JSON.stringify({ ...needed, ...sent });
        const body = `[${repeats ? `{"id":"0",${text.slice(1)}` : text}]`;
        const [delivered] = JSON.parse(encoded(published("EventGridSchema", body), "EventGridSchema")[1]) as [object];
        const { data: sentData = null, dataVersion } = sent;
        expect(delivered).toEqual({
          ...needed,
          data: sentData,
          dataVersion: dataVersion ?? "",
          metadataVersion: "1",
          topic,
        });
        expect(Object.keys(delivered).toSorted()).toEqual(ALL);
        const [letter] = JSON.parse(
          Buffer.from(encodeDeadLetters(published("EventGridSchema", body), "EventGridSchema")).toString(),
        ) as [object];
        expect(letter).toMatchObject(delivered);
      }),
    );
  });

  it("[EG-SCHEMA-STAMP] delivers all eight properties of a custom event", () => {
    const [, body] = encoded(published("CustomEventSchema", `[${custom}]`), "EventGridSchema");
    const [delivered] = JSON.parse(body) as [object];
    expect(Object.keys(delivered).toSorted()).toEqual(ALL);
  });

  it.each([
    ["null", ',"data": null'],
    ["missing", ""],
  ])("[EG-CONVERT-CE] leaves out data that is %s", (_how, member) => {
    const text = `[${JSON.stringify(needed).slice(0, -1)}${member}}]`;
    const [, body] = encoded(published("EventGridSchema", text), "CloudEventSchemaV1_0");
    expect(JSON.parse(body)).not.toHaveProperty("data");
  });

  it.each<[InputSchema, string, EventDeliverySchema]>([
    ["CloudEventSchemaV1_0", cloud, "EventGridSchema"],
    ["CloudEventSchemaV1_0", cloud, "CustomInputSchema"],
    ["EventGridSchema", eventGrid, "CustomInputSchema"],
  ])("throws for a combination that the control plane refuses: %s (%s) as %s", (input, body, schema) => {
    expect(() => encoded(published(input, `[${body}]`), schema)).toThrow(expect.objectContaining({ code: "internal" }));
  });
});

describe("encodeDeadLetters", () => {
  const failed: Partial<LockedDelivery> = {
    deliveryCount: 3,
    deadLetterReason: "MaxDeliveryAttemptsExceeded",
    lastAttempt: { at: publishedAt + 60_000, outcome: "NotFound", httpStatus: 404, detail: "POST answered 404" },
  };
  const write = (input: InputSchema, body: string, schema: EventDeliverySchema, extra = failed): unknown =>
    JSON.parse(Buffer.from(encodeDeadLetters(published(input, body, extra), schema)).toString());

  it("[EG-DEADLETTER-CONTENT] adds the reason and details of the failure to an Event Grid event", () => {
    const bytes = encodeDeadLetters(
      published("EventGridSchema", `[${eventGrid},${eventGrid}]`, failed),
      "EventGridSchema",
    );
    const letter = `${eventGridStamped.slice(0, -1)},"deadLetterReason":"MaxDeliveryAttemptsExceeded","deliveryAttempts":3,"lastDeliveryOutcome":"NotFound","lastHttpStatusCode":404,"publishTime":"2030-01-02T03:04:05.0000000Z","lastDeliveryAttemptTime":"2030-01-02T03:05:05.0000000Z"}`;
    expect(Buffer.from(bytes).toString()).toBe(`[${letter},${letter}]`);
  });

  it("[EG-DEADLETTER-CONTENT] uses lower case for CloudEvents, and replaces the attributes of an earlier failure", () => {
    const again = `[${cloud.slice(0, -1)},"deliveryattempts":99,"deadletterreason":"old"}]`;
    expect(write("CloudEventSchemaV1_0", again, "CloudEventSchemaV1_0")).toEqual([
      {
        ...(JSON.parse(cloud) as object),
        deadletterreason: "MaxDeliveryAttemptsExceeded",
        deliveryattempts: 3,
        lastdeliveryoutcome: "NotFound",
        publishtime: "2030-01-02T03:04:05.0000000Z",
        lastdeliveryattempttime: "2030-01-02T03:05:05.0000000Z",
      },
    ]);
  });

  it("[EG-DEADLETTER-CONTENT] writes a CloudEvent if the subscription delivers CloudEvents", () => {
    expect(write("EventGridSchema", `[${eventGrid}]`, "CloudEventSchemaV1_0")).toMatchObject([
      { specversion: "1.0", source: topic, deliveryattempts: 3 },
    ]);
  });

  it("[EG-DEADLETTER-CONTENT] wraps a custom event in the Event Grid schema", () => {
    expect(write("CustomEventSchema", `[${custom}]`, "CustomInputSchema")).toMatchObject([
      { id: "k", eventType: "Sold", data: JSON.parse(custom) as object, deliveryAttempts: 3 },
    ]);
  });

  it("[EG-PROBATION-EXPIRED] reports probation as the outcome if no attempt was made", () => {
    const deadLetterReason = "UndeliverableDueToProbationCausedByClientError" as const;
    expect(write("EventGridSchema", `[${eventGrid}]`, "EventGridSchema", { deadLetterReason })).toMatchObject([
      { deadLetterReason, deliveryAttempts: 0, lastDeliveryOutcome: "Probation" },
    ]);
  });

  it("[EG-DEADLETTER-CONTENT] omits unknown details", () => {
    const [letter] = write("EventGridSchema", `[${eventGrid}]`, "EventGridSchema", {
      deadLetterReason: "TimeToLiveExceeded",
    }) as object[];
    expect(letter).toMatchObject({ deadLetterReason: "TimeToLiveExceeded", deliveryAttempts: 0 });
    expect(Object.keys(letter ?? {})).not.toEqual(expect.arrayContaining(["lastDeliveryOutcome"]));
    expect(Object.keys(letter ?? {})).not.toEqual(expect.arrayContaining(["lastHttpStatusCode"]));
  });
});
