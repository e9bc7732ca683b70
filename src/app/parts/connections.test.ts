import { describe, expect, it } from "vitest";
import { createConnections, storageAccountOf } from "./connections.ts";
import { EMULATOR_KEY } from "./emulator-account.ts";

describe("storageAccountOf", () => {
  it("knows the forms of Azure's connection strings", () => {
    expect(
      storageAccountOf("DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=a2V5;EndpointSuffix=x.net"),
    ).toEqual({
      name: "acme",
      key: "a2V5",
      blobEndpoint: "https://acme.blob.x.net",
      queueEndpoint: "https://acme.queue.x.net",
    });
    expect(storageAccountOf("AccountName=a;AccountKey=k==;QueueEndpoint=http://q/a;BlobEndpoint=http://b/a")).toEqual({
      name: "a",
      key: "k==",
      blobEndpoint: "http://b/a",
      queueEndpoint: "http://q/a",
    });
    expect(storageAccountOf("UseDevelopmentStorage=true")).toEqual({
      name: "devstoreaccount1",
      key: EMULATOR_KEY,
      blobEndpoint: "http://127.0.0.1:10000/devstoreaccount1",
      queueEndpoint: "http://127.0.0.1:10001/devstoreaccount1",
    });
    expect(storageAccountOf("Endpoint=sb://shop/")).toBeUndefined();
  });
});

describe("connections", () => {
  it("are found by name in any case, and replaced as a whole", () => {
    const connections = createConnections({
      connections: [{ name: "Shop", connectionString: "nats://one" }],
      partnerDestinations: [{ name: "acme", endpointUrl: "https://acme.example", activationState: "Activated" }],
    });
    expect(connections.find("shop")).toBe("nats://one");
    expect(connections.partnerDestination("ACME")).toMatchObject({ activationState: "Activated" });
    connections.replace({ connections: [], partnerDestinations: [] });
    expect(connections.find("shop")).toBeUndefined();
    expect(connections.partnerDestination("acme")).toBeUndefined();
  });
});
