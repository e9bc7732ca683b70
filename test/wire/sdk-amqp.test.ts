import { EventHubConsumerClient, earliestEventPosition, type ReceivedEventData } from "@azure/event-hubs";
import { ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestRingmain, type TestRingmain } from "../../src/testing/index.ts";
import { AmqpEmulator } from "../support/servers/amqp-emulator.ts";

const SCOPE = "/subscriptions/s/resourceGroups/g/providers";

describe("Microsoft's own receivers", () => {
  let emulator: AmqpEmulator;
  let ringmain: TestRingmain;
  beforeAll(async () => {
    emulator = await AmqpEmulator.start("orders", "telemetry");
    ringmain = await startTestRingmain({
      config: {
        connections: [
          { name: "shop", connectionString: emulator.connectionString },
          { name: "plant", connectionString: emulator.connectionString },
        ],
        topics: [
          {
            name: "orders",
            subscriptions: [
              {
                name: "to-queue",
                destination: {
                  endpointType: "ServiceBusQueue",
                  properties: {
                    resourceId: `${SCOPE}/Microsoft.ServiceBus/namespaces/shop/queues/orders`,
                    deliveryAttributeMappings: [
                      { name: "Label", type: "Static", properties: { value: "placed" } },
                      { name: "CorrelationId", type: "Dynamic", properties: { sourceField: "data.cart" } },
                      { name: "region", type: "Static", properties: { value: "eu" } },
                    ],
                  },
                },
              },
              {
                name: "to-hub",
                destination: {
                  endpointType: "EventHub",
                  properties: {
                    resourceId: `${SCOPE}/Microsoft.EventHub/namespaces/plant/eventhubs/telemetry`,
                    deliveryAttributeMappings: [
                      { name: "PartitionKey", type: "Dynamic", properties: { sourceField: "data.cart" } },
                    ],
                  },
                },
              },
            ],
          },
        ],
      },
    });
    const [topic] = ringmain.topics;
    const event = {
      id: "1",
      subject: "o/1",
      eventType: "Placed",
      eventTime: "2026-01-01T00:00:00Z",
      data: { cart: "c9" },
    };
    const response = await fetch(topic?.endpoint ?? "", {
      method: "POST",
      headers: { "aeg-sas-key": topic?.key1 ?? "" },
      body: JSON.stringify([event]),
    });
    expect(response.status).toBe(200);
    await ringmain.quiesce();
  });
  afterAll(async () => {
    await ringmain.stop();
    await emulator.stop();
  });

  it("@azure/service-bus receives one object, its properties and Event Grid's [EG-AMQP-MESSAGE] [EG-SERVICEBUS-ATTRIBUTES]", async () => {
    const client = new ServiceBusClient(emulator.connectionString);
    const receiver = client.createReceiver("orders", { receiveMode: "receiveAndDelete" });
    const [message, ...more] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 });
    expect(more).toEqual([]);
    expect(message).toMatchObject({
      body: { id: "1", data: { cart: "c9" } },
      contentType: "application/json; charset=utf-8",
      subject: "placed",
      correlationId: "c9",
      applicationProperties: {
        region: "eu",
        "aeg-event-type": "Notification",
        "aeg-subscription-name": "TO-QUEUE",
        "aeg-delivery-count": "0",
      },
    });
    expect(message?.messageId).toBe(message?.applicationProperties?.["aeg-output-event-id"]);
    await client.close();
  });

  it("@azure/event-hubs receives an array, its partition key and Event Grid's [EG-EVENTHUB-BODY] [EG-EVENTHUB-PARTITION]", async () => {
    const client = new EventHubConsumerClient("$Default", emulator.connectionString, "telemetry");
    const event = await new Promise<ReceivedEventData | undefined>((resolve, reject) => {
      client.subscribe(
        "0",
        {
          processEvents: async ([first]) => {
            if (first !== undefined) resolve(first);
          },
          processError: async (error) => reject(error),
        },
        { startPosition: earliestEventPosition },
      );
    });
    expect(event).toMatchObject({
      body: [{ id: "1", data: { cart: "c9" } }],
      partitionKey: "c9",
      properties: { "aeg-event-type": "Notification", "aeg-subscription-name": "TO-HUB" },
    });
    await client.close();
  });
});
