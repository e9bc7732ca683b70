import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID } from "../../src/core/resources/resource-id.ts";
import { TOKEN } from "../support/clients/arm-client.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const GROUP = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/ringmain`;
const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/devstoreaccount1`;
const CONTAINERS = `${ACCOUNT}/blobServices/default/containers`;
const QUEUES = `${ACCOUNT}/queueServices/default/queues`;

describe("containers and queues in Resource Manager", () => {
  let ringmain: RunningRingmain;

  beforeAll(async () => {
    ringmain = await runRingmain({
      config: { azurite: true, storageAccounts: [{ name: "devstoreaccount1", blobPort: 0 }] },
      args: ["--memory"],
    });
  });

  afterAll(async () => {
    await ringmain.stop();
    await removeFolders();
  });

  // Tests inspect bodies of any form.
  // oxlint-disable-next-line typescript/no-explicit-any
  async function call(method: string, path: string, content?: object): Promise<{ status: number; body: any }> {
    const answer = await fetch(`${ringmain.ready.http}${path}${path.includes("?") ? "&" : "?"}api-version=2022-09-01`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  it("[ARM-STORAGE-CONTAINER] [ARM-PATCH-NULL] are created, read, changed, listed and deleted in the account itself", async () => {
    const wanted = { properties: { publicAccess: "Blob", metadata: { team: "a" } } };
    const response = await call("PUT", `${CONTAINERS}/photos`, wanted);
    expect(response).toMatchObject({
      status: 201,
      body: {
        id: `${CONTAINERS}/photos`,
        name: "photos",
        type: "Microsoft.Storage/storageAccounts/blobServices/containers",
        properties: { publicAccess: "Blob", metadata: { team: "a" }, leaseState: "Available" },
      },
    });
    const patched = await call("PATCH", `${CONTAINERS}/photos`, { properties: { metadata: { team: "b" } } });
    expect(patched.body.properties).toMatchObject({ publicAccess: "Blob", metadata: { team: "b" } });
    const again = await call("PUT", `${CONTAINERS}/photos`, { properties: { publicAccess: "None" } });
    expect(again).toMatchObject({
      status: 200,
      body: { properties: { publicAccess: "None", metadata: { team: "b" } } },
    });
    const cleared = await call("PATCH", `${CONTAINERS}/photos`, {
      Properties: { PublicAccess: "blob", Metadata: null },
    });
    expect(cleared.body.properties).toMatchObject({ publicAccess: "Blob", metadata: {} });
    const closed = await call("PATCH", `${CONTAINERS}/photos`, { properties: { publicAccess: null } });
    expect(closed.body.properties).toMatchObject({ publicAccess: "None", metadata: {} });
    await call("PUT", `${CONTAINERS}/other`, {});
    const page = await call("GET", `${CONTAINERS}?$top=1`);
    expect(page.body.value).toMatchObject([{ name: "other" }]);
    expect(page.body.nextLink).toBeDefined();

    const { connectionString = "" } = ringmain.ready.storageAccounts?.[0] ?? {};
    const client = BlobServiceClient.fromConnectionString(connectionString);
    expect(await client.getContainerClient("photos").exists()).toBe(true);
    expect((await call("DELETE", `${CONTAINERS}/photos`)).status).toBe(200);
    expect((await call("DELETE", `${CONTAINERS}/photos`)).status).toBe(204);
    expect(await client.getContainerClient("photos").exists()).toBe(false);
    expect((await call("GET", `${CONTAINERS}/photos`)).body.error.code).toBe("ResourceNotFound");
    expect((await call("PATCH", `${CONTAINERS}/photos`, {})).status).toBe(404);

    expect(await call("PUT", `${QUEUES}/work`, { properties: { metadata: { a: "1" } } })).toMatchObject({
      status: 200,
      body: { id: `${QUEUES}/work`, properties: { metadata: { a: "1" }, approximateMessageCount: 0 } },
    });
    expect(
      (await call("PUT", `${QUEUES}/work`, { properties: { metadata: { a: "2" } } })).body.properties.metadata,
    ).toEqual({
      a: "2",
    });
    expect((await call("GET", QUEUES)).body.value).toMatchObject([{ name: "work" }]);
    expect((await call("DELETE", `${QUEUES}/work`)).status).toBe(204);
    expect((await call("GET", QUEUES)).body.value).toEqual([]);
  });

  it("[ARM-STORAGE-CONTAINER] are refused under names that the service does not allow", async () => {
    expect((await call("PUT", `${CONTAINERS}/Photos`, {})).body.error.code).toBe("InvalidResourceName");
    expect((await call("PUT", `${CONTAINERS}/ok1`, { properties: { metadata: { "a b": "c" } } })).status).toBe(400);
    expect((await call("PUT", `${CONTAINERS.replace("devstoreaccount1", "none")}/ok1`, {})).status).toBe(404);
    expect((await call("PUT", `${ACCOUNT}/blobServices/second`, {})).body.error.code).toBe("InvalidResourceName");
    expect((await call("GET", `${ACCOUNT}/fileServices/default`)).body.error.code).toBe("InvalidResourceType");
  });

  it("[ARM-STORAGE-CONTAINER] are created by a template that declares them below their account", async () => {
    const template = {
      $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      contentVersion: "1.0.0.0",
      resources: [
        {
          type: "Microsoft.Storage/storageAccounts",
          apiVersion: "2022-09-01",
          name: "declared",
          location: "local",
          sku: { name: "Standard_LRS" },
          kind: "StorageV2",
        },
        {
          type: "Microsoft.Storage/storageAccounts/blobServices",
          apiVersion: "2022-09-01",
          name: "declared/default",
          dependsOn: ["[resourceId('Microsoft.Storage/storageAccounts', 'declared')]"],
        },
        {
          type: "Microsoft.Storage/storageAccounts/blobServices/containers",
          apiVersion: "2022-09-01",
          name: "declared/default/incoming",
          properties: { publicAccess: "None" },
          dependsOn: ["[resourceId('Microsoft.Storage/storageAccounts/blobServices', 'declared', 'default')]"],
        },
        {
          type: "Microsoft.Storage/storageAccounts/queueServices/queues",
          apiVersion: "2022-09-01",
          name: "declared/default/jobs",
          dependsOn: ["[resourceId('Microsoft.Storage/storageAccounts', 'declared')]"],
        },
      ],
    };
    const deployment = `${GROUP}/providers/Microsoft.Resources/deployments/storage`;
    await call("PUT", deployment, { properties: { mode: "Incremental", template } });
    const state = async (): Promise<unknown> => (await call("GET", deployment)).body.properties;
    await expect
      .poll(state, { timeout: 20_000 })
      .toMatchObject({ provisioningState: expect.stringMatching(/Succeeded|Failed/) });
    expect(await state()).toMatchObject({ provisioningState: "Succeeded" });
    const declared = CONTAINERS.replace("devstoreaccount1", "declared");
    expect((await call("GET", `${declared}/incoming`)).status).toBe(200);
  });
});
