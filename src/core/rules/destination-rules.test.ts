import { describe, expect, it } from "vitest";
import { takesAttributes } from "../destinations/destination-facts.ts";
import { DESTINATION_KINDS, ENDPOINT_TYPES } from "../destinations/index.ts";
import { eventSubscriptionId, topicId } from "../resources/resource-id.ts";
import { destinationRules } from "./destination-rules.ts";
import {
  DEFAULT_RETRY_POLICY,
  type DesiredEventSubscription,
  type DestinationDescription,
  type EndpointType,
} from "../resources/resources.ts";
import { type DeliveryAttributeMapping } from "../destinations/destination-property.ts";

const SCOPE = "/subscriptions/0/resourceGroups/g/providers";
const VAULT = `${SCOPE}/Microsoft.KeyVault/vaults/safe`;
const IDS: Readonly<Partial<Record<EndpointType, string>>> = {
  AzureFunction: `${SCOPE}/Microsoft.Web/sites/app/functions/f`,
  StorageQueue: `${SCOPE}/Microsoft.Storage/storageAccounts/acme`,
  ServiceBusQueue: `${SCOPE}/Microsoft.ServiceBus/namespaces/shop/queues/orders`,
  ServiceBusTopic: `${SCOPE}/Microsoft.ServiceBus/namespaces/shop/topics/news`,
  EventHub: `${SCOPE}/Microsoft.EventHub/namespaces/shop/eventhubs/telemetry`,
  HybridConnection: `${SCOPE}/Microsoft.Relay/namespaces/shop/hybridConnections/tills`,
  NamespaceTopic: `${SCOPE}/Microsoft.EventGrid/namespaces/shop/topics/orders`,
  PartnerDestination: `${SCOPE}/Microsoft.EventGrid/partnerDestinations/acme`,
};
const OTHERS: Readonly<Record<string, object>> = {
  WebHook: { endpointUrl: "https://localhost" },
  StorageQueue: { queueName: "orders" },
  MonitorAlert: { severity: "Sev3" },
  NatsSubject: { connection: "broker", subject: "orders.placed" },
  File: { path: "events.jsonl" },
};

/** Returns the problems of a valid destination of this kind after `properties` have been added. */
function problems(
  endpointType: EndpointType,
  properties: object = {},
  overrides: Partial<DesiredEventSubscription["properties"]> = {},
  declared = true,
) {
  const resourceId = IDS[endpointType];
  const all = { ...(resourceId && { resourceId }), ...OTHERS[endpointType], ...properties };
  const cloudEvents = DESTINATION_KINDS[endpointType].cloudEventsOnly;
  const desired: DesiredEventSubscription = {
    id: eventSubscriptionId(topicId("orders"), "handler"),
    name: "handler",
    type: "Microsoft.EventGrid/eventSubscriptions",
    location: "local",
    properties: {
      topic: endpointType === "MonitorAlert" ? VAULT : topicId("orders"),
      destination: { endpointType, properties: all } as unknown as DestinationDescription,
      filter: {},
      retryPolicy: DEFAULT_RETRY_POLICY,
      eventDeliverySchema: cloudEvents ? "CloudEventSchemaV1_0" : "EventGridSchema",
      ...overrides,
    },
  };
  return destinationRules(desired, "properties.destination", { declared });
}
const fields = (...values: Parameters<typeof problems>): string[] => problems(...values).map(({ field }) => field);

const TYPES = ENDPOINT_TYPES;
const having = (condition: (type: EndpointType) => boolean): EndpointType[] => TYPES.filter(condition);
const fixed = (name: string): DeliveryAttributeMapping => ({ name, type: "Static", properties: { value: "v" } });
const dynamic = (name: string): DeliveryAttributeMapping => ({
  name,
  type: "Dynamic",
  properties: { sourceField: "id" },
});
const P = "properties.destination.properties";

describe("destinations", () => {
  it.each(TYPES)("%s may be a destination", (type) => {
    expect(problems(type)).toEqual([]);
  });

  it.each(having((type) => IDS[type] !== undefined))(
    "[EG-DESTINATION-ID] %s needs a resource id of its form",
    (type) => {
      for (const resourceId of [undefined, 7, "", "orders", `${IDS[type]}/more`, VAULT]) {
        expect(fields(type, { resourceId })).toEqual([`${P}.resourceId`]);
      }
    },
  );

  it("[EG-DESTINATION-ID] name the form of the id in messages", () => {
    expect(problems("EventHub", { resourceId: "hub" })[0]?.message).toBe(
      "'hub' is not the resource id of an event hub: '…/providers/Microsoft.EventHub/namespaces/{namespace}/eventhubs/{hub}'.",
    );
  });

  it.each(having((type) => takesAttributes(type)))("[EG-ATTRIBUTES-WHERE] %s takes attributes", (type) => {
    expect(fields(type, { deliveryAttributeMappings: [fixed("a"), dynamic("b")] })).toEqual([]);
    expect(fields(type, { deliveryAttributeMappings: [fixed("aeg-x")] })).toEqual([
      `${P}.deliveryAttributeMappings[0].name`,
    ]);
  });

  it.each(having((type) => !takesAttributes(type)))("[EG-ATTRIBUTES-WHERE] %s takes no attributes", (type) => {
    expect(problems(type, { deliveryAttributeMappings: [fixed("a")] })).toMatchObject([
      {
        field: `${P}.deliveryAttributeMappings`,
        message: `Destinations of type ${type} take no delivery attributes.`,
      },
    ]);
    expect(fields(type, { deliveryAttributeMappings: [] })).toEqual([]);
    expect(fields(type, { deliveryAttributeMappings: null })).toEqual([]);
  });

  it.each(having((type) => takesAttributes(type) && type !== "WebHook"))(
    "[EG-ATTRIBUTES-AUTHORIZATION] %s takes no Authorization, and does not repeat it",
    (type) => {
      const [problem, ...others] = problems(type, {
        deliveryAttributeMappings: [dynamic("a"), fixed("AUTHORIZATION")],
      });
      expect(others).toEqual([]);
      expect(problem).toMatchObject({
        field: `${P}.deliveryAttributeMappings[1].name`,
        message: `The delivery attribute 'AUTHORIZATION' is for destinations of type WebHook, not of type ${type}.`,
      });
    },
  );

  it("[EG-ATTRIBUTES-AUTHORIZATION] WebHook takes Authorization", () => {
    expect(fields("WebHook", { deliveryAttributeMappings: [fixed("Authorization")] })).toEqual([]);
  });

  it("[EG-ATTRIBUTES-WHERE] are the six kinds that Azure names", () => {
    expect(having((type) => takesAttributes(type))).toEqual([
      "WebHook",
      "AzureFunction",
      "ServiceBusQueue",
      "ServiceBusTopic",
      "EventHub",
      "HybridConnection",
    ]);
  });

  it.each(["ServiceBusQueue", "ServiceBusTopic"] as const)(
    "[EG-SERVICEBUS-ATTRIBUTES] %s restricts MessageId",
    (type) => {
      const where = [`${P}.deliveryAttributeMappings`];
      expect(fields(type, { deliveryAttributeMappings: [fixed("messageId")] })).toEqual(where);
      expect(fields(type, { deliveryAttributeMappings: [dynamic("MessageId"), dynamic("sessionID")] })).toEqual(where);
      expect(fields(type, { deliveryAttributeMappings: [dynamic("MessageId")] })).toEqual([]);
      expect(fields(type, { deliveryAttributeMappings: [fixed("SessionId")] })).toEqual([]);
    },
  );

  it.each(["NamespaceTopic", "MonitorAlert"] as const)("[EG-DESTINATION-CE] %s takes CloudEvents only", (type) => {
    expect(problems(type, {}, { eventDeliverySchema: "EventGridSchema" })).toMatchObject([
      {
        field: "properties.eventDeliverySchema",
        message: expect.stringMatching(
          /^The specified EventDeliverySchema value "EventGridSchema" cannot be used in combination with /,
        ),
      },
    ]);
  });

  it.each<[string, boolean]>([
    ["abc", true],
    ["a-1", true],
    ["a".repeat(63), true],
    ["ab", false],
    ["a".repeat(64), false],
    ["A-b", false],
    ["a--b", false],
    ["-ab", false],
  ])("[EG-QUEUE-NAME] a queue may be named %s: %s", (queueName, valid) => {
    expect(fields("StorageQueue", { queueName })).toEqual(valid ? [] : [`${P}.queueName`]);
  });

  it.each<[unknown, boolean]>([
    [1, true],
    [-1, true],
    [604_800, true],
    [null, true],
    [0, false],
    [-2, false],
    [1.5, false],
    ["60", false],
  ])("[EG-QUEUE-TTL] a message may live %s seconds: %s", (seconds, valid) => {
    expect(fields("StorageQueue", { queueMessageTimeToLiveInSeconds: seconds })).toEqual(
      valid ? [] : [`${P}.queueMessageTimeToLiveInSeconds`],
    );
  });

  it("[EG-ALERT] an alert is for Key Vaults, with a severity and up to five action groups", () => {
    expect(fields("MonitorAlert", {}, { topic: topicId("orders") })).toEqual(["properties.destination.endpointType"]);
    expect(fields("MonitorAlert", { severity: "Sev5" })).toEqual([`${P}.severity`]);
    expect(fields("MonitorAlert", { severity: undefined })).toEqual([`${P}.severity`]);
    expect(fields("MonitorAlert", { description: "x".repeat(1_025) })).toEqual([`${P}.description`]);
    expect(fields("MonitorAlert", { actionGroups: Array.from({ length: 6 }, () => "/a") })).toEqual([
      `${P}.actionGroups`,
    ]);
    expect(fields("MonitorAlert", { actionGroups: [1] })).toEqual([`${P}.actionGroups`]);
    expect(fields("MonitorAlert", { description: "d", actionGroups: ["/a"] })).toEqual([]);
  });

  it.each<[unknown, boolean]>([
    ["orders", true],
    ["orders.eu.placed", true],
    ["orders.>", false],
    ["orders.*", false],
    ["or ders", false],
    ["orders..eu", false],
    ["", false],
    [undefined, false],
    ["a".repeat(256), false],
  ])("[EG-NATS-SUBJECT] %s is a subject: %s", (subject, valid) => {
    expect(fields("NatsSubject", { subject })).toEqual(valid ? [] : [`${P}.subject`]);
  });

  it("[EG-NATS-SUBJECT] needs a connection", () => {
    expect(fields("NatsSubject", { connection: "" })).toEqual([`${P}.connection`]);
  });

  it("[EG-FILE] a file can be declared by the configuration file only, and has a maximum size", () => {
    expect(fields("File", {}, {}, false)).toEqual(["properties.destination.endpointType"]);
    for (const path of ["", "a\0b", undefined]) expect(fields("File", { path })).toEqual([`${P}.path`]);
    for (const maxFileMegabytes of [0, 10_001, 1.5]) {
      expect(fields("File", { maxFileMegabytes })).toEqual([`${P}.maxFileMegabytes`]);
    }
  });

  it("[EG-STREAM-ACCESS] a stream's token must be long, and is not repeated", () => {
    const short = problems("Stream", { accessToken: "s3cret-s3cret-1" });
    expect(short).toMatchObject([{ field: `${P}.accessToken` }]);
    expect(JSON.stringify(short)).not.toContain("s3cret");
    expect(problems("Stream", { accessToken: "s3cret-s3cret-12" })).toEqual([]);
  });
});
