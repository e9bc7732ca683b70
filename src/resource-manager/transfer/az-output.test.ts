import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { printedResource } from "./az-output.ts";
import { importedFile } from "./import-kind.ts";

const GROUP = "/subscriptions/3f1b8a6e-0000-4000-8000-0123456789ab/resourceGroups/shop";
const TOPIC = `${GROUP}/providers/Microsoft.EventGrid/topics/orders`;

/** Output of `az eventgrid topic show`, which has no `properties`. */
const printedTopic = {
  dataResidencyBoundary: "WithinGeopair",
  disableLocalAuth: false,
  endpoint: "https://orders.westeurope-1.eventgrid.azure.net/api/events",
  extendedLocation: null,
  id: TOPIC,
  identity: { principalId: null, tenantId: null, type: "None", userAssignedIdentities: null },
  inboundIpRules: null,
  inputSchema: "CustomEventSchema",
  inputSchemaMapping: {
    inputSchemaMappingType: "Json",
    eventType: { sourceField: "kind", defaultValue: null },
    id: { sourceField: null },
  },
  kind: "Azure",
  location: "westeurope",
  name: "orders",
  provisioningState: "Succeeded",
  publicNetworkAccess: "Enabled",
  resourceGroup: "shop",
  sku: { name: "Basic" },
  systemData: null,
  tags: null,
  type: "Microsoft.EventGrid/topics",
};

/** An element in the output of `az eventgrid event-subscription list`. */
const printedSubscription = (destination: JsonObject): JsonObject => ({
  deadLetterDestination: { endpointType: "StorageBlob", blobContainerName: "dead", resourceId: `${GROUP}/x` },
  deadLetterWithResourceIdentity: null,
  deliveryWithResourceIdentity: null,
  destination,
  eventDeliverySchema: "EventGridSchema",
  expirationTimeUtc: null,
  filter: {
    advancedFilters: null,
    includedEventTypes: ["Placed"],
    subjectBeginsWith: "",
    isSubjectCaseSensitive: null,
  },
  id: `${TOPIC}/providers/Microsoft.EventGrid/eventSubscriptions/billing`,
  labels: [],
  name: "billing",
  provisioningState: "Succeeded",
  resourceGroup: "shop",
  retryPolicy: { eventTimeToLiveInMinutes: 1440, maxDeliveryAttempts: 30 },
  topic: `${GROUP}/providers/microsoft.eventgrid/topics/orders`,
  type: "Microsoft.EventGrid/eventSubscriptions",
});

/** Returns a value with all names in capitals. */
function shouted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((each) => shouted(each as JsonValue));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each = null]) => [name.toUpperCase(), shouted(each)]));
}

describe("a resource that az printed", () => {
  it("is a topic with its properties one level up", () => {
    expect(printedResource(printedTopic)).toEqual({
      id: TOPIC,
      type: "Microsoft.EventGrid/topics",
      location: "westeurope",
      notes: [],
      body: {
        location: "westeurope",
        identity: { type: "None" },
        kind: "Azure",
        sku: { name: "Basic" },
        properties: {
          dataResidencyBoundary: "WithinGeopair",
          disableLocalAuth: false,
          inputSchema: "CustomEventSchema",
          inputSchemaMapping: {
            inputSchemaMappingType: "Json",
            properties: { eventType: { sourceField: "kind" }, id: {} },
          },
          publicNetworkAccess: "Enabled",
        },
      },
    });
  });

  it("is read alike with its properties where Resource Manager has them", () => {
    const { id, location, name, type, ...properties } = printedTopic;
    const whole = { id, location, name, type, identity: properties.identity, properties };
    expect(printedResource(whole)?.body["properties"]).toMatchObject({
      inputSchema: "CustomEventSchema",
      inputSchemaMapping: {
        inputSchemaMappingType: "Json",
        properties: { eventType: { sourceField: "kind" }, id: {} },
      },
    });
  });

  it("is a subscription with all members of its destination", () => {
    const printed = printedSubscription({
      endpointType: "WebHook",
      endpointUrl: "https://example.com/?code=x",
      endpointBaseUrl: "https://example.com/",
      maxEventsPerBatch: 5,
      deliveryAttributeMappings: [
        { name: "X-A", type: "Static", isSecret: false, value: "a" },
        { name: "X-B", type: "Dynamic", sourceField: "subject" },
      ],
    });
    expect(printedResource(printed)).toMatchObject({
      type: "Microsoft.EventGrid/eventSubscriptions",
      notes: [],
      body: {
        properties: {
          destination: {
            endpointType: "WebHook",
            properties: {
              endpointUrl: "https://example.com/?code=x",
              maxEventsPerBatch: 5,
              deliveryAttributeMappings: [
                { name: "X-A", type: "Static", properties: { isSecret: false, value: "a" } },
                { name: "X-B", type: "Dynamic", properties: { sourceField: "subject" } },
              ],
            },
          },
          deadLetterDestination: {
            endpointType: "StorageBlob",
            properties: { blobContainerName: "dead", resourceId: `${GROUP}/x` },
          },
          filter: { includedEventTypes: ["Placed"] },
        },
      },
    });
  });

  it("[ARM-CASE] is read alike with its names in any case", () => {
    const destination = { endpointType: "WebHook", endpointUrl: "https://example.com/", maxEventsPerBatch: 5 };
    for (const printed of [printedTopic, printedSubscription(destination)]) {
      const loud = printedResource(shouted(printed));
      expect(loud?.notes).toEqual([]);
      // Members that the server reads in any case itself are not respelled.
      expect(Object.keys(loud?.body["properties"] ?? {}).toSorted()).toEqual(
        Object.keys(printedResource(printed)?.body["properties"] ?? {}).toSorted(),
      );
    }
    const loud = printedResource(shouted(printedSubscription(destination)));
    expect(loud?.body["properties"]).toMatchObject({
      destination: { endpointType: "WebHook", properties: { endpointUrl: "https://example.com/" } },
    });
  });

  it("[ARM-BODY-UNKNOWN] has notes that name unknown members", () => {
    expect(printedResource({ ...printedTopic, disableLocalAuht: true })?.notes).toEqual([
      "'disableLocalAuht' is unknown and has no effect",
    ]);
  });

  it("has notes that name the secrets that were not printed", () => {
    const printed = printedSubscription({
      endpointType: "WebHook",
      endpointUrl: null,
      endpointBaseUrl: "https://example.com/",
      deliveryAttributeMappings: [{ name: "X-A", type: "Static", isSecret: true, value: "Hidden" }],
    });
    expect(printedResource(printed)?.notes).toEqual([
      expect.stringContaining("--include-full-endpoint-url"),
      expect.stringContaining("'X-A' was not printed"),
    ]);
  });

  it.each([[null], ["text"], [{ name: "orders" }], [{ id: "orders" }], [[]]])("cannot be read from %j", (printed) => {
    expect(printedResource(printed)).toBeUndefined();
  });
});

describe("a file", () => {
  it.each([
    ["a template", { $schema: "https://x/deploymentTemplate.json#", resources: [] }, "template"],
    ["a template by its version", { contentVersion: "1.0.0.0", resources: {} }, "template"],
    ["one resource", printedTopic, "resources"],
    ["an array", [printedTopic], "resources"],
    ["a response", { value: [printedTopic] }, "resources"],
    ["a configuration", { $schema: "./ringmain.schema.json", topics: [] }, "config"],
  ])("with %s is recognized", (_description, content, kind) => {
    expect(importedFile(content)).toMatchObject({ kind });
  });

  it("with neither object nor array is not recognized", () => {
    expect(importedFile("text")).toBeUndefined();
  });
});
