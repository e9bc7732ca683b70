import { createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DeliveryOutcome } from "../../src/core/delivery.ts";
import type { DeliveryAttributeMapping } from "../../src/core/destinations/destination-property.ts";
import type { Subscriber } from "../../src/core/subscriber.ts";
import type { Destinations } from "../../src/destinations/index.ts";
import type { Destination } from "../../src/ports/destination.ts";
import { AmqpEmulator, contentOf, KEY_NAME, type EntityBehaviour } from "../support/servers/amqp-emulator.ts";
import { destinationContract } from "./destination-contract.ts";
import { cloudEventDelivery, delivery, destinations, NEVER, NOW, subscriberTo } from "./destination-fixtures.ts";
import { Peer } from "./destination-peer.ts";

const SCOPE = "/subscriptions/s/resourceGroups/g/providers";
const QUEUE_ID = `${SCOPE}/Microsoft.ServiceBus/namespaces/shop/queues/orders`;
const TOPIC_ID = `${SCOPE}/Microsoft.ServiceBus/namespaces/shop/topics/news`;
const HUB_ID = `${SCOPE}/Microsoft.EventHub/namespaces/shop/eventhubs/telemetry`;

let emulator: AmqpEmulator;
let factory: Destinations;
let connection: string | undefined;
beforeAll(async () => {
  emulator = await AmqpEmulator.start("orders", "news", "telemetry");
});
beforeEach(() => {
  connection = emulator.connectionString;
  factory = connected();
  for (const entity of ["orders", "news", "telemetry"]) emulator.set(entity, { kind: "accept" });
});
afterEach(async () => {
  await factory.close();
});
afterAll(async () => {
  await emulator.stop();
});

function connected(webhookTimeoutMs = 20_000): Destinations {
  return destinations({ webhookTimeoutMs, connection: (name) => (name === "shop" ? connection : undefined) });
}

type Kind = "ServiceBusQueue" | "ServiceBusTopic" | "EventHub";

function open(
  endpointType: Kind,
  resourceId: string,
  deliveryAttributeMappings: readonly DeliveryAttributeMapping[] = [],
  overrides: Partial<Subscriber> = {},
): Destination {
  return factory.open(subscriberTo({ endpointType, properties: { resourceId, deliveryAttributeMappings } }, overrides));
}

const queue = (mappings?: readonly DeliveryAttributeMapping[]): Destination =>
  open("ServiceBusQueue", QUEUE_ID, mappings);
const fixed = (name: string, value: string): DeliveryAttributeMapping => ({
  name,
  type: "Static",
  properties: { value },
});
const dynamic = (name: string, sourceField: string): DeliveryAttributeMapping => ({
  name,
  type: "Dynamic",
  properties: { sourceField },
});
const send = async (destination: Destination, body = {}, signal = NEVER): Promise<DeliveryOutcome> =>
  destination.deliver([delivery(body)], NOW, signal);

for (const [name, kind, id] of [
  ["Service Bus queue", "ServiceBusQueue", QUEUE_ID],
  ["Service Bus topic", "ServiceBusTopic", TOPIC_ID],
  ["event hub", "EventHub", HUB_ID],
] as const) {
  const opened = (resourceId: string) => () => {
    const connectedDestinations = connected();
    return {
      destinations: connectedDestinations,
      destination: connectedDestinations.open(subscriberTo({ endpointType: kind, properties: { resourceId } })),
    };
  };
  destinationContract(name, opened(id), opened(id.replace("/shop/", "/nowhere/")));
}

describe("a message", () => {
  it("is one JSON object with Event Grid's values as application properties [EG-AMQP-MESSAGE]", async () => {
    const one = delivery({ subject: "Zürich" }, { deliveryCount: 2 });
    expect(await queue().deliver([one], NOW, NEVER)).toEqual({ kind: "accepted" });
    const message = emulator.last("orders");
    expect(JSON.parse(contentOf(message).toString())).toMatchObject({ subject: "Zürich", eventType: "Order.Placed" });
    expect(message).toMatchObject({
      message_id: one.event.systemId,
      content_type: "application/json; charset=utf-8",
      application_properties: {
        "aeg-event-type": "Notification",
        "aeg-subscription-name": "TO-WAREHOUSE",
        "aeg-delivery-count": "2",
        "aeg-metadata-version": "1",
        "aeg-data-version": "2.1",
        "aeg-output-event-id": one.event.systemId,
      },
    });
  });

  it("has the same id in every attempt [EG-AMQP-MESSAGE]", async () => {
    const one = delivery();
    const destination = queue();
    await destination.deliver([one], NOW, NEVER);
    const first = emulator.last("orders");
    await destination.deliver([{ ...one, deliveryCount: 1 }], NOW, NEVER);
    expect(emulator.last("orders")).not.toBe(first);
    expect(emulator.last("orders").message_id).toBe(first.message_id);
  });

  it("is marked as a CloudEvent [EG-AMQP-MESSAGE]", async () => {
    const destination = open("ServiceBusTopic", TOPIC_ID, [], { eventDeliverySchema: "CloudEventSchemaV1_0" });
    await destination.deliver([cloudEventDelivery()], NOW, NEVER);
    const message = emulator.last("news");
    expect(message.content_type).toBe("application/cloudevents+json; charset=utf-8");
    expect(JSON.parse(contentOf(message).toString())).toMatchObject({ specversion: "1.0" });
    expect(message.application_properties).not.toHaveProperty("aeg-data-version");
  });

  it("stores delivery attributes in the properties with their names [EG-SERVICEBUS-ATTRIBUTES]", async () => {
    const destination = queue([
      dynamic("messageid", "data.key"),
      fixed("PartitionKey", "p"),
      fixed("CorrelationId", "c"),
      fixed("Label", "lä"),
      fixed("ReplyTo", "r"),
      fixed("ReplyToSessionId", "rs"),
      fixed("To", "t"),
      fixed("ViaPartitionKey", "v"),
      fixed("X-Mine", "größe"),
      fixed("constructor", "not a place"),
    ]);
    expect(await send(destination, { data: { key: 7 } })).toEqual({ kind: "accepted" });
    expect(emulator.last("orders")).toMatchObject({
      message_id: "7",
      correlation_id: "c",
      subject: "lä",
      reply_to: "r",
      reply_to_group_id: "rs",
      to: "t",
      message_annotations: { "x-opt-partition-key": "p", "x-opt-via-partition-key": "v" },
      application_properties: { "X-Mine": "größe", constructor: "not a place" },
    });
    await send(queue([dynamic("SessionId", "subject")]), { subject: "s1" });
    expect(emulator.last("orders")).toMatchObject({ group_id: "s1" });
  });

  it.each([
    ["array", "EventGridSchema", "["],
    ["object", "EventGridSchema", "{"],
    ["array", "CloudEventSchemaV1_0", "{"],
  ] as const)("for an event hub is an %s of %s [EG-EVENTHUB-BODY]", async (eventHubBody, schema, begin) => {
    await factory.close();
    factory = destinations({ eventHubBody, connection: () => connection });
    const destination = open("EventHub", HUB_ID, [], { eventDeliverySchema: schema });
    const one = schema === "EventGridSchema" ? delivery() : cloudEventDelivery();
    expect(await destination.deliver([one], NOW, NEVER)).toEqual({ kind: "accepted" });
    expect(contentOf(emulator.last("telemetry")).toString().slice(0, 1)).toBe(begin);
  });

  it("for an event hub has the partition key from the attribute [EG-EVENTHUB-PARTITION]", async () => {
    await send(open("EventHub", HUB_ID, [dynamic("PartitionKey", "data.device"), fixed("Label", "x")]), {
      data: { device: "d1" },
    });
    expect(emulator.last("telemetry")).toMatchObject({
      message_annotations: { "x-opt-partition-key": "d1" },
      application_properties: { Label: "x" },
    });
  });
});

describe("a namespace", () => {
  it("is reached over one connection, with a token for each entity, which is renewed [EG-AMQP-CBS]", async () => {
    const { connections } = emulator;
    emulator.tokens.length = 0;
    const host = "sb://127.0.0.1";
    await Promise.all(Array.from({ length: 20 }, () => send(queue())));
    await send(open("ServiceBusTopic", TOPIC_ID));
    await send(open("EventHub", HUB_ID));
    expect(emulator.connections).toBe(connections + 1);
    expect(emulator.tokens).toEqual([`${host}/orders`, `${host}/news`, `${host}/telemetry`]);
    await queue().deliver([delivery()], NOW + 49 * 60_000, NEVER);
    expect(emulator.tokens).toHaveLength(3);
    await queue().deliver([delivery()], NOW + 51 * 60_000, NEVER);
    expect(emulator.tokens).toEqual([`${host}/orders`, `${host}/news`, `${host}/telemetry`, `${host}/orders`]);
  });

  it("accepts a thousand messages at once", async () => {
    emulator.messages.delete("orders");
    const destination = queue();
    const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => send(destination)));
    expect(outcomes.filter(({ kind }) => kind === "accepted")).toHaveLength(1_000);
    expect(emulator.messages.get("orders")).toHaveLength(1_000);
  });

  it.each([
    ["broke off", () => emulator.cut()],
    ["was closed", () => emulator.forceClosed()],
  ])("is reconnected after the connection %s", async (_name, breakOff) => {
    const destination = queue();
    expect(await send(destination)).toEqual({ kind: "accepted" });
    emulator.set("orders", { kind: "silent" });
    const arrived = emulator.nextMessage();
    const underWay = send(destination);
    await arrived;
    breakOff();
    expect(await underWay).toMatchObject({ kind: "failed", outcome: "SocketError" });
    emulator.set("orders", { kind: "accept" });
    expect(await send(destination)).toEqual({ kind: "accepted" });
  });

  it("is reached with TLS unless it is an emulator [EG-AMQP-CONNECTION]", async () => {
    const server = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    connection = `Endpoint=sb://127.0.0.1:${port}/;SharedAccessKeyName=${KEY_NAME};SharedAccessKey=k`;
    const outcome = send(queue());
    const [socket] = (await once(server, "connection")) as [Socket];
    const [first] = (await once(socket, "data")) as [Buffer];
    // Type of a TLS handshake record.
    expect(first[0]).toBe(0x16);
    socket.destroy();
    expect(await outcome).toMatchObject({ kind: "failed", outcome: "SocketError" });
    server.close();
  });
});

describe("an attempt fails", () => {
  it.each<[string, EntityBehaviour, string]>([
    ["is busy", reject("com.microsoft:server-busy", "try later"), "Busy"],
    ["is full", reject("amqp:resource-limit-exceeded", "quota"), "Full"],
    ["is disabled", reject("com.microsoft:entity-disabled", "disabled"), "Disabled"],
    ["has sessions", reject("amqp:not-allowed", "The SessionId was not set on a message"), "SessionQueueNotSupported"],
    ["forbids it", reject("amqp:unauthorized-access", "Send claim"), "Unauthorized"],
    ["finds it too large", reject("amqp:link:message-size-exceeded", "too large"), "PayloadTooLarge"],
    ["knows no reason", reject("amqp:internal-error", "oops"), "GenericError"],
    ["gives it back", { kind: "release" }, "Busy"],
    ["closes the link", { kind: "detach", condition: "com.microsoft:entity-disabled", description: "x" }, "Disabled"],
  ])("if the entity %s [EG-AMQP-OUTCOME]", async (_name, behaviour, outcome) => {
    emulator.set("orders", behaviour);
    const destination = queue();
    expect(await send(destination)).toMatchObject({
      kind: "failed",
      outcome,
      detail: expect.stringMatching(/^Sending to amqp:\/\/127\.0\.0\.1:\d+\/orders failed: .+\.$/),
    });
    emulator.set("orders", { kind: "accept" });
    expect(await send(destination)).toEqual({ kind: "accepted" });
  });

  it("if the entity does not exist [EG-AMQP-OUTCOME]", async () => {
    expect(await send(open("ServiceBusQueue", QUEUE_ID.replace("orders", "none")))).toMatchObject({
      outcome: "NotFound",
    });
  });

  it("if the message is larger than the entity accepts, without sending it [EG-AMQP-OUTCOME]", async () => {
    emulator.messages.delete("orders");
    const outcome = await send(queue(), { data: "x".repeat(300_000) });
    expect(outcome).toMatchObject({ outcome: "PayloadTooLarge" });
    expect(emulator.messages.get("orders")).toBeUndefined();
  });

  it("if the key is wrong, without revealing it [EG-AMQP-OUTCOME]", async () => {
    connection = emulator.connectionString.replace(/SharedAccessKey=[^;]+/, "SharedAccessKey=wrong-key");
    const outcome = await send(queue());
    expect(outcome).toMatchObject({ kind: "failed", outcome: "Unauthorized" });
    expect(JSON.stringify(outcome)).not.toContain("wrong-key");
  });

  it("if no server listens [EG-OUTCOME-NETWORK]", async () => {
    connection = at(new URL(await Peer.closedPort()).host);
    expect(await send(queue())).toMatchObject({
      outcome: "SocketError",
      detail: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("if the host name does not resolve [EG-OUTCOME-NETWORK]", async () => {
    connection = at("no-such-host.invalid");
    expect(await send(queue())).toMatchObject({ outcome: "ResolutionError" });
  });

  it.each<[string, EntityBehaviour]>([
    ["does not answer", { kind: "silent" }],
    ["gives no credit", { kind: "no-credit" }],
  ])("in time if the entity %s [EG-OUTCOME-NETWORK]", async (_name, behaviour) => {
    await factory.close();
    factory = connected(400);
    emulator.set("orders", behaviour);
    expect(await send(queue())).toMatchObject({ outcome: "TimedOut" });
    emulator.set("orders", { kind: "accept" });
    emulator.cut();
    await factory.close();
  });

  it("in time if the peer accepts the connection and sends nothing [EG-OUTCOME-NETWORK]", async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(mute, "listening");
    await factory.close();
    factory = connected(200);
    connection = at(`127.0.0.1:${(mute.address() as AddressInfo).port}`);
    expect(await send(queue())).toMatchObject({ outcome: "TimedOut" });
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  it("if the peer is an HTTP server [EG-OUTCOME-NETWORK]", async () => {
    const peer = await Peer.start();
    connection = at(new URL(peer.origin).host);
    expect(await send(queue())).toMatchObject({ kind: "failed", outcome: "SocketError" });
    await peer.stop();
  });

  it.each([
    ["no connection", undefined],
    ["a connection without a key", "Endpoint=sb://shop.example/"],
  ])("permanently if the configuration has %s [EG-DESTINATION-UNKNOWN]", async (_name, text) => {
    connection = text;
    expect(await send(queue())).toMatchObject({
      outcome: "NotFound",
      misconfigured: true,
      detail: expect.stringContaining("add it to 'connections'"),
    });
  });

  it("as Aborted when Ringmain stops and when the factory closes", async () => {
    emulator.set("orders", { kind: "silent" });
    const stop = new AbortController();
    let arrived = emulator.nextMessage();
    const outcome = send(queue(), {}, stop.signal);
    await arrived;
    stop.abort();
    expect(await outcome).toMatchObject({ outcome: "Aborted" });
    arrived = emulator.nextMessage();
    const other = send(queue());
    await arrived;
    await factory.close();
    expect(await other).toMatchObject({ outcome: "Aborted" });
  });
});

function reject(condition: string, description: string): EntityBehaviour {
  return { kind: "reject", condition, description };
}

function at(host: string): string {
  return `Endpoint=sb://${host};SharedAccessKeyName=${KEY_NAME};SharedAccessKey=k;UseDevelopmentEmulator=true`;
}
