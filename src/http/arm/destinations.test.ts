import { describe, expect, it } from "vitest";
import { EG, startArmApp } from "../../../test/support/servers/arm-app.ts";
import { desiredSubscription } from "../../../test/support/fixtures/desired-resources.ts";

const SCOPE = "/subscriptions/0/resourceGroups/g/providers";
const PATH = `${EG}/topics/orders/providers/Microsoft.EventGrid/eventSubscriptions/one`;

const body = (endpointType: string, properties: object, more: object = {}) => ({
  properties: { destination: { endpointType, properties }, ...more },
});

describe("destinations by Resource Manager", () => {
  it.each([
    [
      "StorageQueue",
      {
        resourceId: `${SCOPE}/Microsoft.Storage/storageAccounts/acme`,
        queueName: "orders",
        queueMessageTimeToLiveInSeconds: 60,
      },
    ],
    ["ServiceBusQueue", { resourceId: `${SCOPE}/Microsoft.ServiceBus/namespaces/n/queues/q` }],
    ["ServiceBusTopic", { resourceId: `${SCOPE}/Microsoft.ServiceBus/namespaces/n/topics/t` }],
    ["EventHub", { resourceId: `${SCOPE}/Microsoft.EventHub/namespaces/n/eventhubs/h` }],
    ["HybridConnection", { resourceId: `${SCOPE}/Microsoft.Relay/namespaces/n/hybridConnections/c` }],
    ["PartnerDestination", { resourceId: `${SCOPE}/Microsoft.EventGrid/partnerDestinations/p` }],
    ["NatsSubject", { connection: "broker", subject: "orders.placed", jetStream: true }],
  ])("[EG-DESTINATION-ID] a %s is created, and read as it was sent", async (endpointType, properties) => {
    const { call } = await startArmApp();
    expect((await call("PUT", PATH, body(endpointType, properties))).status).toBe(201);
    const { destination } = (await call("GET", PATH)).body.properties;
    expect(destination).toMatchObject({ endpointType, properties });
  });

  it("[EG-DESTINATION-CE] a NamespaceTopic takes CloudEvents only", async () => {
    const { call } = await startArmApp();
    const properties = { resourceId: `${SCOPE}/Microsoft.EventGrid/namespaces/n/topics/t` };
    const refused = await call("PUT", PATH, body("NamespaceTopic", properties));
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining("EventDeliverySchema") } },
    });
    const schema = { eventDeliverySchema: "CloudEventSchemaV1_0" };
    expect((await call("PUT", PATH, body("NamespaceTopic", properties, schema))).status).toBe(201);
  });

  it("[EG-STREAM-ACCESS] a stream's token is never returned, and is kept by changes that omit it", async () => {
    const { call, harness } = await startArmApp();
    const put = await call("PUT", PATH, body("Stream", { accessToken: "a-token-for-the-page" }));
    expect(put.status).toBe(201);
    expect(JSON.stringify([put.body, (await call("GET", PATH)).body])).not.toContain("a-token");
    const patch = { destination: { endpointType: "Stream", properties: {} }, labels: ["a"] };
    await call("PATCH", PATH, patch);
    const stored = harness.engine.directory.get(PATH)?.resource;
    expect(stored?.properties).toMatchObject({ destination: { properties: { accessToken: "a-token-for-the-page" } } });
  });

  it("[EG-FILE] a file is refused, even for a subscription from the configuration file", async () => {
    const { call, harness } = await startArmApp();
    const file = body("File", { path: "/etc/passwd" });
    const refused = {
      status: 400,
      body: { error: { message: expect.stringContaining("in the configuration file only") } },
    };
    expect(await call("PUT", PATH, file)).toMatchObject(refused);
    await harness.engine.controlPlane.applyConfiguration([desiredSubscription("one")]);
    expect(await call("PUT", PATH, file)).toMatchObject(refused);
    expect(await call("PATCH", PATH, file.properties)).toMatchObject(refused);
  });

  it("[EG-DEADLETTER-FOLDER] a folder for dead letters is refused, and one from the configuration file is kept", async () => {
    const { call, harness } = await startArmApp();
    const folder = { endpointType: "Folder" as const, properties: { path: "/etc/cron.d" } };
    const hook = body("WebHook", { endpointUrl: "http://127.0.0.1:9/" }, { deadLetterDestination: folder });
    const refused = {
      status: 400,
      body: { error: { message: expect.stringContaining("in the configuration file only") } },
    };
    expect(await call("PUT", PATH, hook)).toMatchObject(refused);
    const declared = desiredSubscription("one", { deadLetterDestination: folder });
    await harness.engine.controlPlane.applyConfiguration([declared]);
    expect(await call("PATCH", PATH, { deadLetterDestination: folder })).toMatchObject(refused);
    expect((await call("PATCH", PATH, { labels: ["a"] })).status).toBe(201);
    expect((await call("GET", PATH)).body.properties.deadLetterDestination).toEqual(folder);
  });

  it("[EG-FILE] a file from the configuration file is shown", async () => {
    const { call, harness } = await startArmApp();
    const destination = { endpointType: "File" as const, properties: { path: "events.jsonl" } };
    await harness.engine.controlPlane.applyConfiguration([desiredSubscription("one", { destination })]);
    expect((await call("GET", PATH)).body.properties.destination).toMatchObject(destination);
  });
});
