import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AzBench, SUBSCRIPTION } from "../../support/clients/run-az.ts";
import { functionApp } from "../../support/servers/run-functions-host.ts";
import { temporaryFolder } from "../../support/servers/run-ringmain.ts";

const GROUP = `${SUBSCRIPTION}/resourceGroups/rg1`;
const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/photos`;

const TEMPLATE = `{
  /* az sends the text of a file unchanged,
     including its comments. */
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"hook": {"type": "string"}, "account": {"type": "string", "defaultValue": "photos"}},
  "resources": [
    {"type": "Microsoft.EventGrid/topics", "apiVersion": "2022-06-15", "name": "orders", "location": "local"},
    {
      "type": "Microsoft.EventGrid/topics/eventSubscriptions", "apiVersion": "2022-06-15", "name": "orders/below",
      "dependsOn": ["orders"], // the first of three
      "properties": {"destination": {"endpointType": "WebHook", "properties": {"endpointUrl": "[parameters('hook')]"}}}
    },
    {
      "type": "Microsoft.EventGrid/systemTopics", "apiVersion": "2022-06-15", "name": "photo-events", "location": "local",
      "properties": {
        "source": "[resourceId('Microsoft.Storage/storageAccounts', parameters('account'))]",
        "topicType": "Microsoft.Storage.StorageAccounts"
      }
    },
    {
      "type": "Microsoft.EventGrid/systemTopics/eventSubscriptions", "apiVersion": "2022-06-15",
      "name": "photo-events/of-system-topic", "dependsOn": ["photo-events"],
      "properties": {"destination": {"endpointType": "WebHook", "properties": {"endpointUrl": "[parameters('hook')]"}}}
    },
    {
      "type": "Microsoft.EventGrid/eventSubscriptions", "apiVersion": "2022-06-15", "name": "of-account",
      "scope": "[concat('Microsoft.Storage/storageAccounts/', parameters('account'))]", "dependsOn": ["photo-events"],
      "properties": {
        "destination": {"endpointType": "WebHook", "properties": {"endpointUrl": "[parameters('hook')]"}},
        "filter": {"includedEventTypes": ["Microsoft.Storage.BlobDeleted"]},
      }
    },
  ],
  "outputs": {"endpoint": {"type": "string", "value": "[reference('orders').endpoint]"}}
}`;

describe("az, on storage accounts and templates", { timeout: 240_000 }, () => {
  let bench: AzBench;
  let connection: string;
  const json = (line: string): Promise<unknown> => bench.json(line);

  beforeAll(async () => {
    bench = await AzBench.start({
      azurite: true,
      storageAccounts: [{ name: "devstoreaccount1", blobPort: 0 }],
      functionApps: [{ name: "app", path: functionApp("esm") }],
    });
    await json("group create -n rg1 -l westeurope");
    await json("storage account create -n photos -g rg1 -l westeurope --sku Standard_LRS");
    const shown = await json("storage account show-connection-string -n photos -g rg1");
    connection = (shown as { connectionString: string }).connectionString;
  });

  afterAll(async () => {
    const { ignoredMembers } = bench;
    expect(await bench.stop()).toEqual([]);
    expect(ignoredMembers).toEqual([]);
  });

  it("[ARM-STORAGE-ACCOUNT] az storage account: show, list, keys, check-name, update", async () => {
    const { primaryEndpoints } = (await json("storage account show -n photos")) as {
      primaryEndpoints: { blob: string };
    };
    expect(primaryEndpoints.blob).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/photos\/$/);
    expect(connection).toContain(`BlobEndpoint=${primaryEndpoints.blob};`);
    expect(await json("storage account list --query [].name")).toEqual(
      expect.arrayContaining(["devstoreaccount1", "photos"]),
    );
    const [key1] = (await json("storage account keys list -n photos -g rg1")) as { value: string }[];
    expect(connection).toContain(`AccountKey=${key1?.value}`);
    const renewed = "storage account keys renew -n photos -g rg1 --key key2 --query [].keyName";
    expect(await json(renewed)).toEqual(["key1", "key2"]);
    expect(await json("storage account check-name -n photos")).toMatchObject({
      nameAvailable: false,
      reason: "AlreadyExists",
    });
    expect(await json("storage account check-name -n free123")).toMatchObject({ nameAvailable: true });
    expect(await json("storage account update -n photos -g rg1 --tags a=b --query tags")).toEqual({ a: "b" });
  });

  it("delivers an upload to the function of a subscription that az created from Azure's own example", async () => {
    const [app] = bench.ringmain.ready.functionApps;
    const endpoint = `${app?.url}/runtime/webhooks/EventGrid?functionName=record`;
    await json(
      `eventgrid event-subscription create --name uploads --source-resource-id ${ACCOUNT} --endpoint ${endpoint} ` +
        "--included-event-types Microsoft.Storage.BlobCreated",
    );
    await json(`storage container create -n images --connection-string ${connection}`);
    const file = join(await temporaryFolder(), "first.txt");
    await writeFile(file, "a picture");
    await json(`storage blob upload -c images -n first.txt -f ${file} --connection-string ${connection}`);
    const line = await bench.ringmain.line(
      ({ event, message }) => event === "function_log" && String(message).includes("images/blobs/first.txt"),
    );
    const { got } = JSON.parse(String(line["message"])) as { got: object };
    expect(got).toMatchObject({
      eventType: "Microsoft.Storage.BlobCreated",
      topic: ACCOUNT,
      data: { api: "PutBlob", url: "https://photos.blob.core.windows.net/images/first.txt", contentLength: 9 },
    });
    await json(`eventgrid event-subscription delete --name uploads --source-resource-id ${ACCOUNT}`);
  });

  it("az eventgrid system-topic, its subscriptions and extension-topic", async () => {
    const create = `eventgrid system-topic create -g rg1 -n events -l westeurope --source ${ACCOUNT}`;
    expect(await json(`${create} --topic-type Microsoft.Storage.StorageAccounts`)).toMatchObject({
      source: ACCOUNT,
      topicType: "Microsoft.Storage.StorageAccounts",
      provisioningState: "Succeeded",
    });
    expect(await json("eventgrid system-topic update -g rg1 -n events --tags a=b --query tags")).toEqual({ a: "b" });
    expect(await json("eventgrid system-topic list -g rg1 --query [].name")).toEqual(["events"]);
    const nested = "eventgrid system-topic event-subscription";
    const named = "-g rg1 --system-topic-name events -n all";
    expect(await json(`${nested} create ${named} --endpoint {hook}`)).toMatchObject({
      type: "Microsoft.EventGrid/systemTopics/eventSubscriptions",
      filter: { includedEventTypes: ["Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobDeleted"] },
    });
    await json(`${nested} update ${named} --labels a`);
    expect(await json(`${nested} show ${named} --query labels`)).toEqual(["a"]);
    expect(await json(`eventgrid event-subscription list --source-resource-id ${ACCOUNT} --query [].name`)).toEqual([
      "all",
    ]);
    expect(await json(`eventgrid extension-topic show --scope ${ACCOUNT}`)).toMatchObject({
      id: `${ACCOUNT}/providers/Microsoft.EventGrid/extensionTopics/default`,
      systemTopic: `${GROUP}/providers/Microsoft.EventGrid/systemTopics/events`,
    });
    await json(`${nested} delete -y ${named}`);
    await json("eventgrid system-topic delete -y -g rg1 -n events");
    const ended = await bench.az("eventgrid system-topic show -g rg1 -n events");
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining("(ResourceNotFound)") as string });
  });

  it("[ARM-TOPIC-TYPES] az eventgrid topic-type", async () => {
    expect(await json("eventgrid topic-type list --query [].name")).toContain("Microsoft.KeyVault.vaults");
    const storage = "-n Microsoft.Storage.StorageAccounts";
    expect(await json(`eventgrid topic-type show ${storage} --query provider`)).toBe("Microsoft.Storage");
    expect(await json(`eventgrid topic-type list-event-types ${storage} --query [].name`)).toContain(
      "Microsoft.Storage.BlobCreated",
    );
  });

  it("[ARM-TEMPLATE-TEXT] [ARM-DEPLOYMENT] az deployment group create: a topic, a system topic, three subscriptions", async () => {
    const file = join(await temporaryFolder(), "template.json");
    await writeFile(file, TEMPLATE);
    const template = `-g rg1 -n first -f ${file} --parameters hook={hook}`;
    expect(await json(`deployment group validate ${template}`)).toMatchObject({
      properties: { provisioningState: "Succeeded" },
    });
    const { changes } = (await json(`deployment group what-if ${template} --no-pretty-print`)) as { changes: object[] };
    expect(changes).toContainEqual(
      expect.objectContaining({ changeType: "Create", resourceId: expect.stringMatching(/topics\/orders$/) as string }),
    );
    expect(await json("eventgrid topic list -g rg1")).toEqual([]);

    expect(await json(`deployment group create ${template}`)).toMatchObject({
      properties: {
        provisioningState: "Succeeded",
        outputs: { endpoint: { value: `${bench.https}/topics/orders/api/events` } },
        outputResources: { length: 5 },
      },
    });
    expect(await json("deployment group show -g rg1 -n first --query properties.mode")).toBe("Incremental");
    expect(await json("deployment group list -g rg1 --query [].name")).toEqual(["first"]);
    const operations =
      "deployment operation group list -g rg1 -n first --query [].properties.targetResource.resourceName";
    expect(await json(operations)).toEqual(expect.arrayContaining(["orders", "photo-events"]));
    const list = `eventgrid event-subscription list --source-resource-id ${ACCOUNT} --query [].name`;
    expect(await json(list)).toEqual(["of-account", "of-system-topic"]);
    const below = "eventgrid topic event-subscription list -g rg1 --topic-name orders --query [].name";
    expect(await json(below)).toEqual(["below"]);

    await json(`storage container create -n more --connection-string ${connection}`);
    await json(`storage blob upload -c more -n second.txt -f ${file} --connection-string ${connection}`);
    await bench.receiver.until(() => bench.receiver.events.length >= 1);
    expect(bench.receiver.events).toMatchObject([
      { eventType: "Microsoft.Storage.BlobCreated", subject: "/blobServices/default/containers/more/blobs/second.txt" },
    ]);

    const without = await bench.az(`deployment group create -g rg1 -n second -f ${file}x`);
    expect(without.code).not.toBe(0);
  });

  it("[ARM-TEMPLATE-INVALID] az shows the error of a template", async () => {
    const file = join(await temporaryFolder(), "template.json");
    await writeFile(file, TEMPLATE.replace("[parameters('hook')]", "[parameters('nothing')]"));
    const ended = await bench.az(`deployment group create -g rg1 -n wrong -f ${file} --parameters hook={hook}`);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("InvalidTemplate") as string });
    expect(ended.stderr).toContain("'nothing'");
  });
});
