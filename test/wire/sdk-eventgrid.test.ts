import {
  AzureKeyCredential,
  AzureSASCredential,
  EventGridDeserializer,
  EventGridPublisherClient,
  generateSharedAccessSignature,
} from "@azure/eventgrid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Receiver } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const key1 = Buffer.from("a key for the tests of the wire!").toString("base64");
const key2 = Buffer.from("the other key for the same tests").toString("base64");
const options = { allowInsecureConnection: true };

describe("@azure/eventgrid, unmodified", () => {
  let receiver: Receiver;
  let ringmain: RunningRingmain;
  const endpointOf = (name: string): string => {
    const topic = ringmain.ready.topics.find((candidate) => candidate.name === name);
    if (topic === undefined) throw new Error(`no topic ${name}`);
    return topic.endpoint;
  };

  beforeAll(async () => {
    receiver = await Receiver.start();
    const subscription = (schema: string) => ({
      name: "everything",
      destination: { endpointType: "WebHook", properties: { endpointUrl: receiver.url } },
      eventDeliverySchema: schema,
    });
    ringmain = await runRingmain({
      config: {
        topics: [
          {
            name: "orders",
            inputSchema: "EventGridSchema",
            key1,
            key2,
            subscriptions: [subscription("EventGridSchema")],
          },
          {
            name: "clouds",
            inputSchema: "CloudEventSchemaV1_0",
            key1,
            subscriptions: [subscription("CloudEventSchemaV1_0")],
          },
        ],
      },
    });
  });

  afterAll(async () => {
    expect(await ringmain.stop()).toBe(0);
    await receiver.stop();
    await removeFolders();
  });

  it.each([
    ["key1", () => new AzureKeyCredential(key1)],
    ["key2", () => new AzureKeyCredential(key2)],
  ])("publishes Event Grid events with %s", async (_name, credential) => {
    const client = new EventGridPublisherClient(endpointOf("orders"), "EventGrid", credential(), options);
    const id = `eg-${_name}`;
    await client.send([
      { id, eventType: "Order.Placed", subject: "orders/1", dataVersion: "1.0", data: { total: 12.5 } },
    ]);
    await receiver.until(() => receiver.events.some((event) => event["id"] === id));
    const received = receiver.events.find((event) => event["id"] === id);
    expect(received).toMatchObject({
      id,
      eventType: "Order.Placed",
      subject: "orders/1",
      dataVersion: "1.0",
      metadataVersion: "1",
      data: { total: 12.5 },
      topic:
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ringmain/providers/Microsoft.EventGrid/topics/orders",
    });
  });

  it("[EG-SCHEMA-STAMP] reads events that were published without any optional member", async () => {
    const needed = { id: "bare", eventType: "Order.Placed", subject: "orders/1", eventTime: "2026-01-02T03:04:05Z" };
    const published = await fetch(endpointOf("orders"), {
      method: "POST",
      headers: { "aeg-sas-key": key1, "content-type": "application/json" },
      body: JSON.stringify([needed]),
    });
    expect(published.status).toBe(200);
    await receiver.until(() => receiver.events.some((event) => event["id"] === "bare"));
    const received = receiver.events.filter((event) => event["id"] === "bare");
    const [event] = await new EventGridDeserializer().deserializeEventGridEvents(JSON.stringify(received));
    expect(event).toMatchObject({ ...needed, eventTime: new Date(needed.eventTime), data: null, dataVersion: "" });
  });

  it("publishes with a shared access signature created by the SDK", async () => {
    const endpoint = endpointOf("orders");
    const signature = await generateSharedAccessSignature(
      endpoint,
      new AzureKeyCredential(key1),
      new Date(Date.now() + 3_600_000),
    );
    const client = new EventGridPublisherClient(endpoint, "EventGrid", new AzureSASCredential(signature), options);
    await client.send([{ id: "sas", eventType: "Order.Placed", subject: "s", dataVersion: "", data: {} }]);
    await receiver.until(() => receiver.events.some((event) => event["id"] === "sas"));
    expect(receiver.events.filter((event) => event["id"] === "sas")).toHaveLength(1);
  });

  it("publishes CloudEvents, one and many, text and bytes", async () => {
    const client = new EventGridPublisherClient(
      endpointOf("clouds"),
      "CloudEvent",
      new AzureKeyCredential(key1),
      options,
    );
    await client.send([
      { id: "ce-1", source: "/shop", type: "Order.Placed", data: { n: 1 }, extensionAttributes: { region: "north" } },
      {
        id: "ce-2",
        source: "/shop",
        type: "Order.Placed",
        data: new Uint8Array([1, 2, 3]),
        datacontenttype: "application/octet-stream",
      },
    ]);
    await receiver.until(() => ["ce-1", "ce-2"].every((id) => receiver.events.some((event) => event["id"] === id)));
    const request = receiver.requests.find(({ body }) => (body as { id?: string }).id === "ce-1");
    expect(request?.headers["content-type"]).toBe("application/cloudevents+json; charset=utf-8");
    expect(request?.body).toMatchObject({ specversion: "1.0", source: "/shop", region: "north", data: { n: 1 } });
    expect(receiver.events.find((event) => event["id"] === "ce-2")).toMatchObject({ data_base64: "AQID" });
  });

  it("shows the SDK the service's error", async () => {
    const wrong = new AzureKeyCredential(Buffer.from("wrong").toString("base64"));
    const client = new EventGridPublisherClient(endpointOf("orders"), "EventGrid", wrong, options);
    const sending = client.send([{ eventType: "Order.Placed", subject: "s", dataVersion: "", data: {} }]);
    await expect(sending).rejects.toMatchObject({ statusCode: 401, code: "Unauthorized" });
  });
});
