import { describe, expect, it } from "vitest";
import { NamedTargets, storageAccountOf } from "./named-targets.ts";
import { EMULATOR_KEY } from "./storage/emulator-account.ts";

describe("storageAccountOf", () => {
  it("parses all forms of Azure's connection strings", () => {
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

describe("NamedTargets", () => {
  it("finds targets by case-insensitive names, and replaces all of them at once", () => {
    const targets = new NamedTargets({
      connections: [{ name: "Shop", connectionString: "nats://one" }],
      partnerDestinations: [{ name: "acme", endpointUrl: "https://acme.example", activationState: "Activated" }],
    });
    expect(targets.connection("shop")).toBe("nats://one");
    expect(targets.partnerDestination("ACME")).toMatchObject({ activationState: "Activated" });
    targets.configure({ connections: [], partnerDestinations: [] });
    expect(targets.connection("shop")).toBeUndefined();
    expect(targets.partnerDestination("acme")).toBeUndefined();
  });

  it("prefers a storage account that Ringmain serves to a connection with the same name", () => {
    const connectionString = "AccountName=acme;AccountKey=a2V5;EndpointSuffix=x.net";
    const targets = new NamedTargets({ connections: [{ name: "acme", connectionString }], partnerDestinations: [] });
    expect(targets.storageAccount("acme")?.blobEndpoint).toBe("https://acme.blob.x.net");
    const served = { name: "acme", key: "a2V5", blobEndpoint: "http://here/acme" };
    const otherEndpoints = { QueueEndpoint: "http://queues/acme" };
    targets.servedAccounts.set({ find: (name) => (name === "acme" ? { ...served, otherEndpoints } : undefined) });
    expect(targets.storageAccount("acme")).toMatchObject({ ...served, queueEndpoint: "http://queues/acme" });
    expect(targets.storageAccount("other")).toBeUndefined();
  });

  it("finds function apps only after they have been opened", () => {
    const targets = new NamedTargets({ connections: [], partnerDestinations: [] });
    expect(targets.functionApp("orders")).toBeUndefined();
    targets.functionApps.set({ find: () => ({ url: "http://here" }) });
    expect(targets.functionApp("orders")).toEqual({ url: "http://here" });
  });
});
