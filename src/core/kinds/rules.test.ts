import { describe, expect, it } from "vitest";
import type { EventDeliverySchema, InputSchema } from "../event.ts";
import type { AdvancedFilterDescription } from "../filter/description.ts";
import { eventSubscriptionId, storageAccountId, topicId } from "../resources/resource-id.ts";
import { problemsOf } from "./index.ts";
import type { RuleContext } from "./kind.ts";
import {
  DEFAULT_RETRY_POLICY,
  type DeadLetterDescription,
  type DesiredEventSubscription,
  type DesiredResource,
  type DesiredSystemTopic,
  type DesiredTopic,
  type DestinationDescription,
  type TopicProperties,
} from "../resources/resources.ts";
import { type DeliveryAttributeMapping } from "../destinations/destination-property.ts";

const CONTEXT: RuleContext = { now: 1_000, inputSchema: "EventGridSchema", subscriptionsOfSource: 0, isNew: true };

function topic(name: string, properties: Partial<TopicProperties> = {}): DesiredTopic {
  return {
    id: topicId(name),
    name,
    type: "Microsoft.EventGrid/topics",
    location: "local",
    properties: { inputSchema: "EventGridSchema", ...properties },
  };
}

function systemTopic(name: string, source: string): DesiredSystemTopic {
  return {
    id: topicId(name),
    name,
    type: "Microsoft.EventGrid/systemTopics",
    location: "local",
    properties: { source, topicType: "Microsoft.Storage.StorageAccounts" },
  };
}

type Properties = DesiredEventSubscription["properties"];

function subscription(properties: Partial<Properties> = {}, name = "handler"): DesiredEventSubscription {
  return {
    id: eventSubscriptionId(topicId("orders"), name),
    name,
    type: "Microsoft.EventGrid/eventSubscriptions",
    location: "local",
    properties: {
      topic: topicId("orders"),
      destination: { endpointType: "WebHook", properties: { endpointUrl: "https://localhost/hook" } },
      filter: {},
      retryPolicy: DEFAULT_RETRY_POLICY,
      eventDeliverySchema: "EventGridSchema",
      ...properties,
    },
  };
}

function fields(desired: DesiredResource, context: Partial<RuleContext> = {}): readonly string[] {
  return problemsOf(desired, { ...CONTEXT, ...context }).map(({ field }) => field);
}

function messages(desired: DesiredResource, context: Partial<RuleContext> = {}): readonly string[] {
  return problemsOf(desired, { ...CONTEXT, ...context }).map(({ message }) => message);
}

/** Returns any value as a request may contain it, regardless of the types. */
function parsed(json: string): never {
  return JSON.parse(json) as never;
}

describe("names", () => {
  it.each<[string, boolean]>([
    ["abc", true],
    ["a".repeat(50), true],
    ["Order-2", true],
    ["my-eventgrid", true],
    ["ab", false],
    ["a".repeat(51), false],
    ["a_b", false],
    ["a.b", false],
    ["a/b", false],
    ["abc\n", false],
    ["Microsoft-x", false],
    ["eventgrid-x", false],
    ["SYSTEM1", false],
  ])("[EG-TOPIC-NAME] %j is a valid topic name: %s", (name, valid) => {
    expect(fields(topic(name))).toEqual(valid ? [] : ["name"]);
  });

  it("[EG-TOPIC-NAME] have Azure's message", () => {
    expect(messages(topic("ab"))).toEqual(["Topic name must be between 3 and 50 characters in length."]);
  });

  it.each<[string, boolean]>([
    ["abc", true],
    ["a".repeat(64), true],
    ["io.example.hook_1-x", true],
    ["ab", false],
    ["a".repeat(65), false],
    ["a/b", false],
    ["a b", false],
    ["a?b", false],
    ["äöü", false],
  ])("[EG-SUBSCRIPTION-NAME] %j is a valid event subscription name: %s", (name, valid) => {
    expect(fields(subscription({}, name))).toEqual(valid ? [] : ["name"]);
  });

  it("[EG-SUBSCRIPTION-NAME] have Azure's message", () => {
    expect(messages(subscription({}, "ab"))).toEqual([
      "The length of 'ab' is 2 which is invalid. EventSubscription name must be between 3 and 64 characters in length.",
    ]);
  });

  it.each<[string, string, readonly string[]]>([
    ["devstoreaccount1", storageAccountId("devstoreaccount1"), []],
    ["a".repeat(128), storageAccountId("devstoreaccount1"), []],
    ["a".repeat(129), storageAccountId("devstoreaccount1"), ["name"]],
    ["a_b", storageAccountId("devstoreaccount1"), ["name"]],
    ["abc", "", ["properties.source"]],
  ])("[EG-SYSTEM-TOPIC-NAME] %s of source %j", (name, source, expected) => {
    expect(fields(systemTopic(name, source))).toEqual(expected);
  });

  it("[EG-TOPIC-NAME] [EG-SUBSCRIPTION-NAME] are not checked for existing resources", () => {
    expect(fields(topic("x"), { isNew: false })).toEqual([]);
    expect(fields(systemTopic("x", storageAccountId("devstoreaccount1")), { isNew: false })).toEqual([]);
    expect(fields(subscription({}, "x"), { isNew: false, subscriptionsOfSource: 500 })).toEqual([]);
  });
});

describe("numbers of resources", () => {
  it.each<[number, Partial<RuleContext>, readonly string[]]>([
    [499, {}, []],
    [500, {}, ["conflict"]],
    [500, { relaxed: true }, []],
    [100_000, { relaxed: true }, ["conflict"]],
  ])("[EG-SUBSCRIPTIONS-PER-TOPIC] one more than %i with %j", (subscriptionsOfSource, context, expected) => {
    const found = problemsOf(subscription(), { ...CONTEXT, subscriptionsOfSource, ...context });
    expect(found.map(({ code }) => code)).toEqual(expected);
  });

  it.each<[Partial<RuleContext>, readonly string[]]>([
    [{ resources: 999_999 }, []],
    [{ resources: 1_000_000 }, ["Quota limit reached: a store holds at most 1000000 resources."]],
    [{ resources: 1_000_000, isNew: false }, []],
    [{ resources: 1_000_000, relaxed: true }, ["Quota limit reached: a store holds at most 1000000 resources."]],
  ])("[EG-QUOTA-STORE] one resource more with %j", (context, expected) => {
    expect(problemsOf(topic("one-more"), { ...CONTEXT, ...context }).map(({ message }) => message)).toEqual(expected);
  });
});

describe("schemas", () => {
  const EG = "EventGridSchema";
  const CE = "CloudEventSchemaV1_0";
  it.each<[InputSchema | undefined, EventDeliverySchema, boolean]>([
    [EG, EG, true],
    [EG, CE, true],
    [EG, "CustomInputSchema", false],
    [CE, EG, false],
    [CE, CE, true],
    [CE, "CustomInputSchema", false],
    ["CustomEventSchema", EG, true],
    ["CustomEventSchema", CE, true],
    ["CustomEventSchema", "CustomInputSchema", true],
    [undefined, "CustomInputSchema", true],
  ])("[EG-SCHEMA-COMBINATION] from %s to %s: %s", (inputSchema, eventDeliverySchema, allowed) => {
    expect(messages(subscription({ eventDeliverySchema }), { inputSchema })).toEqual(
      allowed
        ? []
        : [
            `The specified EventDeliverySchema value "${eventDeliverySchema}" cannot be used in combination with the topic's input schema of ${inputSchema}.`,
          ],
    );
  });

  it("[EG-SCHEMA-COMBINATION] include no other schemas", () => {
    expect(fields(subscription(parsed('{"eventDeliverySchema":"InputEventSchema"}')))).toEqual([
      "properties.eventDeliverySchema",
    ]);
    expect(fields(topic("orders", parsed('{"inputSchema":"toString"}')))).toEqual(["properties.inputSchema"]);
  });

  const mapping = "properties.inputSchemaMapping";
  it.each<[string, string, readonly string[]]>([
    ["none", '{"inputSchema":"CustomEventSchema"}', []],
    ["null", '{"inputSchema":"EventGridSchema","inputSchemaMapping":null}', []],
    ["on an Event Grid topic", '{"inputSchemaMapping":{"inputSchemaMappingType":"Json","properties":{}}}', [mapping]],
    [
      "of another type",
      '{"inputSchema":"CustomEventSchema","inputSchemaMapping":{"inputSchemaMappingType":"Xml","properties":{}}}',
      [mapping],
    ],
    [
      "without event type and subject",
      '{"inputSchema":"CustomEventSchema","inputSchemaMapping":{"inputSchemaMappingType":"Json","properties":{"subject":{},"id":{}}}}',
      [`${mapping}.properties.eventType`, `${mapping}.properties.subject`],
    ],
    [
      "with an empty data version",
      '{"inputSchema":"CustomEventSchema","inputSchemaMapping":{"inputSchemaMappingType":"Json","properties":{"eventType":{"sourceField":"t"},"subject":{"defaultValue":""},"dataVersion":{}}}}',
      [`${mapping}.properties.dataVersion`],
    ],
    [
      "whole",
      '{"inputSchema":"CustomEventSchema","inputSchemaMapping":{"inputSchemaMappingType":"Json","properties":{"eventType":{"sourceField":"t"},"subject":{"defaultValue":"s"}}}}',
      [],
    ],
  ])("[EG-CUSTOM-MAPPING] mapping: %s", (_name, json, expected) => {
    expect(fields(topic("orders", parsed(json)))).toEqual(expected);
  });
});

describe("ranges", () => {
  it.each<[string, number, boolean]>([
    ["maxDeliveryAttempts", 1, true],
    ["maxDeliveryAttempts", 30, true],
    ["maxDeliveryAttempts", 0, false],
    ["maxDeliveryAttempts", 31, false],
    ["maxDeliveryAttempts", 1.5, false],
    ["eventTimeToLiveInMinutes", 1, true],
    ["eventTimeToLiveInMinutes", 1_440, true],
    ["eventTimeToLiveInMinutes", 0, false],
    ["eventTimeToLiveInMinutes", 1_441, false],
    ["eventTimeToLiveInMinutes", Number.NaN, false],
  ])("[EG-RETRY-POLICY] %s of %d: %s", (name, value, valid) => {
    const desired = subscription({ retryPolicy: { ...DEFAULT_RETRY_POLICY, [name]: value } });
    expect(fields(desired)).toEqual(valid ? [] : [`properties.retryPolicy.${name}`]);
  });

  it.each<[string, number, boolean]>([
    ["maxEventsPerBatch", 1, true],
    ["maxEventsPerBatch", 5_000, true],
    ["maxEventsPerBatch", 0, false],
    ["maxEventsPerBatch", 5_001, false],
    ["preferredBatchSizeInKilobytes", 1, true],
    ["preferredBatchSizeInKilobytes", 1_024, true],
    ["preferredBatchSizeInKilobytes", 0, false],
    ["preferredBatchSizeInKilobytes", 1_025, false],
  ])("[EG-BATCH-OUT] %s of %d: %s", (name, value, valid) => {
    const resourceId = "/subscriptions/0/providers/Microsoft.Web/sites/app/functions/f";
    const destinations: readonly DestinationDescription[] = [
      { endpointType: "WebHook", properties: { endpointUrl: "https://localhost", [name]: value } },
      { endpointType: "AzureFunction", properties: { resourceId, [name]: value } },
    ];
    for (const destination of destinations) {
      expect(fields(subscription({ destination }))).toEqual(valid ? [] : [`properties.destination.properties.${name}`]);
    }
  });

  it("are named with the value in messages", () => {
    const retryPolicy = { ...DEFAULT_RETRY_POLICY, maxDeliveryAttempts: 99 };
    expect(messages(subscription({ retryPolicy }))).toEqual([
      "maxDeliveryAttempts must be a whole number between 1 and 30, not 99.",
    ]);
  });

  it.each<[string, boolean]>([
    ["1970-01-01T00:00:02Z", true],
    ["", true],
    ["1970-01-01T00:00:01Z", false],
    ["tomorrow", false],
  ])("[EG-SUBSCRIPTION-EXPIRY] expiration %j: %s", (expirationTimeUtc, valid) => {
    expect(fields(subscription({ expirationTimeUtc }))).toEqual(valid ? [] : ["properties.expirationTimeUtc"]);
  });
});

function blob(resourceId: string, blobContainerName: string): DeadLetterDescription {
  return { endpointType: "StorageBlob", properties: { resourceId, blobContainerName } };
}

describe("endpoints", () => {
  it.each<[string, boolean]>([
    ["https://example.com", true],
    ["HTTP://localhost:8080/a?code=x#y", true],
    ["http://127.0.0.1:7071/runtime/webhooks/eventgrid?functionName=f", true],
    ["http://[::1]:80/", true],
    ["https://example.com?code=a@b", true],
    [`https://example.com/${"a".repeat(4_076)}`, true],
    [`https://example.com/${"a".repeat(4_077)}`, false],
    ["", false],
    ["example.com", false],
    ["ftp://example.com", false],
    ["https://", false],
    ["https:///path", false],
    ["https://:80/", false],
    ["https://example.com:99999/", false],
    ["https://example.com:x/", false],
    ["https://user:secret@example.com/", false],
    ["https://user@example.com/", false],
    ["https://a\\b/", false],
    ["https://exam ple.com/", false],
    ["https://example.com/\r\nx: y", false],
    ["https://example.com/\u00a0", false],
    [" https://example.com", false],
  ])("[EG-ENDPOINT-URL] %j: %s", (endpointUrl, valid) => {
    const desired = subscription({ destination: { endpointType: "WebHook", properties: { endpointUrl } } });
    expect(fields(desired)).toEqual(valid ? [] : ["properties.destination.properties.endpointUrl"]);
    // The URL may contain keys.
    expect(messages(desired).join()).not.toContain("secret");
  });

  it.each<[string, boolean]>([
    ["/subscriptions/0/resourceGroups/g/providers/Microsoft.Web/sites/app/functions/f", true],
    ["/subscriptions/0/resourceGroups/g/providers/microsoft.web/Sites/app/Functions/f", true],
    ["/subscriptions/0/resourceGroups/g/providers/Microsoft.Web/sites/app", false],
    ["f", false],
  ])("[EG-FUNCTION-ID] %j: %s", (resourceId, valid) => {
    const desired = subscription({ destination: { endpointType: "AzureFunction", properties: { resourceId } } });
    expect(fields(desired)).toEqual(valid ? [] : ["properties.destination.properties.resourceId"]);
  });

  it("refuse unknown kinds of destinations", () => {
    expect(fields(subscription(parsed('{"destination":{"endpointType":"Pigeon","properties":{}}}')))).toEqual([
      "properties.destination.endpointType",
    ]);
    expect(fields(subscription(parsed('{"deadLetterDestination":{"endpointType":"Queue","properties":{}}}')))).toEqual([
      "properties.deadLetterDestination.endpointType",
    ]);
  });

  const account = storageAccountId("account");
  it.each<[DeadLetterDescription, readonly string[]]>([
    [blob(account, "dead-letters"), []],
    [blob("account", "dead-letters"), ["resourceId"]],
    [blob(`${account}/blobServices/default`, "dead-letters"), ["resourceId"]],
    [blob(account, "ab"), ["blobContainerName"]],
    [blob(account, "Dead"), ["blobContainerName"]],
    [blob(account, "a--b"), ["blobContainerName"]],
    [blob(account, "a".repeat(64)), ["blobContainerName"]],
    [{ endpointType: "Folder", properties: { path: "dead" } }, []],
    [{ endpointType: "Folder", properties: { path: "" } }, ["path"]],
  ])("[EG-DEADLETTER-DESTINATION] %j", (deadLetterDestination, expected) => {
    const prefix = "properties.deadLetterDestination.properties.";
    expect(fields(subscription({ deadLetterDestination }))).toEqual(expected.map((field) => prefix + field));
  });
});

function fixed(name: string, value = "v"): DeliveryAttributeMapping {
  return { name, type: "Static", properties: { value, isSecret: true } };
}

function dynamic(sourceField: string): DeliveryAttributeMapping {
  return { name: "x", type: "Dynamic", properties: { sourceField } };
}

describe("delivery attributes", () => {
  const ten = Array.from({ length: 10 }, (_unused, index) => fixed(`x-${index}`));

  it.each<[string, readonly DeliveryAttributeMapping[], readonly string[]]>([
    ["ten", ten, []],
    ["eleven", [...ten, fixed("y")], [""]],
    ["Authorization", [fixed("Authorization")], []],
    ["aeg-", [fixed("AEG-x")], ["[0].name"]],
    ["framing headers", [fixed("Host"), fixed("content-length")], ["[0].name", "[1].name"]],
    ["no header's name", [fixed("a b"), fixed(""), fixed("a\r\nb")], ["[0].name", "[1].name", "[2].name"]],
    ["the same twice", [fixed("x-a"), fixed("X-A")], ["[1].name"]],
    ["4,096 bytes", [fixed("x", "ä".repeat(2_048))], []],
    ["4,097 bytes", [fixed("x", `a${"ä".repeat(2_048)}`)], ["[0].properties.value"]],
    ["dynamic", [dynamic("data.key")], []],
    ["dynamic without a field", [dynamic("")], ["[0].properties.sourceField"]],
    ["of no known type", [parsed('{"name":"x","type":"Other","properties":{}}')], ["[0].type"]],
  ])("[EG-ATTRIBUTES] %s", (_name, deliveryAttributeMappings, expected) => {
    const destination: DestinationDescription = {
      endpointType: "WebHook",
      properties: { endpointUrl: "https://localhost", deliveryAttributeMappings },
    };
    const prefix = "properties.destination.properties.deliveryAttributeMappings";
    expect(fields(subscription({ destination }))).toEqual(expected.map((field) => prefix + field));
  });

  it("[EG-ATTRIBUTES] are never repeated in messages", () => {
    const properties = { endpointUrl: "https://localhost", deliveryAttributeMappings: [fixed("x", "s".repeat(5_000))] };
    const [message] = messages(subscription({ destination: { endpointType: "WebHook", properties } }));
    expect(message).toContain("4096 bytes; this one has 5000");
    expect(message).not.toContain("sss");
  });
});

function strings(count: number, length = 1): AdvancedFilterDescription {
  return { operatorType: "StringIn", key: "data.a", values: many(count, "x".repeat(length)) };
}

function many<T>(count: number, value: T): readonly T[] {
  return Array.from({ length: count }, () => value);
}

describe("filters", () => {
  const one: AdvancedFilterDescription = { operatorType: "IsNotNull", key: "data.a" };
  const ranges: AdvancedFilterDescription = { operatorType: "NumberInRange", key: "data.n", values: many(13, [1, 2]) };

  it.each<[string, readonly AdvancedFilterDescription[], readonly string[]]>([
    ["25 filters", many(25, one), []],
    ["26 filters", many(26, one), [""]],
    ["25 values in two filters", [strings(12), strings(13)], []],
    ["26 values in two filters", [strings(13), strings(13)], [""]],
    ["25 filters of one value", many(25, { operatorType: "BoolEquals", key: "data.b", value: true }), []],
    ["25 ranges and strings", [ranges, strings(12)], []],
    ["26 ranges and strings", [ranges, strings(13)], [""]],
    ["512 characters", [strings(1, 512)], []],
    ["513 characters", [one, strings(2, 513)], ["[1].values[0]", "[1].values[1]"]],
    ["no value", [strings(0)], ["[0].values"]],
  ])("[EG-FILTER-LIMIT] %s", (_name, advancedFilters, expected) => {
    const desired = subscription({ filter: { advancedFilters } });
    expect(fields(desired)).toEqual(expected.map((field) => `properties.filter.advancedFilters${field}`));
  });

  it("[EG-FILTER-LIMIT] have Azure's message, and higher limits if limits are relaxed", () => {
    const desired = subscription({ filter: { advancedFilters: [strings(26)] } });
    expect(messages(desired)[0]).toMatch(/^The maximum number of values allowed on an advanced filter is 25,/);
    expect(messages(desired, { relaxed: true })).toEqual([]);
  });

  it("[EG-LIMITS-RELAXED] have limits even if limits are relaxed", () => {
    const within = subscription({ filter: { advancedFilters: [strings(1_000, 4_096)] } });
    expect(messages(within, { relaxed: true })).toEqual([]);
    const beyond = subscription({ filter: { advancedFilters: [...many(1_001, one), strings(1, 4_097)] } });
    expect(messages(beyond, { relaxed: true })).toEqual([
      expect.stringContaining("allowed on an event subscription is 1000; there are 1002"),
      expect.stringContaining("has at most 4096 characters; this one has 4097"),
    ]);
  });

  it.each<[string, string]>([
    ['{"advancedFilters":[{"operatorType":"StringIn","key":"a","values":[1]}]}', "advancedFilters[0].values[0]"],
    ['{"advancedFilters":[{"operatorType":"NumberIn","key":"a","value":1}]}', "advancedFilters[0].values"],
    ['{"advancedFilters":[{"operatorType":"BoolEquals","key":"a","value":"true"}]}', "advancedFilters[0].value"],
    ['{"includedEventTypes":[1]}', "includedEventTypes"],
  ])("[EG-FILTER-SHAPE] %s", (json, field) => {
    expect(fields(subscription({ filter: parsed(json) }))).toEqual([`properties.filter.${field}`]);
  });
});
