import { BlobServiceClient } from "@azure/storage-blob";
import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AZURITE_ACCOUNT, AZURITE_KEY, runAzurite, type RunningAzurite } from "../support/servers/run-azurite.ts";
import { runFunctionsHost, type RunningFunctionsHost } from "../support/servers/run-functions-host.ts";

const example = new URL("../../examples/thumbnail/", import.meta.url).pathname;

let azurite: RunningAzurite;
let storage: BlobServiceClient;
let host: RunningFunctionsHost;

beforeAll(async () => {
  azurite = await runAzurite();
  const endpoint = `${azurite.blob}/${AZURITE_ACCOUNT}`;
  const connection = `DefaultEndpointsProtocol=http;AccountName=${AZURITE_ACCOUNT};AccountKey=${AZURITE_KEY};BlobEndpoint=${endpoint};`;
  storage = BlobServiceClient.fromConnectionString(connection);
  host = await runFunctionsHost({ appFolder: example }, { AzureWebJobsStorage: connection });
});

afterAll(async () => {
  await host.stop();
  await azurite.stop();
});

async function deliver(eventType: string, container: string, name: string): Promise<number> {
  const event = {
    topic: "/subscriptions/s/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/devstoreaccount1",
    subject: `/blobServices/default/containers/${container}/blobs/${name}`,
    eventType,
    eventTime: "2026-01-01T00:00:00.1234567Z",
    id: "1",
    data: { api: "PutBlob", url: `https://devstoreaccount1.blob.core.windows.net/${container}/${name}` },
    dataVersion: "",
    metadataVersion: "1",
  };
  const answer = await fetch(host.functions[0]?.eventGridUrl ?? "", {
    method: "POST",
    headers: { "aeg-event-type": "Notification" },
    body: JSON.stringify([event]),
  });
  return answer.status;
}

describe("the thumbnail example", () => {
  it("writes a thumbnail of 128 by 128 for a created picture", async () => {
    const images = storage.getContainerClient("images");
    await images.create();
    const picture = await readFile(`${example}picture.jpg`);
    await images.getBlockBlobClient("holidays/sun set.jpg").upload(picture, picture.length);
    expect(await deliver("Microsoft.Storage.BlobCreated", "images", "holidays/sun set.jpg")).toBe(202);
    const thumbnail = storage.getContainerClient("thumbnails").getBlobClient("holidays/sun set.jpg");
    const { width, height, format } = await sharp(await thumbnail.downloadToBuffer()).metadata();
    expect({ width, height, format }).toEqual({ width: 128, height: 128, format: "jpeg" });
    expect((await thumbnail.getProperties()).contentType).toBe("image/jpeg");
  });

  it.each([
    ["Microsoft.Storage.BlobCreated", "thumbnails", "a.jpg"],
    ["Microsoft.Storage.BlobDeleted", "images", "a.jpg"],
  ])("does nothing for %s in %s", async (eventType, container, name) => {
    expect(await deliver(eventType, container, name)).toBe(202);
    expect(await storage.getContainerClient("thumbnails").getBlobClient(name).exists()).toBe(false);
  });

  it("fails for a missing picture, so that the event is delivered again", async () => {
    expect(await deliver("Microsoft.Storage.BlobCreated", "images", "missing.jpg")).toBe(500);
  });
});
