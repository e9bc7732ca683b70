import { BlobServiceClient, StorageSharedKeyCredential, type ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeliveryOutcome } from "../../src/core/delivery.ts";
import { storageAccountId } from "../../src/core/resources/resource-id.ts";
import type { StorageAccount } from "../../src/destinations/index.ts";
import { AZURITE_ACCOUNT, AZURITE_KEY, runAzurite, type RunningAzurite } from "../support/servers/run-azurite.ts";
import { delivery, destinations, NEVER, NOW, webhookTo } from "./destination-fixtures.ts";

const write = async (
  found: StorageAccount | undefined,
  blobContainerName = "dead-letters",
): Promise<DeliveryOutcome | undefined> => {
  const factory = destinations({ storageAccount: (name) => (name === AZURITE_ACCOUNT ? found : undefined) });
  const resourceId = storageAccountId(AZURITE_ACCOUNT);
  const subscription = webhookTo("http://127.0.0.1:9/", {
    deadLetterDestination: { endpointType: "StorageBlob", properties: { resourceId, blobContainerName } },
  });
  const batch = [
    delivery({ subject: "Zürich" }, { deadLetterReason: "MaxDeliveryAttemptsExceeded" }),
    delivery({ subject: "two" }, { deadLetterReason: "MaxDeliveryAttemptsExceeded" }),
  ];
  const outcome = await factory.openDeadLetter(subscription)?.deliver(batch, NOW, NEVER);
  await factory.close();
  return outcome;
};

describe("dead letters in Azurite", () => {
  let azurite: RunningAzurite;
  let container: ContainerClient;
  let account: StorageAccount;
  beforeAll(async () => {
    azurite = await runAzurite();
    account = { name: AZURITE_ACCOUNT, blobEndpoint: `${azurite.blob}/${AZURITE_ACCOUNT}`, key: AZURITE_KEY };
    const credential = new StorageSharedKeyCredential(AZURITE_ACCOUNT, AZURITE_KEY);
    container = new BlobServiceClient(account.blobEndpoint, credential).getContainerClient("dead-letters");
    await container.create();
  }, 60_000);
  afterAll(async () => azurite.stop());

  it("are one JSON array in one blob [EG-DEADLETTER-FORM] [EG-DEADLETTER-PATH]", async () => {
    expect(await write(account)).toMatchObject({ kind: "accepted", httpStatus: 201 });
    const names: string[] = [];
    for await (const { name } of container.listBlobsFlat()) names.push(name);
    expect(names).toEqual(["TO-WAREHOUSE/2026/3/9/7/00000000-0000-4000-8000-000000000001.json"]);
    const blob = container.getBlobClient(names[0] ?? "");
    expect(JSON.parse((await blob.downloadToBuffer()).toString())).toMatchObject([
      { subject: "Zürich", deadLetterReason: "MaxDeliveryAttemptsExceeded" },
      { subject: "two" },
    ]);
    expect(await blob.getProperties()).toMatchObject({ contentType: "application/json", blobType: "BlockBlob" });
  });

  it("fail with a remedy if the container is missing", async () => {
    expect(await write(account, "nowhere")).toMatchObject({
      kind: "failed",
      outcome: "NotFound",
      httpStatus: 404,
      detail: expect.stringMatching(/no container 'nowhere': create it\.$/),
    });
  });

  it("fail if the key is wrong, without revealing it", async () => {
    const key = Buffer.from("a wrong key").toString("base64");
    const outcome = await write({ ...account, key });
    expect(outcome).toMatchObject({ kind: "failed", outcome: "Forbidden", httpStatus: 403 });
    expect(JSON.stringify(outcome)).not.toContain(key);
  });

  it("fail if the account does not exist", async () => {
    expect(await write(undefined)).toMatchObject({ kind: "failed", outcome: "NotFound" });
  });
});
