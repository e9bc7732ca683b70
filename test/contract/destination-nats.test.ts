import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { NatsSubjectProperties } from "../../src/core/destinations/nats-subject.ts";
import type { DeliveryOutcome } from "../../src/core/delivery.ts";
import type { Destinations } from "../../src/destinations/index.ts";
import { runNats, type RunningNats } from "../support/servers/run-nats.ts";
import { destinationContract } from "./destination-contract.ts";
import { delivery, destinations, NEVER, NOW, subscriberTo } from "./destination-fixtures.ts";
import { Peer } from "./destination-peer.ts";

let nats: RunningNats;
let reader: NatsConnection;
let factories: Destinations[] = [];
beforeAll(async () => {
  nats = await runNats();
  reader = await connect({ servers: nats.url });
  const { streams } = await jetstreamManager(reader);
  await streams.add({ name: "ORDERS", subjects: ["orders.>"] });
});
afterEach(async () => {
  await Promise.all(factories.map((factory) => factory.close()));
  factories = [];
});
afterAll(async () => {
  await reader.close();
  await nats.stop();
});

function open(properties: Partial<NatsSubjectProperties> = {}, url: string | undefined = nats.url, timeoutMs = 20_000) {
  const factory = destinations({ webhookTimeoutMs: timeoutMs, connection: () => url });
  factories.push(factory);
  const all = { connection: "broker", subject: "shop.orders", ...properties };
  return {
    destinations: factory,
    destination: factory.open(subscriberTo({ endpointType: "NatsSubject", properties: all })),
  };
}

const send = async ({ destination }: ReturnType<typeof open>, one = delivery()): Promise<DeliveryOutcome> =>
  destination.deliver([one], NOW, NEVER);

destinationContract(
  "NATS subject",
  () => open(),
  () => open({}, "https://no.nats"),
);

describe("a NATS subject", () => {
  it("carries the event with Event Grid's values as headers [EG-NATS-SUBJECT]", async () => {
    const next = new Promise<Msg>((resolve) => {
      reader.subscribe("shop.orders", { max: 1, callback: (_error, message) => resolve(message) });
    });
    await reader.flush();
    const one = delivery({ subject: "Zürich" });
    expect(await send(open(), one)).toEqual({ kind: "accepted" });
    const message = await next;
    expect(message.json()).toMatchObject({ subject: "Zürich", eventType: "Order.Placed" });
    expect(message.headers?.get("aeg-event-type")).toBe("Notification");
    expect(message.headers?.get("Nats-Msg-Id")).toBe(one.event.systemId);
    expect(message.headers?.get("Content-Type")).toBe("application/json; charset=utf-8");
  });

  it("is stored once by a stream after several deliveries [EG-NATS-SUBJECT]", async () => {
    const one = delivery();
    const opened = open({ subject: "orders.placed", jetStream: true });
    expect(await send(opened, one)).toEqual({ kind: "accepted" });
    expect(await send(opened, one)).toEqual({ kind: "accepted" });
    const stream = await jetstream(reader).streams.get("ORDERS");
    expect((await stream.info()).state.messages).toBe(1);
  });

  it("fails if no stream listens to it [EG-NATS-SUBJECT]", async () => {
    expect(await send(open({ subject: "nobody", jetStream: true }))).toMatchObject({ outcome: "NotFound" });
  });

  it("fails for an event that the server does not accept", async () => {
    const large = delivery({ data: "x".repeat(1_048_576) });
    expect(await send(open(), large)).toMatchObject({ outcome: "PayloadTooLarge" });
  });

  it("fails if no server listens, and works once one does", async () => {
    const url = (await Peer.closedPort()).replace("http:", "nats:");
    expect(await send(open({}, url))).toMatchObject({ kind: "failed", outcome: "SocketError" });
    const opened = open();
    expect(await send(opened)).toEqual({ kind: "accepted" });
    await nats.kill();
    expect(await send(opened)).toMatchObject({ kind: "failed" });
    await nats.restart();
    expect(await send(opened)).toEqual({ kind: "accepted" });
  });

  it("fails in time if the server hangs", async () => {
    const opened = open({}, nats.url, 500);
    expect(await send(opened)).toEqual({ kind: "accepted" });
    nats.suspend();
    expect(await send(opened)).toMatchObject({ outcome: "TimedOut" });
    nats.resume();
  });

  it("fails permanently if the configuration has no such connection [EG-DESTINATION-UNKNOWN]", async () => {
    const factory = destinations();
    factories.push(factory);
    const properties = { connection: "broker", subject: "a" };
    const destination = factory.open(subscriberTo({ endpointType: "NatsSubject", properties }));
    expect(await destination.deliver([delivery()], NOW, NEVER)).toMatchObject({
      outcome: "NotFound",
      misconfigured: true,
    });
  });
});
