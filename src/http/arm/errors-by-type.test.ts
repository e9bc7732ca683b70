import { describe, expect, it } from "vitest";
import { expectErrors, type ErrorRow } from "../../../test/support/clients/expect-errors.ts";
import { armSamples } from "../../../test/support/fixtures/arm-samples.ts";
import { EG, GROUP, startArmApp, type ArmApp } from "../../../test/support/servers/arm-app.ts";
import { DEFAULT_SUBSCRIPTION_ID } from "../../core/resources/resource-id.ts";

const LOCATED = { location: "local" };
const ACCOUNTS = `${GROUP}/providers/Microsoft.Storage/storageAccounts`;
const REGISTRATION = `${EG}/partnerRegistrations/contoso`;
const NAMESPACE = `${EG}/partnerNamespaces/contoso-ns`;
const STORAGE_EVENTS = "Microsoft.Storage.StorageAccounts";
const destination = { endpointType: "WebHook", properties: { endpointUrl: "http://127.0.0.1:9/hook" } };
const topicInfo = {
  azureSubscriptionId: DEFAULT_SUBSCRIPTION_ID,
  resourceGroupName: "ringmain",
  name: "news",
  source: "/contoso",
};
const channel = (info: object = {}): object => ({
  properties: { channelType: "PartnerTopic", partnerTopicInfo: { ...topicInfo, ...info } },
});
const namespace = (properties: object = {}): object => ({
  ...LOCATED,
  properties: { partnerRegistrationFullyQualifiedId: REGISTRATION, ...properties },
});
const system = (source: string): object => ({ ...LOCATED, properties: { source, topicType: STORAGE_EVENTS } });

const SAMPLES = armSamples("ringmain");
const EACH = Object.entries(SAMPLES);

/** The types that a PUT can create. */
const CREATABLE = EACH.filter(([type]) => type !== "Microsoft.EventGrid/partnerTopics");

async function withEverything(): Promise<ArmApp> {
  const app = await startArmApp();
  for (const [type, { path, body }] of EACH) {
    expect((await app.call("PUT", path, body)).status, type).toBeLessThan(300);
  }
  return app;
}

describe("the errors that every type of resource has", () => {
  it.each(EACH)(
    "[ARM-BODY] of %s: a body that is no object; unknown members are ignored",
    async (_, { path, body }) => {
      const app = await withEverything();
      const code = "InvalidRequestContent";
      await expectErrors(app, [
        ["an array", "PUT", path, [], 400, code, "JSON object"],
        ["no JSON", "PUT", path, "{", 400, code, "not valid JSON"],
      ]);
      const { properties = {} } = body as { properties?: object };
      const more = { ...body, nonsense: 1, properties: { ...properties, nonsense: {} } };
      expect((await app.call("PUT", path, more)).status).toBeLessThan(300);
      expect(JSON.stringify((await app.call("GET", path)).body)).not.toContain("nonsense");
    },
  );

  it.each(EACH)("[ARM-CONDITION] of %s: a condition that does not hold", async (_, { path, body }) => {
    const rows = (conditions: readonly [string, string, string][]): ErrorRow[] =>
      conditions.map(([method, name, value]) => [
        `${method} ${name}: ${value}`,
        method,
        path,
        method === "PUT" ? body : undefined,
        412,
        "PreconditionFailed",
        value,
        { [name]: value },
      ]);
    await expectErrors(
      await withEverything(),
      rows([
        ["PUT", "if-none-match", "*"],
        ["PUT", "if-match", '"of before"'],
        ["DELETE", "if-match", '"of before"'],
      ]),
    );
  });

  it.each(CREATABLE)("[ARM-CONDITION] of %s: If-Match for a missing resource", async (type, { path, body }) => {
    const app = await startArmApp();
    for (const [other, sample] of CREATABLE.slice(
      0,
      CREATABLE.findIndex(([each]) => each === type),
    )) {
      expect((await app.call("PUT", sample.path, sample.body)).status, other).toBeLessThan(300);
    }
    await expectErrors(app, [
      ["PUT", "PUT", path, body, 412, "PreconditionFailed", "If-Match: *", { "if-match": "*" }],
    ]);
    expect((await app.call("GET", path)).status).toBe(404);
  });

  it.each(EACH)("[ARM-ERROR] of %s: missing resources and unsupported methods", async (type, { path, body }) => {
    const app = await withEverything();
    const none = path.replace(/[^/]*$/, "none");
    const isGroup = type === "Microsoft.Resources/resourceGroups";
    const code = isGroup ? "ResourceGroupNotFound" : "ResourceNotFound";
    const hasPatch = type !== "Microsoft.EventGrid/domains/topics";
    await expectErrors(app, [
      ["GET", "GET", none, undefined, 404, code, "none"],
      hasPatch
        ? ["PATCH", "PATCH", none, {}, 404, code, "none"]
        : ["PATCH", "PATCH", path, {}, 405, "MethodNotAllowed", "PATCH"],
      ["POST", "POST", path, {}, 405, "MethodNotAllowed", "POST"],
    ]);
    expect((await app.call("DELETE", none)).status).toBe(isGroup ? 404 : 204);
    if (isGroup) return;
    const elsewhere = path.replace("/resourceGroups/ringmain/", "/resourceGroups/nowhere/");
    await expectErrors(app, [
      ["another group, PUT", "PUT", elsewhere, body, 404, "ResourceGroupNotFound", "'nowhere'"],
      ["another group, GET", "GET", elsewhere, undefined, 404, "ResourceGroupNotFound", "'nowhere'"],
      ["another group, DELETE", "DELETE", elsewhere, undefined, 404, "ResourceGroupNotFound", "'nowhere'"],
    ]);
  });
});

describe("the errors of single types", () => {
  it("[ARM-ERROR] [EG-STORAGE-ACCOUNT-NAME] name an invalid name, in the words of each type", async () => {
    const long = (length: number): string => "n".repeat(length);
    const { body: account } = SAMPLES["Microsoft.Storage/storageAccounts"];
    const account400 = "AccountNameInvalid";
    await expectErrors(await withEverything(), [
      ["group", "PUT", GROUP.replace(/[^/]*$/, long(91)), LOCATED, 400, "InvalidResourceName", "90"],
      ["group, end", "PUT", `${GROUP}.`, LOCATED, 400, "InvalidResourceName", "ringmain."],
      ["account, case", "PUT", `${ACCOUNTS}/Photos2`, account, 400, account400, "lower-case letters"],
      ["account, long", "PUT", `${ACCOUNTS}/${long(25)}`, account, 400, account400, "between 3 and 24"],
      ["account, taken", "PUT", ofOtherGroup("/photos"), account, 409, "StorageAccountAlreadyTaken", "named photos"],
      ["domain", "PUT", `${EG}/domains/EventGrid-x`, LOCATED, 400, "InvalidRequest", "must not begin with"],
      ["domain topic", "PUT", `${EG}/domains/shop/topics/a+b`, {}, 400, "InvalidRequest", "'a+b'"],
      ["system topic", "PUT", `${EG}/systemTopics/ab`, system(`${ACCOUNTS}/x`), 400, "InvalidRequest", "3 and 128"],
      ["registration", "PUT", `${EG}/partnerRegistrations/ab`, LOCATED, 400, "InvalidRequest", "3 and 64"],
      ["namespace", "PUT", `${EG}/partnerNamespaces/${long(51)}`, namespace(), 400, "InvalidRequest", "3 and 50"],
      ["channel", "PUT", `${NAMESPACE}/channels/${long(65)}`, channel(), 400, "InvalidRequest", "3 and 64"],
      ["partner topic", "PUT", `${EG}/partnerTopics/mine`, LOCATED, 400, "InvalidRequest", "only by a channel"],
    ]);
  });

  it("[ARM-ERROR] name members that are missing, out of range, or in conflict", async () => {
    const topic = (problem: string, members: object, code: string, named: string): ErrorRow => [
      problem,
      "PUT",
      `${EG}/topics/fresh`,
      { ...LOCATED, ...members },
      400,
      code,
      named,
    ];
    const [content, request] = ["InvalidRequestContent", "InvalidRequest"];
    const kind = { sourceField: "kind" };
    const mapping = { inputSchemaMappingType: "Json", properties: { eventType: kind, subject: kind } };
    await expectErrors(await withEverything(), [
      ["topic, no location", "PUT", `${EG}/topics/fresh`, {}, 400, "LocationRequired", "location"],
      ["group, no location", "PUT", `${GROUP}-fresh`, {}, 400, "LocationRequired", "location"],
      topic("tag", { tags: { a: 1 } }, content, "'tags.a'"),
      topic("schema", { properties: { inputSchema: "Xml" } }, content, "'properties.inputSchema'"),
      topic("access", { properties: { publicNetworkAccess: "Maybe" } }, content, "'Enabled', 'Disabled'"),
      topic(
        "rule",
        { properties: { inboundIpRules: [{ ipMask: "300.1.1.1", action: "Allow" }] } },
        request,
        "300.1.1.1",
      ),
      topic("action", { properties: { inboundIpRules: [{ ipMask: "10.0.0.1", action: "Deny" }] } }, content, "action"),
      topic("identity", { identity: { type: "Some" } }, content, "'identity.type'"),
      [
        "domain whose events name no topic",
        "PUT",
        `${EG}/domains/fresh`,
        { ...LOCATED, properties: { inputSchema: "CustomEventSchema", inputSchemaMapping: mapping } },
        400,
        request,
        "'topic'",
      ],
      ["system topic, nothing", "PUT", `${EG}/systemTopics/fresh`, LOCATED, 400, request, "source"],
      ["system topic, source", "PUT", `${EG}/systemTopics/fresh`, system(EG), 400, request, "its ids look like"],
      ["namespace, nothing", "PUT", `${EG}/partnerNamespaces/fresh`, LOCATED, 400, request, "needs a registration"],
      [
        "namespace, mode",
        "PUT",
        `${EG}/partnerNamespaces/fresh`,
        namespace({ partnerTopicRoutingMode: "x" }),
        400,
        content,
        "'SourceEventAttribute', 'ChannelNameHeader'",
      ],
      ["channel, nothing", "PUT", `${NAMESPACE}/channels/fresh`, {}, 400, request, "partnerTopicInfo.source"],
      [
        "channel, type",
        "PUT",
        `${NAMESPACE}/channels/fresh`,
        { properties: { channelType: "PartnerDestination" } },
        400,
        content,
        "'PartnerTopic'",
      ],
      [
        "configuration, days",
        "PUT",
        `${EG}/partnerConfigurations/default`,
        { properties: { partnerAuthorization: { defaultMaximumExpirationTimeInDays: 366 } } },
        400,
        request,
        "between 1 and 365",
      ],
      [
        "configuration, partner",
        "POST",
        `${EG}/partnerConfigurations/default/authorizePartner`,
        {},
        400,
        request,
        "partner",
      ],
    ]);
  });

  it("[ARM-ERROR] [ARM-FIXED] refuse updates that contradict the stored resource", async () => {
    const app = await withEverything();
    const request = "InvalidRequest";
    await app.call("PUT", `${GROUP}-abroad`, { location: "westus2" });
    await expectErrors(app, [
      [
        "group",
        "PUT",
        `${GROUP}-abroad`,
        { location: "eastus" },
        409,
        "InvalidResourceGroupLocation",
        "ringmain-abroad",
      ],
      [
        "schema",
        "PUT",
        `${EG}/topics/made`,
        { ...LOCATED, properties: { inputSchema: "CloudEventSchemaV1_0" } },
        400,
        request,
        "input schema",
      ],
      ["source", "PUT", `${EG}/systemTopics/uploads`, system(`${ACCOUNTS}/third`), 400, request, "source"],
      [
        "second of a source",
        "PUT",
        `${EG}/systemTopics/second`,
        system(`${ACCOUNTS}/other`),
        400,
        request,
        "existing tracked",
      ],
      [
        "routing",
        "PUT",
        NAMESPACE,
        namespace({ partnerTopicRoutingMode: "ChannelNameHeader" }),
        400,
        request,
        "partnerTopicRoutingMode",
      ],
      [
        "channel",
        "PUT",
        `${NAMESPACE}/channels/news`,
        channel({ name: "other" }),
        400,
        request,
        "partnerTopicInfo.name",
      ],
      ["taken partner topic", "PUT", `${NAMESPACE}/channels/second`, channel(), 409, "Conflict", "news"],
    ]);
  });

  it("[EG-PARTNER-DELETE] refuse to delete a resource in use; other resources are deleted with their children", async () => {
    const app = await withEverything();
    await app.call("PUT", `${EG}/domains/shop/topics/europe/eventSubscriptions/one`, { properties: { destination } });
    await expectErrors(app, [
      ["namespace", "DELETE", NAMESPACE, undefined, 409, "Conflict", "'contoso-ns'"],
      ["registration", "DELETE", REGISTRATION, undefined, 409, "Conflict", "'contoso'"],
    ]);
    const goes = async (parent: string, status: number, children: readonly string[]): Promise<void> => {
      for (const child of children) expect((await app.call("GET", child)).status, child).toBe(200);
      expect((await app.call("DELETE", parent)).status, parent).toBe(status);
      for (const child of children) expect((await app.call("GET", child)).status, child).toBe(404);
    };
    await goes(`${EG}/topics/made`, 204, [`${EG}/topics/made/eventSubscriptions/billing`]);
    const europe = `${EG}/domains/shop/topics/europe`;
    await goes(`${EG}/domains/shop`, 200, [europe, `${europe}/eventSubscriptions/one`]);
    await goes(GROUP, 200, [`${NAMESPACE}/channels/news`, REGISTRATION, `${ACCOUNTS}/photos`]);
  });
});

/** Returns the id of an account in another group. */
function ofOtherGroup(name: string): string {
  return `${GROUP}-made/providers/Microsoft.Storage/storageAccounts${name}`;
}
