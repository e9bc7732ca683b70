import { describe, expect, it } from "vitest";
import { checkResources } from "./check-resources.ts";
import { configSchema } from "./schema.ts";
import { toResources } from "./to-resources.ts";

const webhook = { endpointType: "WebHook", properties: { endpointUrl: "http://localhost:1/" } };
const subscription = { name: "everything", destination: webhook };
const functionOf = (app: string) => ({
  endpointType: "AzureFunction",
  properties: { resourceId: `/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/${app}/functions/f` },
});
const problems = (config: unknown): string[] => checkResources(configSchema.parse(config));

describe("toResources", () => {
  it.each([
    ["EventGridSchema", "EventGridSchema"],
    ["CloudEventSchemaV1_0", "CloudEventSchemaV1_0"],
    ["CustomEventSchema", "EventGridSchema"],
  ])("[EG-SCHEMA-DEFAULT] delivers events of a %s topic as %s by default", (inputSchema, delivered) => {
    const config = configSchema.parse({ topics: [{ name: "orders", inputSchema, subscriptions: [subscription] }] });
    expect(toResources(config)[1]?.resource).toMatchObject({
      properties: {
        eventDeliverySchema: delivered,
        retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
      },
    });
  });

  it("creates system topics of every type, with a local source unless one is set", () => {
    const source = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Cache/Redis/r";
    const config = configSchema.parse({
      systemTopics: [
        { name: "vault", topicType: "microsoft.keyvault.vaults", subscriptions: [subscription] },
        { name: "cache", topicType: "Microsoft.Cache.Redis", source },
        { name: "group", topicType: "Microsoft.Resources.ResourceGroups" },
      ],
    });
    const [vault, everything, cache, group] = toResources(config).map(({ resource }) => resource);
    const vaultId =
      "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ringmain/providers/Microsoft.KeyVault/vaults/vault";
    expect(vault).toMatchObject({
      name: "vault",
      properties: { source: vaultId, topicType: "Microsoft.KeyVault.vaults" },
    });
    expect(everything).toMatchObject({
      id: `${vaultId}/providers/Microsoft.EventGrid/eventSubscriptions/everything`,
      properties: { topic: vaultId },
    });
    expect(cache).toMatchObject({ properties: { source } });
    expect(group).toMatchObject({
      properties: { source: "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ringmain" },
    });
  });

  it("creates domains with topics and subscriptions, and partner namespaces with channels", () => {
    const config = configSchema.parse({
      domains: [
        {
          name: "shops",
          inputSchema: "CloudEventSchemaV1_0",
          inboundIpRules: [{ ipMask: "10.0.0.0/8" }],
          autoDeleteTopicWithLastSubscription: false,
          topics: [{ name: "north", subscriptions: [subscription] }],
          subscriptions: [subscription],
        },
      ],
      partnerNamespaces: [
        { name: "contoso", channels: [{ name: "sales", source: "s", subscriptions: [subscription] }] },
      ],
    });
    expect(checkResources(config)).toEqual([]);
    const declared = toResources(config).map(({ resource: { id, properties } }) => ({
      id: id.slice(id.indexOf("/Microsoft.EventGrid/") + 21),
      schema: "eventDeliverySchema" in properties ? properties.eventDeliverySchema : undefined,
    }));
    const subscriptionId = "providers/Microsoft.EventGrid/eventSubscriptions/everything";
    const schema = "CloudEventSchemaV1_0";
    expect(declared).toEqual([
      { id: "domains/shops" },
      { id: "domains/shops/topics/north" },
      { id: `domains/shops/topics/north/${subscriptionId}`, schema },
      { id: `domains/shops/${subscriptionId}`, schema },
      { id: "partnerRegistrations/contoso" },
      { id: "partnerNamespaces/contoso" },
      { id: "partnerNamespaces/contoso/channels/sales" },
      { id: `partnerTopics/sales/${subscriptionId}`, schema },
    ]);
    expect(toResources(config)[0]?.resource.properties).toEqual({
      inputSchema: "CloudEventSchemaV1_0",
      inboundIpRules: [{ ipMask: "10.0.0.0/8" }],
      autoDeleteTopicWithLastSubscription: false,
    });
  });

  it("accepts identities in Resource Manager's form", () => {
    const identity = { type: "SystemAssigned" as const };
    const deadLetterDestination = { endpointType: "Folder" as const, properties: { path: "dead" } };
    const config = configSchema.parse({
      topics: [
        {
          name: "orders",
          identity,
          subscriptions: [
            {
              name: "as-topic",
              deliveryWithResourceIdentity: { identity, destination: webhook },
              deadLetterWithResourceIdentity: { identity, deadLetterDestination },
            },
          ],
        },
      ],
    });
    const [topic, listener] = toResources(config);
    expect(topic?.resource).toMatchObject({ identity });
    expect(listener?.resource.properties).toMatchObject({
      destination: webhook,
      deliveryIdentity: identity,
      deadLetterDestination,
      deadLetterIdentity: identity,
    });
  });

  it.each([
    [{ name: "none" }, "needs either 'destination' or 'deliveryWithResourceIdentity'"],
    [
      { ...subscription, deliveryWithResourceIdentity: { identity: { type: "SystemAssigned" }, destination: webhook } },
      "needs either 'destination' or 'deliveryWithResourceIdentity'",
    ],
  ])("requires exactly one destination: %#", (invalid, message) => {
    const parsed = configSchema.safeParse({ topics: [{ name: "orders", subscriptions: [invalid] }] });
    expect(parsed.error?.issues[0]?.message).toBe(message);
  });

  it("omits members that are not set, so that an unchanged file changes nothing", () => {
    const config = configSchema.parse({ topics: [{ name: "orders", subscriptions: [subscription] }] });
    for (const { resource } of toResources(config)) {
      expect(Object.values(resource.properties)).not.toContain(undefined);
    }
  });
});

describe("checkResources", () => {
  it("returns no problems for a valid file", () => {
    expect(
      problems({
        azurite: true,
        topics: [{ name: "orders", subscriptions: [subscription] }],
        functionApps: [{ name: "App", path: "." }],
        storageAccounts: [
          { name: "devstoreaccount1", subscriptions: [{ name: "fun", destination: functionOf("app") }] },
        ],
      }),
    ).toEqual([]);
  });

  it.each([
    [{ topics: [{ name: "a" }] }, "topics[0].name: "],
    [{ topics: [{ name: "orders" }, { name: "Orders" }] }, "topics[1].name: 'Orders' is already the name of topics[0]"],
    [
      { topics: [{ name: "orders", subscriptions: [subscription, subscription] }] },
      "topics[0].subscriptions[1].name: 'everything' is already the name of topics[0].subscriptions[0]",
    ],
    [
      { topics: [{ name: "orders", subscriptions: [{ ...subscription, retryPolicy: { maxDeliveryAttempts: 31 } }] }] },
      "topics[0].subscriptions[0].retryPolicy.maxDeliveryAttempts: ",
    ],
    [
      {
        topics: [
          {
            name: "orders",
            inputSchema: "CloudEventSchemaV1_0",
            subscriptions: [{ ...subscription, eventDeliverySchema: "EventGridSchema" }],
          },
        ],
      },
      "topics[0].subscriptions[0].eventDeliverySchema: ",
    ],
    [
      { systemTopics: [{ name: "vault", topicType: "Microsoft.KeyVault.vault" }] },
      "systemTopics[0].topicType: 'Microsoft.KeyVault.vault' is not a topic type with system topics. Did you mean",
    ],
    [
      { systemTopics: [{ name: "vault", topicType: "Microsoft.KeyVault.vaults", source: "/subscriptions/s" }] },
      "systemTopics[0].source: '/subscriptions/s' is not a source of topic type Microsoft.KeyVault.vaults",
    ],
    [
      {
        systemTopics: [
          {
            name: "vault",
            topicType: "Microsoft.KeyVault.vaults",
            subscriptions: [{ ...subscription, filter: { includedEventTypes: ["Microsoft.KeyVault.Expired"] } }],
          },
        ],
      },
      "systemTopics[0].subscriptions[0].filter.includedEventTypes[0]: ",
    ],
    [
      {
        systemTopics: ["one", "two"].map((name) => ({
          name,
          topicType: "Microsoft.Resources.Subscriptions",
        })),
      },
      "systemTopics[1].source: '/subscriptions/",
    ],
    [{ azurite: true, storageAccounts: [{ name: "mine" }] }, "storageAccounts[0].key: is required"],
    [{ storageAccounts: [{ name: "devstoreaccount1" }] }, "storageAccounts[0]: needs 'azurite' (--azurite)"],
    [
      { topics: [{ name: "orders", subscriptions: [{ name: "fun", destination: functionOf("app") }] }] },
      "topics[0].subscriptions[0].destination.properties.resourceId: names 'app'",
    ],
    [
      {
        functionApps: [
          { name: "a", path: "." },
          { name: "A", path: "." },
        ],
      },
      "functionApps[1].name: 'A' is already used",
    ],
  ])("returns the path of the problem: %#", (config, expected) => {
    const found = problems(config);
    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(expected), found[0]).toBe(true);
  });
});
