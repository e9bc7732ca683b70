import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Receiver } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const key1 = Buffer.from("a key for the tests of Python's!").toString("base64");
const script = (name: string): string => new URL(`python/${name}`, import.meta.url).pathname;
const python = async (name: string, ...args: string[]): Promise<unknown> => {
  const { stdout } = await promisify(execFile)("/usr/bin/python3", [script(name), ...args]);
  return JSON.parse(stdout) as unknown;
};

describe("Python's SDKs, as Debian ships them", () => {
  let receiver: Receiver;
  let ringmain: RunningRingmain;

  beforeAll(async () => {
    receiver = await Receiver.start();
    const subscription = (eventDeliverySchema: string) => ({
      name: "everything",
      destination: { endpointType: "WebHook", properties: { endpointUrl: receiver.url } },
      eventDeliverySchema,
    });
    const blobEvents = ["BlobCreated", "BlobDeleted", "BlobTierChanged"].map((name) => `Microsoft.Storage.${name}`);
    const ofBlobs = { ...subscription("EventGridSchema"), filter: { includedEventTypes: blobEvents } };
    ringmain = await runRingmain({
      config: {
        topics: [
          { name: "orders", key1, subscriptions: [subscription("EventGridSchema")] },
          {
            name: "clouds",
            inputSchema: "CloudEventSchemaV1_0",
            key1,
            subscriptions: [subscription("CloudEventSchemaV1_0")],
          },
        ],
        storageAccounts: [{ name: "devstoreaccount1", blobPort: 0, subscriptions: [ofBlobs] }],
      },
      args: ["--azurite"],
    });
  });

  afterAll(async () => {
    expect(await ringmain.stop()).toBe(0);
    await receiver.stop();
    await removeFolders();
  });

  it("publishes with azure.eventgrid: key, shared access signature, both schemas, errors", async () => {
    const endpoint = (name: string): string =>
      ringmain.ready.topics.find((topic) => topic.name === name)?.endpoint ?? "";
    const done = await python("publish.py", endpoint("orders"), endpoint("clouds"), key1);
    expect(done).toEqual({ wrongKey: 401, wrongSchema: 400 });
    const ids = ["py-eg", "py-sas", "py-ce", "py-dict"];
    await receiver.until(() => ids.every((id) => receiver.events.some((event) => event["id"] === id)));
    expect(receiver.events.find(({ id }) => id === "py-sas")).toMatchObject({ data: "text", dataVersion: "1.0" });
    expect(receiver.events.find(({ id }) => id === "py-dict")).toMatchObject({ source: "/py", data: [1, 2] });
  });

  it("raises the storage events of azure.storage.blob", async () => {
    const { connectionString = "" } = ringmain.ready.storageAccounts[0] ?? {};
    expect(await python("blobs.py", connectionString)).toEqual({ read: "0123456789" });
    const subject = "/blobServices/default/containers/from-python/blobs/folder/picture one.png";
    const raised = () => receiver.events.filter((event) => event["subject"] === subject);
    await receiver.until(() => raised().length === 3);
    const types = raised().map(({ eventType }) => eventType);
    expect(types.toSorted((one, other) => String(one).localeCompare(String(other)))).toEqual([
      "Microsoft.Storage.BlobCreated",
      "Microsoft.Storage.BlobDeleted",
      "Microsoft.Storage.BlobTierChanged",
    ]);
    expect(raised().find(({ eventType }) => eventType === "Microsoft.Storage.BlobCreated")).toMatchObject({
      data: { api: "PutBlob", contentType: "image/png", contentLength: 10, blobType: "BlockBlob" },
    });
  });
});
