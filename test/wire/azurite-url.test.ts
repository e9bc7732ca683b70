import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Receiver } from "../support/servers/receiver.ts";
import { runAzurite, type RunningAzurite } from "../support/servers/run-azurite.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const key1 = Buffer.from("a key for the tests of Azurite's").toString("base64");
const account = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/devstoreaccount1";

describe("with an Azurite that runs already", () => {
  let azurite: RunningAzurite;
  let receiver: Receiver;
  let ringmain: RunningRingmain;
  let blobs: BlobServiceClient;

  beforeAll(async () => {
    azurite = await runAzurite();
    receiver = await Receiver.start();
    const destination = { endpointType: "WebHook", properties: { endpointUrl: receiver.url } };
    const deadLetterDestination = {
      endpointType: "StorageBlob",
      properties: { resourceId: account, blobContainerName: "dead" },
    };
    ringmain = await runRingmain({
      config: {
        delivery: { deadLetterDelaySeconds: 0 },
        topics: [{ name: "orders", key1, subscriptions: [{ name: "refused", destination, deadLetterDestination }] }],
        storageAccounts: [
          {
            name: "devstoreaccount1",
            blobPort: 0,
            urlForm: "emulator",
            subscriptions: [{ name: "blobs", destination }],
          },
        ],
      },
      args: ["--azurite-url", azurite.blob],
    });
    blobs = BlobServiceClient.fromConnectionString(ringmain.ready.storageAccounts[0]?.connectionString ?? "");
  });

  afterAll(async () => {
    expect(await ringmain.stop()).toBe(0);
    await Promise.all([receiver.stop(), azurite.stop()]);
    await removeFolders();
  });

  const quiesce = (): Promise<Response> => fetch(`${ringmain.ready.http}/ringmain/quiesce`);

  it("[EG-STORAGE-URL] raises the events of its blobs, with the emulator's URLs if configured", async () => {
    const { containerClient } = await blobs.createContainer("images");
    const blob = containerClient.getBlockBlobClient("a b.png");
    await blob.upload("0123", 4, { blobHTTPHeaders: { blobContentType: "image/png" } });
    await quiesce();
    expect(receiver.events).toMatchObject([
      {
        eventType: "Microsoft.Storage.BlobCreated",
        subject: "/blobServices/default/containers/images/blobs/a b.png",
        data: { api: "PutBlob", contentType: "image/png", contentLength: 4, url: blob.url },
      },
    ]);
  });

  it("[EG-DEADLETTER-PATH] [EG-DEADLETTER-FORM] writes dead letters into a container, which raises an event like any other blob", async () => {
    const { containerClient } = await blobs.createContainer("dead");
    receiver.answer = ({ headers }) => (headers["aeg-subscription-name"] === "REFUSED" ? 400 : 200);
    const event = { id: "dead", subject: "s", eventType: "t", eventTime: "2026-01-01T00:00:00Z", data: {} };
    const [topic] = ringmain.ready.topics;
    const headers = { "aeg-sas-key": key1 };
    const answer = await fetch(topic?.endpoint ?? "", { method: "POST", headers, body: JSON.stringify([event]) });
    expect(answer.status).toBe(200);
    // The event of the dead letter is raised once it has been written.
    await receiver.until(() => receiver.events.some(({ subject }) => String(subject).includes("/containers/dead/")));
    const names: string[] = [];
    for await (const { name } of containerClient.listBlobsFlat()) names.push(name);
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^REFUSED\/\d{4}\/\d{1,2}\/\d{1,2}\/\d{1,2}\/[0-9a-f-]{36}\.json$/);
    const written = await containerClient.getBlobClient(names[0] ?? "").downloadToBuffer();
    expect(JSON.parse(written.toString())).toMatchObject([
      { id: "dead", deadLetterReason: "UndeliverableDueToHttpBadRequest", deliveryAttempts: 1 },
    ]);
  });
});
