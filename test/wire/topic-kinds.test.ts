import { AzureKeyCredential, EventGridPublisherClient } from "@azure/eventgrid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConfigFile } from "../../src/app/config/schema.ts";
import { DEFAULT_SCOPE, resourceId } from "../../src/core/resources/resource-id.ts";
import { startTestRingmain, type TestRingmain } from "../../src/testing/index.ts";
import { Receiver } from "../support/servers/receiver.ts";

const options = { allowInsecureConnection: true };
const idOf = (path: string): string =>
  resourceId(DEFAULT_SCOPE, `Microsoft.EventGrid/${path.split("/")[0]}`, path.slice(path.indexOf("/") + 1));

let receiver: Receiver;
let ringmain: TestRingmain;

async function start(config: (listener: (name: string) => never) => ConfigFile): Promise<void> {
  const listener = (name: string) =>
    ({ name, destination: { endpointType: "WebHook", properties: { endpointUrl: receiver.url } } }) as never;
  ringmain = await startTestRingmain({ config: config(listener) });
  await ringmain.quiesce();
}

beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(async () => {
  await ringmain.stop();
  await receiver.stop();
});

/** Returns the ids of the received events by subscription. */
function received(): Record<string, unknown[]> {
  const byName: Record<string, unknown[]> = {};
  for (const { headers, body } of receiver.requests) {
    const name = String(headers["aeg-subscription-name"]);
    (byName[name] ??= []).push(...[body].flat().map((event) => (event as { id: unknown }).id));
  }
  return byName;
}

async function post(
  { endpoint, key1 = "" }: { readonly endpoint: string; readonly key1?: string },
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { "aeg-sas-key": key1, "content-type": "application/cloudevents+json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

describe("a domain", () => {
  it("[EG-DOMAIN-TOPIC] [EG-DOMAIN-SCOPE] [EG-DOMAIN-STAMP] accepts an SDK's batch for many topics", async () => {
    await start((listener) => ({
      domains: [
        {
          name: "shops",
          subscriptions: [listener("all")],
          topics: [{ name: "north", subscriptions: [listener("north")] }],
        },
      ],
    }));
    const [domain] = ringmain.domains;
    const client = new EventGridPublisherClient(
      domain?.endpoint ?? "",
      "EventGrid",
      new AzureKeyCredential(domain?.key2 ?? ""),
      options,
    );
    const event = { eventType: "T", subject: "s", dataVersion: "1", data: {} };
    await client.send([
      { ...event, id: "1", topic: "north" },
      { ...event, id: "2", topic: "south" },
    ]);
    await ringmain.quiesce();
    expect(received()).toEqual({ ALL: expect.arrayContaining(["1", "2"]), NORTH: ["1"] });
    expect(new Set(receiver.events.map(({ topic }) => topic))).toEqual(
      new Set([idOf("domains/shops/topics/north"), idOf("domains/shops/topics/south")]),
    );
  });

  it("[EG-DOMAIN-TOPIC] refuses the whole request for one event without a topic", async () => {
    await start((listener) => ({ domains: [{ name: "shops", subscriptions: [listener("all")] }] }));
    const [domain] = ringmain.domains;
    const event = { id: "1", eventType: "T", subject: "s", eventTime: "2026-01-01T00:00:00Z", data: {} };
    const answer = await post(domain ?? { endpoint: "" }, [{ ...event, topic: "north" }, event]);
    expect(answer).toEqual({ status: 400, text: expect.stringContaining("requires 'topic' property to be set.") });
    await ringmain.quiesce();
    expect(receiver.events).toEqual([]);
  });

  it("[EG-PUBLISH-ADDRESS] [EG-PUBLISH-OPTIONS] is found by name, by id and by host", async () => {
    await start(() => ({ domains: [{ name: "shops", inputSchema: "CloudEventSchemaV1_0", key1: "a2V5" }] }));
    const addresses = ["/domains/SHOPS/api/events", `${idOf("domains/shops")}/api/events/`];
    for (const address of addresses) {
      const answer = await fetch(ringmain.http + address, { method: "OPTIONS", headers: { "aeg-sas-key": "a2V5" } });
      expect([answer.status, answer.headers.get("aeg-input-event-schema")]).toEqual([200, "CloudEventV10"]);
    }
    expect((await fetch(`${ringmain.http}/topics/shops/api/events`, { method: "OPTIONS" })).status).toBe(404);
    expect((await post({ endpoint: `${ringmain.http}${addresses[0]}`, key1: "b3RoZXI=" }, {})).status).toBe(401);
  });

  it("[EG-DOMAIN-TOPIC] routes CloudEvents by their source", async () => {
    await start((listener) => ({
      domains: [
        {
          name: "shops",
          inputSchema: "CloudEventSchemaV1_0",
          topics: [{ name: "t1", subscriptions: [listener("one")] }],
        },
      ],
    }));
    const [domain] = ringmain.domains;
    const event = { specversion: "1.0", id: "1", type: "T", source: "t1" };
    expect((await post(domain ?? { endpoint: "" }, event)).status).toBe(200);
    expect(await post(domain ?? { endpoint: "" }, { ...event, source: "https://x/" })).toEqual({
      status: 400,
      text: expect.stringContaining("should be just the name of the domain topic. Found: https://x/."),
    });
    await ringmain.quiesce();
    expect(receiver.events).toEqual([event]);
  });
});

describe("a partner namespace", () => {
  const event = { specversion: "1.0", id: "1", type: "T", source: "contoso.com/sales" };
  const started = (partnerTopicRoutingMode: "SourceEventAttribute" | "ChannelNameHeader") =>
    start((listener) => ({
      partnerNamespaces: [
        {
          name: "contoso",
          partnerTopicRoutingMode,
          channels: [
            { name: "sales", source: event.source, partnerTopicName: "sold", subscriptions: [listener("one")] },
          ],
        },
      ],
    }));

  it("[EG-PARTNER-ROUTING] routes by source", async () => {
    await started("SourceEventAttribute");
    const [namespace = { endpoint: "" }] = ringmain.partnerNamespaces;
    expect((await post(namespace, event)).status).toBe(200);
    const other = await post(namespace, { ...event, source: "contoso.com/SALES" });
    expect(other).toEqual({ status: 400, text: expect.stringContaining("has the source 'contoso.com/SALES'") });
    await ringmain.quiesce();
    expect(receiver.events).toEqual([event]);
  });

  it("[EG-PARTNER-ROUTING] routes by the channel that a header names, with the SDK", async () => {
    await started("ChannelNameHeader");
    const [namespace = { endpoint: "", key1: "" }] = ringmain.partnerNamespaces;
    const client = new EventGridPublisherClient(
      namespace.endpoint,
      "CloudEvent",
      new AzureKeyCredential(namespace.key1 ?? ""),
      options,
    );
    await client.send([{ id: "1", type: "T", source: "anything" }], { channelName: "SALES" });
    const channel = (name: string) => post(namespace, event, { "aeg-channel-name": name });
    expect((await post(namespace, event)).status).toBe(400);
    expect((await channel("none")).status).toBe(404);
    await ringmain.quiesce();
    expect(receiver.events).toMatchObject([{ id: "1", source: "anything" }]);
  });

  it("[EG-SUBSCRIPTION-EXPIRY] ignores an expired subscription in the file", async () => {
    const expirationTimeUtc = "2020-01-01T00:00:00Z";
    await start((listener) => ({
      topics: [{ name: "orders", subscriptions: [{ ...(listener("late") as object), expirationTimeUtc } as never] }],
    }));
    expect(receiver.validations).toEqual([]);
  });
});
