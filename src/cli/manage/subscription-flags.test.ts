import { describe, expect, it } from "vitest";
import { ENDPOINT_TYPES, type EndpointType } from "../../core/destinations/index.ts";
import { FLAG_WORDS, subscriptionProperties, type SubscriptionFlags } from "./subscription-flags.ts";

/** Endpoints of the kinds that accept only certain texts. */
const ENDPOINTS: Readonly<Partial<Record<EndpointType, string>>> = {
  MonitorAlert: "Sev1",
  StorageQueue: "/subscriptions/0/storageAccounts/a/queueServices/default/queues/q",
};

describe("subscriptionProperties", () => {
  it.each<[name: string, words: readonly string[], filters: readonly unknown[]]>([
    ["numbers", ["data.n", "NumberIn", "1", "2.5"], [{ key: "data.n", operatorType: "NumberIn", values: [1, 2.5] }]],
    ["one number", ["data.n", "NumberLessThan", "-1"], [{ key: "data.n", operatorType: "NumberLessThan", value: -1 }]],
    [
      "ranges",
      ["n", "NumberInRange", "1,2", "3,4"],
      [
        {
          key: "n",
          operatorType: "NumberInRange",
          values: [
            [1, 2],
            [3, 4],
          ],
        },
      ],
    ],
    ["a flag", ["b", "boolequals", "True"], [{ key: "b", operatorType: "BoolEquals", value: true }]],
    [
      "several, one without values",
      ["a", "StringContains", "x", "y", "b", "IsNotNull", "c", "StringIn", "z"],
      [
        { key: "a", operatorType: "StringContains", values: ["x", "y"] },
        { key: "b", operatorType: "IsNotNull" },
        { key: "c", operatorType: "StringIn", values: ["z"] },
      ],
    ],
  ])("parses advanced filters with %s", (_name, advancedFilter, advancedFilters) => {
    expect(subscriptionProperties({ advancedFilter })).toEqual({ filter: { advancedFilters } });
  });

  const account = "/subscriptions/1/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a";

  it.each<[flags: SubscriptionFlags, destination: unknown]>([
    [{ endpoint: "http://x/?a" }, { endpointType: "WebHook", properties: { endpointUrl: "http://x/?a" } }],
    [{ endpointType: "stream" }, { endpointType: "Stream", properties: {} }],
    [
      { endpointType: "File", endpoint: "x.jsonl" },
      { endpointType: "File", properties: { path: "x.jsonl" } },
    ],
    [
      { endpointType: "natssubject", endpoint: "local/a.b" },
      { endpointType: "NatsSubject", properties: { connection: "local", subject: "a.b" } },
    ],
    [
      { endpointType: "monitoralert", endpoint: "sev2" },
      { endpointType: "MonitorAlert", properties: { severity: "Sev2" } },
    ],
    [
      { endpointType: "storagequeue", endpoint: `${account}/queueservices/default/queues/q` },
      { endpointType: "StorageQueue", properties: { resourceId: account, queueName: "q" } },
    ],
    [
      {
        endpoint: "http://x",
        maxEventsPerBatch: 2,
        deliveryAttributeMapping: ["A", "static", "1", "true", "B", "Dynamic", "id"],
      },
      {
        endpointType: "WebHook",
        properties: {
          endpointUrl: "http://x",
          maxEventsPerBatch: 2,
          deliveryAttributeMappings: [
            { name: "A", type: "Static", properties: { value: "1", isSecret: true } },
            { name: "B", type: "Dynamic", properties: { sourceField: "id" } },
          ],
        },
      },
    ],
  ])("parses the destination of %j", (flags, destination) => {
    expect(subscriptionProperties(flags)).toEqual({ destination });
  });

  it.each(ENDPOINT_TYPES)("accepts the endpoint type %s in lower case, as az does", (type) => {
    const flags = { endpointType: type.toLowerCase(), endpoint: ENDPOINTS[type] ?? "/subscriptions/0/anything" };
    expect(subscriptionProperties(flags)).toMatchObject({ destination: { endpointType: type } });
    expect(FLAG_WORDS.endpointTypes).toContain(flags.endpointType);
  });

  it("changes the properties that the flags set, and keeps the others", () => {
    const before = {
      destination: { endpointType: "WebHook", properties: { preferredBatchSizeInKilobytes: 9 } },
      filter: { subjectEndsWith: ".jpg" },
      retryPolicy: { eventTimeToLiveInMinutes: 5, maxDeliveryAttempts: 3 },
    };
    const flags = { maxEventsPerBatch: 2, subjectBeginsWith: "/x", maxDeliveryAttempts: 7 };
    expect(subscriptionProperties(flags, before)).toEqual({
      destination: {
        endpointType: "WebHook",
        properties: { preferredBatchSizeInKilobytes: 9, maxEventsPerBatch: 2 },
      },
      filter: { subjectEndsWith: ".jpg", subjectBeginsWith: "/x" },
      retryPolicy: { eventTimeToLiveInMinutes: 5, maxDeliveryAttempts: 7 },
    });
  });

  it.each<[flags: SubscriptionFlags, message: string]>([
    [{ advancedFilter: ["data.n", "NumberIs", "1"] }, "--advanced-filter: 'NumberIs' is not an operator"],
    [{ advancedFilter: ["data.n"] }, "--advanced-filter: 'data.n' is not complete"],
    [
      { advancedFilter: ["n", "NumberIn", "one"] },
      "--advanced-filter: the operator NumberIn needs a number, but 'one' is not one",
    ],
    [{ advancedFilter: ["n", "NumberIn"] }, "--advanced-filter: the operator NumberIn needs a value"],
    [{ endpointType: "pigeon", endpoint: "x" }, "--endpoint-type: 'pigeon' is not valid. Valid values: WebHook,"],
    [{ endpointType: "eventhub" }, "needs --endpoint"],
    [
      { endpointType: "storagequeue", endpoint: "q" },
      "--endpoint: 'q' is not valid for StorageQueue. Use an ARM id: …/storageAccounts/{account}/queueServices/",
    ],
    [
      { endpointType: "monitoralert", endpoint: "high" },
      "--endpoint: 'high' is not valid for MonitorAlert. Use an alert's severity: Sev0, Sev1, Sev2, Sev3 or Sev4.",
    ],
    [{ endpointType: "constructor", endpoint: "x" }, "--endpoint-type: 'constructor' is not valid."],
    [{ deliveryAttributeMapping: ["A", "fixed", "1"] }, "--delivery-attribute-mapping must be"],
    [{ deadletterEndpoint: "/subscriptions/1" }, "--deadletter-endpoint must be"],
    [{ deadletterEndpoint: "./dead" }, "/containers/{container}'. Folders are set in the configuration file."],
    [{ eventDeliverySchema: "xml" }, "--event-delivery-schema: 'xml' is not valid"],
  ])("throws for %j", (flags, message) => {
    expect(() => subscriptionProperties(flags)).toThrow(message);
  });
});
