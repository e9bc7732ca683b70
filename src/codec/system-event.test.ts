import { describe, expect, it } from "vitest";
import { storageAccountId } from "../core/resources/resource-id.ts";
import { encodeSystemEvents } from "./system-event.ts";

describe("encodeSystemEvents", () => {
  it("[EG-SYSTEM-EVENT] [EG-SCHEMA-TIME] uses the source as topic and writes times with seven fractional digits", () => {
    const source = storageAccountId("devstoreaccount1");
    const event = {
      id: "a831b59b-901e-0001-0001-aaaaaa000000",
      eventType: "Microsoft.Storage.BlobCreated",
      subject: "/blobServices/default/containers/c/blobs/b.txt",
      eventTime: Date.UTC(2030, 0, 2, 3, 4, 5, 678),
      data: { api: "PutBlob" },
      dataVersion: "",
    };
    const published = encodeSystemEvents(source, [event, event], { now: 1_000, newId: () => "new" });
    expect(published).toHaveLength(2);
    const body = {
      ...event,
      topic: source,
      eventTime: "2030-01-02T03:04:05.6780000Z",
      metadataVersion: "1",
    };
    expect(published[0]?.body).toEqual(body);
    expect(JSON.parse(Buffer.from(published[0]?.envelope.json ?? []).toString())).toEqual(body);
    expect(published[0]?.envelope).toMatchObject({
      systemId: "new",
      schema: "EventGridSchema",
      topic: source,
      id: event.id,
      type: event.eventType,
      subject: event.subject,
      time: body.eventTime,
      dataVersion: "",
      publishedAt: 1_000,
    });
  });
});
