import { describe, expect, it } from "vitest";
import { checkResources } from "./check-resources.ts";
import { configSchema, type ConfigFile } from "./schema.ts";

const SCOPE = "/subscriptions/s/resourceGroups/g/providers";
const QUEUE = `${SCOPE}/Microsoft.ServiceBus/namespaces/Shop/queues/orders`;
const PARTNER = `${SCOPE}/Microsoft.EventGrid/partnerDestinations/acme`;
const ACCOUNT = `${SCOPE}/Microsoft.Storage/storageAccounts/devstoreaccount1`;
const AT = "topics[0].subscriptions[0].destination.properties";

/** Returns the problems of a file with one topic that has one subscription. */
function problems(destination: object, rest: ConfigFile = {}): string[] {
  const topics = [{ name: "orders", subscriptions: [{ name: "handler", destination }] }];
  return checkResources(configSchema.parse({ topics, ...rest }));
}

const serviceBus = { endpointType: "ServiceBusQueue", properties: { resourceId: QUEUE } };
const queue = { endpointType: "StorageQueue", properties: { resourceId: ACCOUNT, queueName: "orders" } };

describe("the target of a destination", () => {
  it("must be one of the connections [EG-DESTINATION-UNKNOWN]", () => {
    expect(problems(serviceBus)).toEqual([
      `${AT}.resourceId: names 'Shop', which is not in 'connections': add it there`,
    ]);
    expect(problems(serviceBus, { connections: [{ name: "shop", connectionString: "Endpoint=sb://x/" }] })).toEqual([]);
    const nats = { endpointType: "NatsSubject", properties: { connection: "broker", subject: "orders" } };
    expect(problems(nats)).toEqual([`${AT}.connection: names 'broker', which is not in 'connections': add it there`]);
  });

  it("must be one of the partner destinations [EG-DESTINATION-UNKNOWN]", () => {
    const partner = { endpointType: "PartnerDestination", properties: { resourceId: PARTNER } };
    expect(problems(partner)).toEqual([
      `${AT}.resourceId: names 'acme', which is not in 'partnerDestinations': add it there`,
    ]);
    const partnerDestinations = [{ name: "Acme", endpointUrl: "https://acme.example/in" }];
    expect(problems(partner, { partnerDestinations })).toEqual([]);
  });

  it("may be an account of the Azurite that Ringmain starts, but not of another Azurite", () => {
    expect(problems(queue, { azurite: true })).toEqual([]);
    expect(problems(queue, { azuriteUrl: "http://127.0.0.1:10000" })).toHaveLength(1);
    const connections = [{ name: "devstoreaccount1", connectionString: "UseDevelopmentStorage=true" }];
    expect(problems(queue, { connections })).toEqual([]);
    expect(
      problems(
        { ...serviceBus, properties: { resourceId: QUEUE.replace("Shop", "devstoreaccount1") } },
        { azurite: true },
      ),
    ).toHaveLength(1);
  });

  it("must have a unique name", () => {
    const connection = { name: "shop", connectionString: "Endpoint=sb://x/" };
    expect(problems(serviceBus, { connections: [connection, { ...connection, name: "SHOP" }] })).toEqual([
      "connections[1].name: 'SHOP' is already used",
    ]);
  });

  it("[EG-ENTRA-OWN-AUDIENCE] must not be a webhook with an audience of this server", () => {
    const webhook = (audience: string) => ({
      endpointType: "WebHook",
      properties: { endpointUrl: "https://hooks.example", azureActiveDirectoryApplicationIdOrUri: audience },
    });
    expect(problems(webhook("api://receiver"))).toEqual([]);
    const refusal = expect.stringContaining(`${AT}.azureActiveDirectoryApplicationIdOrUri: `) as string;
    expect(problems(webhook("HTTPS://Management.Azure.com/"))).toEqual([refusal]);
    expect(problems(webhook("https://ringmain.example"), { tls: { names: ["ringmain.example"] } })).toEqual([refusal]);
  });

  it("may be a file, since the file's author declares it [EG-FILE]", () => {
    expect(problems({ endpointType: "File", properties: { path: "events.jsonl" } })).toEqual([]);
  });
});
