import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import { DEFAULT_SCOPE } from "../../core/resources/resource-id.ts";
import { exportConfig } from "./export-config.ts";
import { exportTemplate } from "./export-template.ts";
import { armTemplate } from "./print-arm.ts";
import type { RunningResources, RunningSubscription } from "./running-resources.ts";

const GROUP = `/subscriptions/${DEFAULT_SCOPE.subscriptionId}/resourceGroups/${DEFAULT_SCOPE.resourceGroup}`;
const TOPIC = `${GROUP}/providers/Microsoft.EventGrid/topics/orders`;

const webhook = (properties: JsonObject = {}): JsonObject => ({
  destination: { endpointType: "WebHook", properties: { endpointUrl: null, ...properties } },
  filter: { subjectBeginsWith: "", subjectEndsWith: "", includedEventTypes: null },
  retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
  eventDeliverySchema: "EventGridSchema",
});
const subscription = (more: Partial<RunningSubscription> = {}): RunningSubscription => ({
  name: "billing",
  source: TOPIC,
  properties: webhook(),
  endpointUrl: "https://example.com/hook",
  ...more,
});
const running = (...subscriptions: RunningSubscription[]): RunningResources => ({
  scope: DEFAULT_SCOPE,
  resources: [
    {
      id: TOPIC,
      name: "orders",
      type: "Microsoft.EventGrid/topics",
      location: "local",
      resource: {
        tags: null,
        identity: { type: "None" },
        properties: { inputSchema: "EventGridSchema", endpoint: "http://x", publicNetworkAccess: "Enabled" },
      },
      keys: { key1: "b25l", key2: "dHdv" },
    },
  ],
  subscriptions,
});
const SECRET = "https://example.com/hook?code=hush";

describe("a template", () => {
  it("omits defaults and members that only the service sets", () => {
    const { resources } = armTemplate(exportTemplate(running(subscription()), { includeSecrets: false }));
    expect(resources).toEqual([
      {
        type: "Microsoft.EventGrid/topics",
        apiVersion: "2025-02-15",
        name: "orders",
        comments: "The name must be unique among all topics in its region.",
        location: "[parameters('location')]",
        properties: {},
      },
      {
        type: "Microsoft.EventGrid/topics/eventSubscriptions",
        apiVersion: "2025-02-15",
        name: "orders/billing",
        dependsOn: ["[resourceId('Microsoft.EventGrid/topics', 'orders')]"],
        properties: {
          destination: { endpointType: "WebHook", properties: { endpointUrl: "https://example.com/hook" } },
          eventDeliverySchema: "EventGridSchema",
        },
      },
    ]);
  });

  it("has a parameter for a URL with a query, whose value is exported only with secrets", () => {
    const secret = running(subscription({ endpointUrl: SECRET }));
    const hidden = JSON.stringify(armTemplate(exportTemplate(secret, { includeSecrets: false })));
    expect(hidden).not.toContain("hush");
    expect(hidden).toContain("[parameters('billingEndpointUrl')]");
    const { parameters } = armTemplate(exportTemplate(secret, { includeSecrets: true }));
    expect(parameters).toMatchObject({ billingEndpointUrl: { type: "securestring", defaultValue: SECRET } });
  });

  it.each<[feature: string, changed: Partial<RunningSubscription>, warning: string]>([
    ["a file", { properties: { destination: { endpointType: "File" } } }, "Azure has no destination of type File"],
    ["a stream", { properties: { destination: { endpointType: "Stream" } } }, "no destination of type Stream"],
    ["an unknown source", { source: "/subscriptions/1/resourceGroups/x" }, "is not in the template"],
  ])("omits a subscription with %s, with a warning", (_feature, changed, warning) => {
    const exported = exportTemplate(running(subscription(changed)), { includeSecrets: false });
    expect(exported.resources).toHaveLength(1);
    expect(exported.warnings).toEqual([expect.stringContaining(warning)]);
  });

  it("omits the Ringmain-only members of a subscription", () => {
    const properties = {
      ...webhook({ signingSecret: "Hidden" }),
      deadLetterDestination: { endpointType: "Folder", properties: { path: "dead" } },
    };
    const exported = exportTemplate(running(subscription({ properties })), { includeSecrets: true });
    expect(JSON.stringify(armTemplate(exported))).not.toMatch(/Hidden|Folder/);
    expect(exported.warnings.join()).toMatch(/signingSecret.*dead letters in a folder/);
  });
});

describe("a subscription to a storage account", () => {
  const account = `${GROUP}/providers/Microsoft.Storage/storageAccounts/photos`;
  const stored = { id: account, name: "photos", type: "Microsoft.Storage/storageAccounts", location: "westeurope" };
  const systemTopic = {
    id: `${GROUP}/providers/Microsoft.EventGrid/systemTopics/uploads`,
    name: "uploads",
    type: "Microsoft.EventGrid/systemTopics",
    resource: { properties: { source: account, topicType: "Microsoft.Storage.StorageAccounts" } },
  };
  const withAccount = (...more: RunningResources["resources"]): RunningResources => ({
    scope: DEFAULT_SCOPE,
    resources: [...more, { ...stored, resource: { sku: { name: "Premium_LRS" }, properties: { accessTier: "Cool" } } }],
    subscriptions: [subscription({ source: account })],
  });
  const resources = (held: RunningResources): unknown =>
    armTemplate(exportTemplate(held, { includeSecrets: false }))["resources"];

  it("extends the account if there is no system topic", () => {
    expect(resources(withAccount())).toMatchObject([
      { name: "photos", location: "westeurope", sku: { name: "Premium_LRS" }, properties: { accessTier: "Cool" } },
      {
        type: "Microsoft.EventGrid/eventSubscriptions",
        name: "billing",
        scope: "Microsoft.Storage/storageAccounts/photos",
        dependsOn: ["[resourceId('Microsoft.Storage/storageAccounts', 'photos')]"],
      },
    ]);
  });

  it("is nested in the account's system topic if there is one", () => {
    expect(resources(withAccount(systemTopic))).toMatchObject([
      { name: "photos" },
      {
        name: "uploads",
        dependsOn: ["[resourceId('Microsoft.Storage/storageAccounts', 'photos')]"],
        properties: { source: "[resourceId('Microsoft.Storage/storageAccounts', 'photos')]" },
      },
      { type: "Microsoft.EventGrid/systemTopics/eventSubscriptions", name: "uploads/billing" },
    ]);
  });

  it("is listed below its account in a configuration file, without the system topic", () => {
    const { config, warnings } = exportConfig(withAccount(systemTopic), { includeSecrets: false });
    expect(config).toMatchObject({ azurite: true, storageAccounts: [{ name: "photos", subscriptions: [{}] }] });
    expect(config).not.toHaveProperty("systemTopics");
    expect(warnings).toEqual([expect.stringContaining("without its key")]);
  });
});

describe("a configuration file", () => {
  it("contains secrets only if the options say so", () => {
    const secret = running(subscription({ endpointUrl: SECRET }));
    const without = exportConfig(secret, { includeSecrets: false });
    expect(JSON.stringify(without.config)).not.toMatch(/hush|b25l/);
    expect(without.warnings).toEqual([expect.stringContaining("without its query")]);
    const { config, warnings } = exportConfig(secret, { includeSecrets: true });
    expect(warnings).toEqual([]);
    expect(config).toEqual({
      topics: [
        {
          name: "orders",
          key1: "b25l",
          key2: "dHdv",
          subscriptions: [
            {
              name: "billing",
              destination: { endpointType: "WebHook", properties: { endpointUrl: SECRET } },
              eventDeliverySchema: "EventGridSchema",
            },
          ],
        },
      ],
    });
  });

  it("comes with warnings about omissions", () => {
    const { config, warnings } = exportConfig(running(subscription({ source: GROUP })), { includeSecrets: true });
    expect(JSON.stringify(config)).not.toContain("billing");
    expect(warnings).toEqual([expect.stringContaining("'billing' was left out")]);
  });
});
