import { describe, expect, it } from "vitest";
import { desiredSubscription } from "../../../test/support/fixtures/desired-resources.ts";
import { EG, GROUP, startArmApp, type ArmApp } from "../../../test/support/servers/arm-app.ts";
import { storageAccountId } from "../../core/resources/resource-id.ts";

const webhook = (url = "http://127.0.0.1:9/hook?code=1", properties = {}) => ({
  properties: { destination: { endpointType: "WebHook", properties: { endpointUrl: url } }, ...properties },
});
const SUBSCRIPTION = `${EG}/topics/orders/providers/Microsoft.EventGrid/eventSubscriptions/one`;

async function withTopic(): Promise<ArmApp> {
  const app = await startArmApp();
  expect((await app.call("PUT", `${EG}/topics/made`, { location: "West US 2", tags: { a: "b" } })).status).toBe(201);
  return app;
}

describe("a resource of Resource Manager", () => {
  it("[ARM-STATUS] has the status codes that all clients accept", async () => {
    const { call } = await startArmApp();
    const statuses = async (path: string, body: unknown, patch: unknown = {}): Promise<number[]> => {
      const first = await call("PUT", path, body);
      const again = await call("PUT", path, body);
      const patched = await call("PATCH", path, patch);
      const read = await call("GET", path);
      const deleted = await call("DELETE", path);
      const gone = await call("DELETE", path);
      return [first, again, patched, read, deleted, gone].map(({ status }) => status);
    };
    const located = { location: "local" };
    expect(await statuses(`${EG}/topics/t-1`, located)).toEqual([201, 201, 200, 200, 204, 204]);
    expect(await statuses(`${EG}/domains/d-1`, located)).toEqual([201, 201, 200, 200, 200, 204]);
    const topicType = "Microsoft.Storage.StorageAccounts";
    const system = { ...located, properties: { source: storageAccountId("a"), topicType } };
    expect(await statuses(`${EG}/systemTopics/s-1`, system)).toEqual([201, 200, 200, 200, 200, 204]);
    expect(await statuses(SUBSCRIPTION, webhook())).toEqual([201, 201, 201, 200, 200, 204]);
    expect(await statuses(`${EG}/partnerRegistrations/p-1`, { location: "global" })).toEqual([
      200, 200, 200, 200, 200, 204,
    ]);
    expect(await statuses(`${EG}/partnerConfigurations/default`, {})).toEqual([201, 200, 200, 200, 200, 204]);
    expect((await call("DELETE", `${EG}/domains/none/topics/t`)).status).toBe(204);
    await call("PUT", `${EG}/domains/d-2`, located);
    expect((await call("PUT", `${EG}/domains/d-2/topics/t-2`)).status).toBe(201);
    expect((await call("DELETE", `${EG}/domains/d-2/topics/t-2`)).status).toBe(200);
    expect((await call("HEAD", `${EG}/domains/d-2`)).status).toBe(204);
  });

  it("[ARM-DEFAULTS] is read with the service's defaults and explicit nulls", async () => {
    const { call } = await withTopic();
    expect((await call("GET", `${EG}/topics/made`)).body).toEqual({
      id: `${EG}/topics/made`,
      name: "made",
      type: "Microsoft.EventGrid/topics",
      location: "westus2",
      tags: { a: "b" },
      systemData: null,
      kind: "Azure",
      sku: { name: "Basic" },
      identity: { type: "None", principalId: null, tenantId: null, userAssignedIdentities: null },
      properties: {
        provisioningState: "Succeeded",
        endpoint: "http://127.0.0.1:6500/topics/made/api/events",
        inputSchema: "EventGridSchema",
        inputSchemaMapping: null,
        metricResourceId: expect.any(String),
        publicNetworkAccess: "Enabled",
        inboundIpRules: null,
        disableLocalAuth: false,
        minimumTlsVersionAllowed: null,
        privateEndpointConnections: null,
        dataResidencyBoundary: "WithinGeopair",
        eventTypeInfo: null,
      },
    });
  });

  it("[ARM-ORIGIN] [ARM-ENDPOINT] has addresses with the request's host, and by id when its name is ambiguous", async () => {
    const { call } = await startArmApp();
    const other = GROUP.replace("/ringmain", "/other");
    await call("PUT", other, { location: "local" });
    await call("PUT", `${other}/providers/Microsoft.EventGrid/topics/orders`, { location: "eastus" });
    const endpoint = async (group: string): Promise<unknown> =>
      (await call("GET", `${group}/providers/Microsoft.EventGrid/topics/orders`)).body.properties.endpoint;
    expect(await endpoint(GROUP)).toBe("http://127.0.0.1:6500/topics/orders/api/events");
    expect(await endpoint(other)).toBe(
      `http://127.0.0.1:6500${other}/providers/Microsoft.EventGrid/topics/orders/api/events`,
    );
  });

  it("[ARM-LOCATION] cannot move to another region, and ignores spaces and case in the region's name", async () => {
    const { call } = await withTopic();
    expect((await call("PUT", `${EG}/topics/made`, { location: "WestUS2" })).status).toBe(201);
    const moved = await call("PUT", `${EG}/topics/made`, { location: "eastus" });
    expect(moved).toMatchObject({ status: 409, body: { error: { code: "InvalidResourceLocation" } } });
    // The harness declared this topic without a region.
    expect((await call("PUT", `${EG}/topics/orders`, { location: "eastus" })).body.location).toBe("eastus");
  });

  it("[ARM-FIXED] refuses to change immutable properties", async () => {
    const { call } = await withTopic();
    const schema = await call("PUT", `${EG}/topics/made`, {
      location: "westus2",
      properties: { inputSchema: "CloudEventSchemaV1_0" },
    });
    expect(schema).toMatchObject({ status: 400, body: { error: { code: "InvalidRequest" } } });
    const system = (source: string) => ({
      location: "local",
      properties: { source, topicType: "Microsoft.Storage.StorageAccounts" },
    });
    await call("PUT", `${EG}/systemTopics/sys`, system(storageAccountId("a")));
    expect((await call("PUT", `${EG}/systemTopics/sys`, system(storageAccountId("b")))).status).toBe(400);
    expect((await call("PUT", `${EG}/systemTopics/sys`, system(`/${storageAccountId("A")}`))).status).toBe(200);
  });

  it("[ARM-CONDITION] is written only if If-Match and If-None-Match hold", async () => {
    const { call } = await withTopic();
    const put = (headers: Record<string, string>, name = "made") =>
      call("PUT", `${EG}/topics/${name}`, { location: "westus2" }, headers);
    expect((await put({ "if-none-match": "*" })).body.error.code).toBe("PreconditionFailed");
    expect((await put({ "if-match": "*" }, "absent")).status).toBe(412);
    expect((await put({ "if-match": '"old"' })).status).toBe(412);
    expect((await put({ "if-match": "*" })).status).toBe(201);
    expect((await put({ "if-none-match": "*" }, "new-one")).status).toBe(201);
    expect((await call("DELETE", `${EG}/topics/made`, undefined, { "if-match": '"old"' })).status).toBe(412);
  });

  it("keeps all changes of concurrent calls", async () => {
    const { call } = await withTopic();
    const changes = Array.from({ length: 4 }, (_, index) =>
      call("PATCH", `${EG}/topics/made`, index === 0 ? { tags: { all: "yes" } } : { properties: PATCHES[index] }),
    );
    expect((await Promise.all(changes)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { body } = await call("GET", `${EG}/topics/made`);
    expect(body).toMatchObject({ tags: { all: "yes" }, properties: { ...PATCHES[1], ...PATCHES[2], ...PATCHES[3] } });
  });

  it("is not created again by a PATCH after its deletion", async () => {
    const { call } = await withTopic();
    await call("DELETE", `${EG}/topics/made`);
    expect((await call("PATCH", `${EG}/topics/made`, { tags: {} })).body.error.code).toBe("ResourceNotFound");
  });
});

const PATCHES = [
  {},
  { publicNetworkAccess: "Disabled" },
  { minimumTlsVersionAllowed: "1.2" },
  { inboundIpRules: [{ ipMask: "10.0.0.0/8", action: "Allow" }] },
];

describe("an event subscription of Resource Manager", () => {
  it("[ARM-TWO-PATHS] has one state under two paths, and is shown under the requested one", async () => {
    const { call } = await startArmApp();
    const nested = `${EG}/topics/orders/eventSubscriptions/one`;
    expect((await call("PUT", nested, webhook())).body).toMatchObject({
      id: nested,
      type: "Microsoft.EventGrid/topics/eventSubscriptions",
    });
    expect((await call("GET", SUBSCRIPTION)).body).toMatchObject({
      id: SUBSCRIPTION,
      type: "Microsoft.EventGrid/eventSubscriptions",
      properties: { topic: `${EG}/topics/orders`.replace("Microsoft.EventGrid", "microsoft.eventgrid") },
    });
    expect((await call("DELETE", SUBSCRIPTION)).status).toBe(200);
    expect((await call("GET", nested)).status).toBe(404);
  });

  it("[ARM-TWO-PATHS] of a system topic is also one of the topic's source", async () => {
    const { call } = await startArmApp();
    const source = storageAccountId("account");
    const properties = { source, topicType: "Microsoft.Storage.StorageAccounts" };
    await call("PUT", `${EG}/systemTopics/blobs`, { location: "local", properties });
    await call("PUT", `${EG}/systemTopics/blobs/eventSubscriptions/copy`, webhook());
    const own = `${source}/providers/Microsoft.EventGrid/eventSubscriptions/copy`;
    expect((await call("GET", own)).body.id).toBe(own);
    const extension = `${EG}/systemTopics/blobs/providers/Microsoft.EventGrid/eventSubscriptions/copy`;
    expect((await call("GET", extension)).body.id).toBe(extension);
  });

  it("[ARM-DEFAULTS] is read with all defaults", async () => {
    const { call } = await startArmApp();
    await call("PUT", SUBSCRIPTION, webhook());
    expect((await call("GET", SUBSCRIPTION)).body.properties).toMatchObject({
      destination: {
        endpointType: "WebHook",
        properties: {
          endpointUrl: null,
          endpointBaseUrl: "http://127.0.0.1:9/hook",
          maxEventsPerBatch: 1,
          preferredBatchSizeInKilobytes: 64,
        },
      },
      deliveryWithResourceIdentity: null,
      filter: { subjectBeginsWith: "", subjectEndsWith: "", includedEventTypes: null },
      labels: null,
      expirationTimeUtc: null,
      eventDeliverySchema: "EventGridSchema",
      retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
      deadLetterDestination: null,
      deadLetterWithResourceIdentity: null,
    });
  });

  it("[ARM-LRO] has an operation in progress until the endpoint has responded", async () => {
    const { call, harness } = await startArmApp({}, { enforceHandshake: true });
    let consent: () => void = () => {};
    harness.destination("one").consent = () =>
      new Promise((resolve) => {
        consent = () => resolve({ kind: "validated", detail: "" });
      });
    const created = await call("PUT", SUBSCRIPTION, webhook());
    expect(created.body.properties.provisioningState).toBe("Creating");
    expect(created.headers.get("retry-after")).toBe("1");
    const operation = new URL(created.headers.get("azure-asyncoperation") ?? "");
    expect(operation.origin).toBe("http://127.0.0.1:6500");
    const poll = () => call("GET", operation.pathname + operation.search);
    const waiting = await poll();
    expect(waiting).toMatchObject({ status: 200, body: { status: "InProgress", id: operation.pathname } });
    expect(waiting.headers.get("retry-after")).toBe("1");
    consent();
    await harness.fastForward(0);
    expect((await poll()).body.status).toBe("Succeeded");
    await call("DELETE", SUBSCRIPTION);
    expect((await poll()).body.error.code).toBe("ResourceNotFound");
  });

  it("[ARM-LRO] has an operation in progress until its manual validation", async () => {
    const { call, harness } = await startArmApp({}, { enforceHandshake: true });
    harness.destination("one").consent = () => ({ kind: "awaiting-manual-action", detail: "It answered 200." });
    const created = await call("PUT", SUBSCRIPTION, webhook());
    const operation = new URL(created.headers.get("azure-asyncoperation") ?? "");
    const poll = async (): Promise<unknown> => (await call("GET", operation.pathname + operation.search)).body.status;
    await harness.fastForward(0);
    expect((await call("GET", SUBSCRIPTION)).body.properties.provisioningState).toBe("AwaitingManualAction");
    expect(await poll()).toBe("InProgress");
    await harness.engine.handshakes.confirm("one", harness.destination("one").handshakes[0]?.validationCode ?? "");
    expect(await poll()).toBe("Succeeded");
  });

  it("[ARM-LRO] has a failed operation after the last attempt, with the service's code and the reason", async () => {
    const { call, harness } = await startArmApp({}, { enforceHandshake: true });
    harness.destination("one").consent = () => ({ kind: "failed", detail: "It answered 404." });
    const created = await call("PUT", SUBSCRIPTION, webhook("http://127.0.0.1:9/hook?code=secret"));
    const operation = new URL(created.headers.get("azure-asyncoperation") ?? "");
    const poll = () => call("GET", operation.pathname + operation.search);
    await harness.fastForward(0);
    expect((await poll()).body.status).toBe("InProgress");
    await harness.fastForward(60_000);
    const message =
      "The attempt to validate the provided endpoint http://127.0.0.1:9/hook failed. For more details, visit https://aka.ms/esvalidation. It answered 404.";
    expect((await poll()).body).toMatchObject({ status: "Failed", error: { code: "Url validation", message } });
    expect((await call("GET", SUBSCRIPTION)).body.properties.provisioningState).toBe("Failed");
  });

  it("[ARM-LRO] repeats the handshake when the same body is put again", async () => {
    const { call, harness } = await startArmApp({}, { enforceHandshake: true });
    harness.destination("one").consent = () => ({ kind: "failed", detail: "It was down." });
    await call("PUT", SUBSCRIPTION, webhook());
    await harness.fastForward(60_000);
    harness.destination("one").consent = () => ({ kind: "validated", detail: "" });
    const again = await call("PUT", SUBSCRIPTION, webhook());
    expect(again.body.properties.provisioningState).toBe("Updating");
    const operation = new URL(again.headers.get("azure-asyncoperation") ?? "");
    await harness.fastForward(0);
    expect((await call("GET", operation.pathname + operation.search)).body.status).toBe("Succeeded");
  });

  it("[EG-HANDSHAKE-DEV] has an ended operation where consent is not enforced, and repeats the handshake when put again", async () => {
    const { call, harness } = await startArmApp();
    harness.destination("one").consent = () => ({ kind: "awaiting-manual-action", detail: "It answered 200." });
    for (const [method, body] of [
      ["PUT", webhook()],
      ["PUT", webhook()],
      ["PATCH", { labels: ["new"] }],
      ["PATCH", { labels: ["new"] }],
    ] as const) {
      const asked = harness.destination("one").handshakes.length;
      const answer = await call(method, SUBSCRIPTION, body);
      expect(answer.status).toBe(201);
      expect(answer.body.properties.provisioningState).toBe("Succeeded");
      const operation = new URL(answer.headers.get("azure-asyncoperation") ?? "");
      expect((await call("GET", operation.pathname + operation.search)).body.status).toBe("Succeeded");
      await harness.fastForward(60_000);
      expect(harness.destination("one").handshakes.length).toBe(asked + 1);
    }
  });

  it("[ARM-LRO] has an ended operation when its destination needs no consent", async () => {
    const { call } = await startArmApp({}, { enforceHandshake: true });
    const resourceId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/app/functions/f";
    const destination = { endpointType: "AzureFunction", properties: { resourceId } };
    const created = await call("PUT", SUBSCRIPTION, { properties: { destination } });
    const operation = new URL(created.headers.get("azure-asyncoperation") ?? "");
    expect((await call("GET", operation.pathname + operation.search)).body.status).toBe("Succeeded");
  });

  it("[ARM-PATCH-FLAT] [ARM-PATCH-SECRET] is changed by a flat body, and keeps secrets that no read returns", async () => {
    const { call, harness } = await startArmApp();
    const secret = { name: "X-Key", type: "Static", properties: { value: "hush", isSecret: true } };
    await call("PUT", SUBSCRIPTION, {
      properties: {
        destination: {
          endpointType: "WebHook",
          properties: { endpointUrl: "http://127.0.0.1:9/?code=1", deliveryAttributeMappings: [secret] },
        },
        labels: ["kept"],
        expirationTimeUtc: "",
      },
    });
    const { properties } = (await call("GET", SUBSCRIPTION)).body;
    expect(JSON.stringify(properties)).not.toMatch(/hush|code/);
    const { destination } = properties;
    await call("PATCH", SUBSCRIPTION, { destination, filter: { subjectEndsWith: ".jpg" } });
    await call("PATCH", SUBSCRIPTION, {
      destination: { endpointType: "webhook" },
      retryPolicy: { maxDeliveryAttempts: 5 },
    });
    await call("PATCH", SUBSCRIPTION, { properties: { labels: ["lost"] } });
    const stored = harness.engine.directory.get(SUBSCRIPTION)?.resource.properties;
    expect(stored).toMatchObject({
      destination: { properties: { endpointUrl: "http://127.0.0.1:9/?code=1", deliveryAttributeMappings: [secret] } },
      filter: { subjectEndsWith: ".jpg" },
      retryPolicy: { maxDeliveryAttempts: 5, eventTimeToLiveInMinutes: 1440 },
      labels: ["kept"],
    });
    const attributes = await call("POST", `${SUBSCRIPTION}/getDeliveryAttributes`);
    expect(attributes.body).toEqual({ value: [secret] });
  });

  it("[ARM-FULL-URL] returns the full URL of a webhook, and an error for other destinations", async () => {
    const { call } = await startArmApp();
    await call("PUT", SUBSCRIPTION, webhook());
    expect((await call("POST", `${SUBSCRIPTION}/getFullUrl`)).body).toEqual({
      endpointUrl: "http://127.0.0.1:9/hook?code=1",
    });
    const resourceId = `${GROUP}/providers/Microsoft.Web/sites/app/functions/fn`;
    await call("PUT", SUBSCRIPTION, {
      properties: { destination: { endpointType: "azurefunction", properties: { resourceId } } },
    });
    expect(await call("POST", `${SUBSCRIPTION}/GETFULLURL`)).toMatchObject({
      status: 400,
      body: {
        error: {
          code: "InvalidRequest",
          message:
            "Destination type of the event subscription one is AzureFunction which doesn't support full URL. Only webhook destination type supports full URL.",
        },
      },
    });
  });

  it("is refused without exactly one destination of a known kind and an existing topic", async () => {
    const { call } = await startArmApp();
    const code = async (properties: unknown, path = SUBSCRIPTION): Promise<unknown> => {
      const { status, body } = await call("PUT", path, { properties });
      return [status, body.error.code, body.error.message];
    };
    const { destination } = webhook().properties;
    const identity = { identity: { type: "SystemAssigned" }, destination };
    expect(await code({})).toEqual([400, "InvalidRequest", expect.stringContaining("needs a 'destination'")]);
    expect(await code({ destination, deliveryWithResourceIdentity: identity })).toEqual([
      400,
      "InvalidRequest",
      expect.stringContaining("Only one of"),
    ]);
    expect(await code({ destination: { endpointType: "Pigeon" } })).toEqual([
      400,
      "InvalidRequest",
      expect.stringContaining("'Pigeon' are not supported"),
    ]);
    expect(await code({ destination }, SUBSCRIPTION.replace("orders", "nothing"))).toEqual([
      404,
      "ResourceNotFound",
      expect.any(String),
    ]);
    expect(await code({ destination: { endpointType: "WebHook", properties: { endpointUrl: null } } })).toEqual([
      400,
      "InvalidRequest",
      expect.stringContaining("Supplied URL is invalid"),
    ]);
  });

  it("is listed together with those in the configuration file", async () => {
    const { call, harness } = await startArmApp();
    await harness.engine.controlPlane.put(desiredSubscription("declared"));
    await call("PUT", SUBSCRIPTION, webhook());
    const list = await call("GET", `${EG}/topics/orders/eventSubscriptions`);
    expect(list.body.value.map(({ name }: { name: string }) => name)).toEqual(["declared", "one"]);
  });
});
