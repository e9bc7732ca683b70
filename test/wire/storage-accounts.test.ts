import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { afterEach, describe, expect, it } from "vitest";
import { configSchema } from "../../src/app/config/schema.ts";
import { startRingmain, type Ringmain } from "../../src/app/start-ringmain.ts";
import { storageAccountId } from "../../src/core/resources/resource-id.ts";
import { DEFAULT_RETRY_POLICY, type StorageAccountResource } from "../../src/core/resources/resources.ts";
import { SILENT_LOGGER } from "../../src/ports/logger.ts";
import { Receiver } from "../support/servers/receiver.ts";

const releases: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).toReversed()) await release();
});

async function start(folder: string): Promise<Ringmain> {
  const config = configSchema.parse({
    port: 0,
    data: folder,
    azurite: true,
    storageAccounts: [{ name: "devstoreaccount1", blobPort: 0 }],
  });
  const ringmain = await startRingmain({ config, folder: process.cwd(), logger: SILENT_LOGGER });
  releases.push(() => ringmain.stop());
  return ringmain;
}

/** Creates a storage account while Ringmain runs. Resolves when it is served. */
async function create(ringmain: Ringmain, name: string): Promise<StorageAccountResource> {
  const { resource } = await ringmain.engine.controlPlane.put({
    id: storageAccountId(name),
    name,
    type: "Microsoft.Storage/storageAccounts",
    location: "local",
    properties: {},
  });
  await ringmain.storage.served(name);
  return resource as StorageAccountResource;
}

async function upload(ringmain: Ringmain, { name, keys }: StorageAccountResource, key = keys.key1): Promise<void> {
  const { blobEndpoint } = await ringmain.storage.served(name);
  const client = new BlobServiceClient(blobEndpoint, new StorageSharedKeyCredential(name, key));
  const container = client.getContainerClient("photos");
  await container.createIfNotExists();
  await container.getBlockBlobClient("a.txt").upload("hi", 2);
}

async function subscribe(ringmain: Ringmain, account: StorageAccountResource, endpointUrl: string): Promise<void> {
  await ringmain.engine.controlPlane.put({
    id: `${account.id}/providers/Microsoft.EventGrid/eventSubscriptions/all`,
    name: "all",
    type: "Microsoft.EventGrid/eventSubscriptions",
    location: "local",
    properties: {
      topic: account.id,
      destination: { endpointType: "WebHook", properties: { endpointUrl } },
      filter: {},
      retryPolicy: DEFAULT_RETRY_POLICY,
      eventDeliverySchema: "EventGridSchema",
    },
  });
}

describe("storage accounts", () => {
  it("are created and deleted while Ringmain runs, with both keys and their own events, and survive a restart", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ringmain-accounts-"));
    releases.push(() => rm(folder, { recursive: true, force: true }));
    const receiver = await Receiver.start();
    releases.push(() => receiver.stop());
    const ringmain = await start(folder);
    const first = await create(ringmain, "firstaccount");
    const second = await create(ringmain, "secondaccount");
    await subscribe(ringmain, second, receiver.url);
    await upload(ringmain, first);
    await upload(ringmain, second);
    await upload(ringmain, second, second.keys.key2);
    await receiver.until(() => receiver.events.length >= 2);
    const event = { topic: second.id, data: { url: "https://secondaccount.blob.core.windows.net/photos/a.txt" } };
    expect(receiver.events).toMatchObject([event, event]);

    await ringmain.engine.controlPlane.delete(first.id);
    await expect(ringmain.storage.served("firstaccount")).rejects.toThrow("is not available");
    await ringmain.stop();

    const again = await start(folder);
    await upload(again, second);
    await receiver.until(() => receiver.events.length >= 3);
    expect(receiver.events[2]).toMatchObject(event);
  });

  it("[EG-STORAGE-ACCOUNT-NAME] have names that are valid and unique", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ringmain-accounts-"));
    releases.push(() => rm(folder, { recursive: true, force: true }));
    const ringmain = await start(folder);
    await expect(create(ringmain, "Wrong_Name")).rejects.toMatchObject({ code: "account_name_invalid" });
    await create(ringmain, "taken");
    const elsewhere = storageAccountId("taken", { subscriptionId: "s", resourceGroup: "other" });
    await expect(
      ringmain.engine.controlPlane.put({
        id: elsewhere,
        name: "taken",
        type: "Microsoft.Storage/storageAccounts",
        location: "local",
        properties: {},
      }),
    ).rejects.toMatchObject({
      code: "account_name_taken",
      message: "The storage account named taken is already taken.",
    });
  });
});
