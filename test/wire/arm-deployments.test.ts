import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID } from "../../src/core/resources/resource-id.ts";
import { TOKEN } from "../support/clients/arm-client.ts";
import { Receiver } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const SUBSCRIPTION = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}`;
const GROUP = `${SUBSCRIPTION}/resourceGroups/ringmain`;

type Json = Record<string, unknown>;

/** A server with the credentials for its Resource Manager. */
interface Server {
  readonly at: string;
  readonly token: string;
}

/** Returns the API version of a resource. Event Grid has its own versions. */
const version = (path: string): string => (path.includes("Microsoft.EventGrid") ? "2025-02-15" : "2021-04-01");

/**
 * Returns a body as `az` sends it: the template's original text, including comments, in an object that is not
 * strictly JSON.
 */
const body = (parameters: Json, template: string, mode = "Incremental"): string =>
  `{"properties": {"parameters": ${JSON.stringify(parameters)}, "mode": "${mode}", template:${template}}}`;

const TEMPLATE = `{
  // A topic, an account and three subscriptions.
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"hook": {"type": "string"}, "account": {"type": "string", "defaultValue": "photos"}},
  "variables": {"subject": "[concat('/blobServices/default/containers/', 'incoming/')]"},
  "resources": [
    {
      "type": "Microsoft.EventGrid/eventSubscriptions", "apiVersion": "2022-06-15", "name": "[concat('sub', copyIndex())]",
      "copy": {"name": "subscriptions", "count": 2},
      "scope": "[concat('Microsoft.Storage/storageAccounts/', parameters('account'))]",
      "dependsOn": ["photo-events"],
      "properties": {
        "destination": {"endpointType": "WebHook", "properties": {"endpointUrl": "[parameters('hook')]"}},
        "filter": {"subjectBeginsWith": "[variables('subject')]", "includedEventTypes": ["Microsoft.Storage.BlobCreated"]}
      }
    },
    {
      "type": "Microsoft.EventGrid/systemTopics", "apiVersion": "2022-06-15", "name": "photo-events", "location": "local",
      "properties": {
        "source": "[resourceId('Microsoft.Storage/storageAccounts', parameters('account'))]",
        "topicType": "Microsoft.Storage.StorageAccounts"
      },
      "dependsOn": ["[parameters('account')]"]
    },
    {
      "type": "Microsoft.EventGrid/systemTopics/eventSubscriptions", "apiVersion": "2022-06-15",
      "name": "photo-events/sub3", "dependsOn": ["photo-events"],
      "properties": {"destination": {"endpointType": "WebHook", "properties": {"endpointUrl": "[parameters('hook')]"}}}
    },
    {
      "type": "Microsoft.Storage/storageAccounts", "apiVersion": "2022-09-01", "name": "[parameters('account')]",
      "location": "[resourceGroup().location]", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "properties": {},
    },
    {"type": "Microsoft.EventGrid/topics", "apiVersion": "2025-02-15", "name": "orders", "location": "local"},
  ],
  "outputs": {
    "endpoint": {"type": "string", "value": "[reference('orders').endpoint]"},
    "blob": {"type": "string", "value": "[reference(parameters('account')).primaryEndpoints.blob]"},
    "key": {"type": "string", "value": "[listKeys(parameters('account'), '2022-09-01').keys[0].value]"}
  }
}`;

describe("template deployments", () => {
  let receiver: Receiver;
  let ringmain: RunningRingmain;

  beforeAll(async () => {
    receiver = await Receiver.start();
    ringmain = await runRingmain({
      config: { azurite: true, storageAccounts: [{ name: "devstoreaccount1", blobPort: 0 }] },
      args: ["--memory"],
    });
  });

  afterAll(async () => {
    await ringmain.stop();
    await receiver.stop();
    await removeFolders();
  });

  async function call(
    method: string,
    path: string,
    text?: string,
    { at, token }: Server = { at: ringmain.ready.http, token: TOKEN },
  ): Promise<{ status: number; json: Json; poll: string }> {
    const url = path.startsWith("http") ? path : `${at}${path}?api-version=${version(path)}`;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await fetch(url, { method, headers, ...(text === undefined ? {} : { body: text }) });
    const content = await answer.text();
    return {
      status: answer.status,
      json: content === "" ? {} : (JSON.parse(content) as Json),
      poll: answer.headers.get("azure-asyncoperation") ?? "",
    };
  }

  /** Starts a deployment, polls until it has ended, and returns it. */
  async function deploy(scope: string, name: string, text: string, server?: Server): Promise<Json> {
    const path = `${scope}/providers/Microsoft.Resources/deployments/${name}`;
    const begun = await call("PUT", path, text, server);
    expect(begun).toMatchObject({ status: 201, json: { properties: { provisioningState: "Running" } } });
    let status: unknown = "Running";
    while (status === "Running") ({ status } = (await call("GET", begun.poll, undefined, server)).json);
    const { json } = await call("GET", path, undefined, server);
    return json["properties"] as Json;
  }

  it("[ARM-DEPLOYMENT] [ARM-STORAGE-ACCOUNT] create a topic, an account and subscriptions that receive an upload", async () => {
    const { provisioningState, outputs, outputResources, error } = await deploy(
      GROUP,
      "first",
      body({ hook: { value: receiver.url } }, TEMPLATE),
    );
    expect(error).toBeUndefined();
    expect(provisioningState).toBe("Succeeded");
    expect(outputResources).toHaveLength(6);
    const { endpoint, blob, key } = outputs as Record<string, { value: string }>;
    expect(endpoint?.value).toBe(`${ringmain.ready.http}/topics/orders/api/events`);

    const text = `DefaultEndpointsProtocol=http;AccountName=photos;AccountKey=${key?.value};BlobEndpoint=${blob?.value}`;
    const container = BlobServiceClient.fromConnectionString(text).getContainerClient("incoming");
    await container.create();
    await container.getBlockBlobClient("cat.jpg").upload("meow", 4);
    await receiver.until(() => receiver.events.length >= 3);
    expect(receiver.events).toHaveLength(3);
    const topic = `${GROUP}/providers/Microsoft.Storage/storageAccounts/photos`;
    for (const event of receiver.events) {
      expect(event).toMatchObject({ topic, eventType: "Microsoft.Storage.BlobCreated" });
    }
  });

  it("[ARM-DEPLOYMENT-OPERATIONS] list their operations", async () => {
    const { json } = await call("GET", `${GROUP}/deployments/first/operations`);
    const operations = json["value"] as { properties: { targetResource: { resourceName: string } } }[];
    const order = operations.map(({ properties }) => properties.targetResource.resourceName);
    expect(order).toEqual(["photos", "photo-events", "sub0", "sub1", "photo-events/sub3", "orders"]);
  });

  it("[ARM-DEPLOYMENT-FAILED] end with the first failure, and report its reason", async () => {
    const template = `{"resources": [
      {"type": "Microsoft.EventGrid/topics", "apiVersion": "2025-02-15", "name": "no", "location": "local"}]}`;
    const properties = await deploy(GROUP, "failing", body({}, template));
    expect(properties).toMatchObject({
      provisioningState: "Failed",
      error: {
        code: "DeploymentFailed",
        details: [
          { code: "InvalidRequest", message: expect.stringContaining("between 3 and 50 characters") as string },
        ],
      },
    });
  });

  it("[ARM-DEPLOYMENT] fail in production if a webhook's handshake fails", async () => {
    const adminKey = "the-key-of-an-operator";
    const config = { topics: [{ name: "orders" }], adminKey, delivery: { allowedHosts: ["127.0.0.1"] } };
    const strict = await runRingmain({ config, args: ["--memory", "--mode", "production"] });
    onTestFinished(async () => {
      await strict.stop();
    });
    const template = `{"resources": [{"type": "Microsoft.EventGrid/topics/eventSubscriptions", "apiVersion": "2025-02-15",
      "name": "orders/refused",
      "properties": {"destination": {"endpointType": "WebHook", "properties": {"endpointUrl": "http://127.0.0.1:1/"}}}}]}`;
    const properties = await deploy(GROUP, "unconsented", body({}, template), {
      at: strict.ready.http,
      token: adminKey,
    });
    expect(properties).toMatchObject({ provisioningState: "Failed", error: { details: [{ code: "Url validation" }] } });
  });

  it("[ARM-DEPLOYMENT-COMPLETE] in mode Complete delete resources that the template does not declare", async () => {
    await call("PUT", `${SUBSCRIPTION}/resourcegroups/whole`, JSON.stringify({ location: "local" }));
    const topic = (name: string): string =>
      `{"resources": [{"type": "Microsoft.EventGrid/topics", "apiVersion": "2025-02-15", "name": "${name}", "location": "local"}]}`;
    const group = `${SUBSCRIPTION}/resourceGroups/whole`;
    await deploy(group, "one", body({}, topic("first-one")));
    await deploy(group, "two", body({}, topic("second-one"), "Complete"));
    const { json } = await call("GET", `${group}/providers/Microsoft.EventGrid/topics`);
    expect((json["value"] as Json[]).map(({ name }) => name)).toEqual(["second-one"]);
  });

  it("[ARM-DEPLOYMENT] at subscription scope create a group and deploy into it", async () => {
    const template = `{"resources": [
      {"type": "Microsoft.Resources/resourceGroups", "apiVersion": "2021-04-01", "name": "made", "location": "local"},
      {"type": "Microsoft.Resources/deployments", "apiVersion": "2021-04-01", "name": "inner", "resourceGroup": "made",
       "dependsOn": ["made"], "properties": {"mode": "Incremental", "expressionEvaluationOptions": {"scope": "inner"},
       "template": {"resources": [
         {"type": "Microsoft.EventGrid/topics", "apiVersion": "2025-02-15", "name": "inside", "location": "[resourceGroup().location]"}]}}}]}`;
    const text = body({}, template).replace("{", '{"location": "local", ');
    const properties = await deploy(SUBSCRIPTION, "outer", text);
    expect(properties).toMatchObject({ provisioningState: "Succeeded" });
    const path = `${SUBSCRIPTION}/resourceGroups/made/providers/Microsoft.EventGrid/topics/inside`;
    expect((await call("GET", path)).status).toBe(200);
  });

  it("[ARM-DEPLOYMENT] can be validated, previewed, listed and deleted", async () => {
    const path = `${GROUP}/providers/Microsoft.Resources/deployments`;
    const good = body({ hook: { value: "http://127.0.0.1:1/" } }, TEMPLATE);
    expect(await call("POST", `${path}/x/validate`, good)).toMatchObject({
      status: 200,
      json: { properties: { provisioningState: "Succeeded" } },
    });
    const { json } = await call("POST", `${path}/x/whatIf`, good);
    expect(json).toMatchObject({ status: "Succeeded" });
    const list = async (): Promise<unknown[]> =>
      ((await call("GET", `${path}/`)).json["value"] as Json[]).map(({ name }) => name);
    expect(await list()).toEqual(["failing", "first"]);
    expect((await call("DELETE", `${path}/failing`)).status).toBe(204);
    expect(await list()).toEqual(["first"]);
    expect(await call("GET", `${path}/failing`)).toMatchObject({
      status: 404,
      json: { error: { code: "DeploymentNotFound", message: "Deployment 'failing' could not be found." } },
    });
  });

  it.each<[description: string, text: string, code: string]>([
    ["nothing", "", "InvalidRequestContent"],
    ["no template", '{"properties": {}}', "InvalidTemplate"],
    ["a link", '{"properties": {"templateLink": {"uri": "http://x"}}}', "InvalidTemplate"],
    ["a parameter too few", body({}, TEMPLATE), "InvalidTemplate"],
    ["broken text", '{"properties": {', "InvalidRequestContent"],
  ])("[ARM-TEMPLATE-INVALID] of %s are refused", async (_what, text, code) => {
    expect(await call("PUT", `${GROUP}/providers/Microsoft.Resources/deployments/bad`, text)).toMatchObject({
      status: 400,
      json: { error: { code } },
    });
  });
});
