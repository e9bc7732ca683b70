import { describe, expect, it } from "vitest";
import { expectErrors, type ErrorRow } from "../../../test/support/clients/expect-errors.ts";
import { EG, GROUP, startArmApp, type ArmApp } from "../../../test/support/servers/arm-app.ts";

const LOCATED = { location: "local" };
const ABROAD = { location: "westus2" };
const STORAGE = `${GROUP}/providers/Microsoft.Storage/storageAccounts/source`;
const REGISTRATION = `${EG}/partnerRegistrations/contoso`;

const url = (endpointUrl: string) => ({ endpointType: "WebHook", properties: { endpointUrl } });
const webhook = url("http://127.0.0.1:9/hook");
const subscription = (properties: object) => ({ properties: { destination: webhook, ...properties } });
const SUBSCRIPTION = `${EG}/topics/orders/providers/Microsoft.EventGrid/eventSubscriptions/made`;

/** Starts an app with one resource of each kind that can have children. */
async function withParents(): Promise<ArmApp> {
  const app = await startArmApp();
  const make = async (path: string, body: unknown) =>
    expect((await app.call("PUT", path, body)).status).toBeLessThan(300);
  await make(`${EG}/domains/shops`, ABROAD);
  await make(REGISTRATION, { location: "global" });
  await make(`${EG}/partnerNamespaces/contoso-ns`, {
    ...LOCATED,
    properties: { partnerRegistrationFullyQualifiedId: REGISTRATION },
  });
  await make(`${EG}/systemTopics/uploads`, {
    ...LOCATED,
    properties: { source: STORAGE, topicType: "Microsoft.Storage.StorageAccounts" },
  });
  return app;
}

describe("the errors of Resource Manager", () => {
  it("[ARM-ERROR] name a name that is too short, too long, or has invalid characters", async () => {
    const long = "n".repeat(51);
    const code = "InvalidRequest";
    await expectErrors(await withParents(), [
      ["topic, short", "PUT", `${EG}/topics/ab`, LOCATED, 400, code, "between 3 and 50"],
      ["topic, long", "PUT", `${EG}/topics/${long}`, LOCATED, 400, code, "between 3 and 50"],
      ["topic, characters", "PUT", `${EG}/topics/a_b_c`, LOCATED, 400, code, "'a_b_c'"],
      ["topic, Azure's own", "PUT", `${EG}/topics/Microsoft-t`, LOCATED, 400, code, "Microsoft"],
      ["domain, short", "PUT", `${EG}/domains/ab`, LOCATED, 400, code, "between 3 and 50"],
      ["domain topic", "PUT", `${EG}/domains/shops/topics/${"n".repeat(129)}`, {}, 400, code, "between 1 and 128"],
      ["subscription", "PUT", SUBSCRIPTION.replace("made", "ab"), subscription({}), 400, code, "'ab' is 2"],
      ["subscription, long", "PUT", SUBSCRIPTION.replace("made", "n".repeat(101)), subscription({}), 400, code, "101"],
      ["registration", "PUT", `${EG}/partnerRegistrations/p_p_p`, { location: "global" }, 400, code, "'p_p_p'"],
      ["configuration", "PUT", `${EG}/partnerConfigurations/mine`, {}, 400, "InvalidResourceName", "'default'"],
    ]);
  });

  it("[ARM-ERROR] name invalid or conflicting members of a subscription", async () => {
    const put = (problem: string, properties: object, named: string, code = "InvalidRequest"): ErrorRow => [
      problem,
      "PUT",
      SUBSCRIPTION,
      subscription(properties),
      400,
      code,
      named,
    ];
    const advanced = (filter: object) => ({ filter: { advancedFilters: [filter] } });
    const kind = "InvalidRequestContent";
    await expectErrors(await withParents(), [
      put("attempts", { retryPolicy: { maxDeliveryAttempts: 31 } }, "between 1 and 30"),
      put("time to live", { retryPolicy: { eventTimeToLiveInMinutes: 1_441 } }, "between 1 and 1440"),
      put("operator", advanced({ operatorType: "StringSounds", key: "data.a", values: ["a"] }), "'StringSounds'", kind),
      put("no key", advanced({ operatorType: "StringIn", values: ["a"] }), "key"),
      put("values", advanced({ operatorType: "NumberIn", key: "data.a", values: ["a"] }), "values"),
      put("past", { expirationTimeUtc: "2001-01-01T00:00:00Z" }, "expiration"),
      put("schema", { eventDeliverySchema: "Xml" }, "eventDeliverySchema", kind),
      put("labels", { labels: "one" }, "labels", kind),
      put("filter", { filter: [] }, "filter", kind),
      put("URL", { destination: url("ftp://127.0.0.1/hook") }, "Supplied URL is invalid"),
    ]);
  });

  it("[ARM-ERROR] [EG-PARTNER-NAME] name a missing parent, and a missing resource that a body refers to", async () => {
    const app = await withParents();
    const child = "ParentResourceNotFound";
    const channel = { properties: { channelType: "PartnerTopic", partnerTopicInfo: { name: "t", source: "s" } } };
    await expectErrors(app, [
      ["domain", "PUT", `${EG}/domains/none/topics/one`, {}, 404, child, "'none'"],
      ["topic", "PUT", `${EG}/topics/none/eventSubscriptions/one`, subscription({}), 404, child, "'none'"],
      ["system topic", "PUT", `${EG}/systemTopics/none/eventSubscriptions/one`, subscription({}), 404, child, "'none'"],
      [
        "partner topic",
        "PUT",
        `${EG}/partnerTopics/none/eventSubscriptions/one`,
        subscription({}),
        404,
        child,
        "'none'",
      ],
      ["partner namespace", "PUT", `${EG}/partnerNamespaces/none/channels/one`, channel, 404, child, "'none'"],
      [
        "registration",
        "PUT",
        `${EG}/partnerNamespaces/stray`,
        { ...LOCATED, properties: { partnerRegistrationFullyQualifiedId: `${EG}/partnerRegistrations/none` } },
        404,
        "ResourceNotFound",
        "partnerRegistrations/none",
      ],
      ["patched", "PATCH", `${EG}/topics/none`, {}, 404, "ResourceNotFound", "topics/none"],
      ["keys", "POST", `${EG}/topics/none/listKeys`, undefined, 404, "ResourceNotFound", "topics/none"],
      ["action", "POST", `${EG}/topics/orders/explode`, undefined, 404, "InvalidResourceType", "topics/explode"],
    ]);
    expect((await app.call("PUT", `${EG}/partnerRegistrations/Contoso.Finance`, { location: "global" })).status).toBe(
      200,
    );
  });

  it("[ARM-ERROR] [ARM-FIXED] refuse to change immutable members, and to use a name or source that is taken", async () => {
    const app = await withParents();
    const system = (name: string, source: string, named: string): ErrorRow => [
      name,
      "PUT",
      `${EG}/systemTopics/${name}`,
      { ...LOCATED, properties: { source, topicType: "Microsoft.Storage.StorageAccounts" } },
      400,
      "InvalidRequest",
      named,
    ];
    await expectErrors(app, [
      [
        "schema",
        "PUT",
        `${EG}/domains/shops`,
        { ...ABROAD, properties: { inputSchema: "CloudEventSchemaV1_0" } },
        400,
        "InvalidRequest",
        "input schema",
      ],
      ["region", "PUT", `${EG}/domains/shops`, { location: "eastus" }, 409, "InvalidResourceLocation", "'shops'"],
      system("uploads", `${STORAGE}2`, "cannot be changed"),
      system("second", STORAGE, "existing tracked system topic"),
      ["key", "POST", `${EG}/domains/shops/regenerateKey`, { keyName: "key3" }, 400, "InvalidRequestContent", "key"],
    ]);
  });

  it("[ARM-ERROR] [EG-PARTNER-DELETE] refuse to delete a resource in use", async () => {
    const app = await withParents();
    await expectErrors(app, [["registration", "DELETE", REGISTRATION, undefined, 409, "Conflict", "contoso"]]);
    expect((await app.call("DELETE", `${EG}/partnerNamespaces/contoso-ns`)).status).toBe(200);
    expect((await app.call("DELETE", REGISTRATION)).status).toBe(200);
  });

  it("[ARM-SUBSCRIPTION-LISTS] a subscription to a group is global, in whichever region the group is", async () => {
    const { call } = await startArmApp();
    const group = GROUP.replace(/[^/]*$/, "abroad");
    await call("PUT", group, { location: "westus2" });
    const list = `${group}/providers/Microsoft.EventGrid/eventSubscriptions`;
    expect((await call("PUT", `${list}/made`, subscription({}))).status).toBe(201);
    expect((await call("GET", list)).body.value).toMatchObject([{ name: "made" }]);
  });
});
