import type { EventGridManagementClient } from "@azure/arm-eventgrid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID, DEFAULT_TENANT_ID } from "../../src/core/resources/resource-id.ts";
import { startTestRingmain, type TestRingmain } from "../../src/testing/index.ts";
import { armClient, TOKEN } from "../support/clients/arm-client.ts";
import { Receiver } from "../support/servers/receiver.ts";

const SUBSCRIPTION = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}`;
const GROUP = `${SUBSCRIPTION}/resourceGroups/ringmain`;
const TOPIC = `${GROUP}/providers/Microsoft.EventGrid/topics/watched`;

describe("events of resource management", () => {
  let receiver: Receiver;
  let ringmain: TestRingmain;
  let client: EventGridManagementClient;

  beforeAll(async () => {
    receiver = await Receiver.start();
    ringmain = await startTestRingmain();
    client = armClient(ringmain.http);
  });

  afterAll(async () => {
    await ringmain.stop();
    await receiver.stop();
  });

  it("[EG-RESOURCE-EVENT] [EG-RESOURCE-EVENT-SCOPE] [EG-RESOURCE-EVENT-OWN] reach subscriptions to a resource group and to an Azure subscription", async () => {
    const destination = { endpointType: "WebHook", endpointUrl: `${receiver.url}?code=hush` } as const;
    await client.eventSubscriptions.beginCreateOrUpdateAndWait(GROUP, "of-group", { destination });
    await client.eventSubscriptions.beginCreateOrUpdateAndWait(SUBSCRIPTION, "of-all", {
      destination,
      filter: { includedEventTypes: ["Microsoft.Resources.ResourceActionSuccess"] },
    });
    await client.topics.beginCreateOrUpdateAndWait("ringmain", "watched", { location: "westeurope" });
    await client.topics.beginUpdateAndWait("ringmain", "watched", { tags: { a: "b" } });
    const { key1 = "" } = await client.topics.listSharedAccessKeys("ringmain", "watched");
    const wrong = client.topics.beginCreateOrUpdateAndWait("ringmain", "watched", { location: "eastus" });
    await expect(wrong).rejects.toMatchObject({ statusCode: 409 });
    await client.topics.beginDeleteAndWait("ringmain", "watched");
    await ringmain.quiesce();

    const received = receiver.events.map(({ topic, eventType, subject }) => [topic, eventType, subject]);
    const own = `${GROUP}/providers/Microsoft.EventGrid/eventSubscriptions/of-group`;
    const of = (kind: string, subject = TOPIC) => [GROUP, `Microsoft.Resources.Resource${kind}`, subject];
    expect(received.filter(([topic]) => topic === GROUP)).toEqual([
      of("WriteSuccess", own),
      of("WriteSuccess"),
      of("WriteSuccess"),
      of("ActionSuccess"),
      of("WriteFailure"),
      of("DeleteSuccess"),
    ]);
    expect(received.filter(([topic]) => topic === SUBSCRIPTION)).toEqual([
      [SUBSCRIPTION, "Microsoft.Resources.ResourceActionSuccess", TOPIC],
    ]);
    const action = receiver.events.find(({ eventType }) => String(eventType).endsWith("ActionSuccess"));
    const operation = "Microsoft.EventGrid/topics/listKeys/action";
    expect(action).toMatchObject({
      dataVersion: "2",
      data: {
        authorization: { scope: TOPIC, action: operation, evidence: { role: "Owner" } },
        claims: {},
        correlationId: expect.stringMatching(/^[\da-f-]{36}$/),
        httpRequest: {
          clientRequestId: expect.stringMatching(/^[\da-f-]{36}$/),
          clientIpAddress: "127.0.0.1",
          method: "POST",
          url: expect.stringMatching(new RegExp(`^${ringmain.http}${TOPIC}/listKeys\\?api-version=[-\\w]+$`)),
        },
        resourceProvider: "Microsoft.EventGrid",
        resourceUri: TOPIC,
        operationName: operation,
        status: "Succeeded",
        subscriptionId: DEFAULT_SUBSCRIPTION_ID,
        tenantId: DEFAULT_TENANT_ID,
      },
    });
    const everything = JSON.stringify(receiver.events);
    for (const secret of [key1, TOKEN, "hush"]) expect(everything).not.toContain(secret);
  });
});
