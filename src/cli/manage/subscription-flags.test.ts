import { describe, expect, it } from "vitest";
import { ENDPOINT_TYPES, type EndpointType } from "../../core/destinations/index.ts";
import { FLAG_WORDS, subscriptionProperties, type SubscriptionFlags } from "./subscription-flags.ts";

/** Endpoints of the kinds that do not take any text. */
const ENDPOINTS: Readonly<Partial<Record<EndpointType, string>>> = {
  MonitorAlert: "Sev1",
  StorageQueue: "/subscriptions/0/storageAccounts/a/queueServices/default/queues/q",
};

describe("flags of an event subscription", () => {
  it.each<[what: string, words: readonly string[], filters: readonly unknown[]]>([
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
  ])("make advanced filters of %s", (_what, advancedFilter, advancedFilters) => {
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
  ])("%j make a destination", (flags, destination) => {
    expect(subscriptionProperties(flags)).toEqual({ destination });
  });

  it.each(ENDPOINT_TYPES)("know destinations of type %s by the word that az would use", (type) => {
    const flags = { endpointType: type.toLowerCase(), endpoint: ENDPOINTS[type] ?? "/subscriptions/0/anything" };
    expect(subscriptionProperties(flags)).toMatchObject({ destination: { endpointType: type } });
    expect(FLAG_WORDS.endpointTypes).toContain(flags.endpointType);
  });

  it("change what is there and keep the rest", () => {
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
    [{ advancedFilter: ["data.n", "NumberIs", "1"] }, "'NumberIs' is no operator"],
    [{ advancedFilter: ["data.n"] }, "--advanced-filter needs more than 'data.n'"],
    [{ advancedFilter: ["n", "NumberIn", "one"] }, "'one' is no number"],
    [{ advancedFilter: ["n", "NumberIn"] }, "The operator NumberIn needs a value"],
    [{ endpointType: "pigeon", endpoint: "x" }, "'pigeon' is no --endpoint-type. It is one of WebHook,"],
    [{ endpointType: "eventhub" }, "needs --endpoint"],
    [{ endpointType: "storagequeue", endpoint: "q" }, "'q' is no --endpoint of type StorageQueue. It is an ARM id: …/"],
    [{ endpointType: "monitoralert", endpoint: "high" }, "It is an alert's severity: Sev0, Sev1, Sev2, Sev3 or Sev4"],
    [{ endpointType: "constructor", endpoint: "x" }, "'constructor' is no --endpoint-type."],
    [{ deliveryAttributeMapping: ["A", "fixed", "1"] }, "A delivery attribute is"],
    [{ deadletterEndpoint: "/subscriptions/1" }, "Dead letters go to"],
    [{ eventDeliverySchema: "xml" }, "'xml' is no --event-delivery-schema"],
  ])("%j are refused", (flags, message) => {
    expect(() => subscriptionProperties(flags)).toThrow(message);
  });
});
