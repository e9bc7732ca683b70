import { describe, expect, it } from "vitest";
import {
  eventSubscriptionId,
  resourceId,
  DEFAULT_SCOPE,
  storageAccountId,
  topicId,
} from "../../core/resources/resource-id.ts";
import type { EventSubscriptionResource, Resource } from "../../core/resources/resources.ts";
import { eventSubscriptions } from "./event-subscription.ts";
import { askedBy } from "../../../test/support/fixtures/asked-by.ts";
import type { JsonObject } from "../../core/json.ts";

const id = eventSubscriptionId(topicId("t"), "e");
const queue = { resourceId: storageAccountId("a"), blobContainerName: "dead" };
const hook = { endpointType: "WebHook", properties: { endpointUrl: "https://a/?b" } };

function write(properties: JsonObject, source?: Partial<Resource>, before?: EventSubscriptionResource) {
  return askedBy(
    eventSubscriptions.put,
    { properties },
    {
      id,
      name: "e",
      before,
      newId: () => "",
      find: (wanted) => (wanted === topicId("t") ? (source as Resource) : undefined),
    },
  );
}

function stored(properties: JsonObject): EventSubscriptionResource {
  const desired = write(properties);
  return { ...desired, uid: "u", properties: { ...desired.properties, provisioningState: "Succeeded" } };
}

function patch(before: EventSubscriptionResource, body: JsonObject): EventSubscriptionResource["properties"] {
  const context = { id, name: "e", before, newId: () => "", find: () => undefined };
  return askedBy(eventSubscriptions.patch, body, context).properties as EventSubscriptionResource["properties"];
}

function read(resource: EventSubscriptionResource): JsonObject {
  const context = {
    id,
    type: resource.type,
    endpoint: "",
    find: () => undefined,
    storageEndpoints: () => null,
  };
  return eventSubscriptions.read(resource, context)["properties"] as JsonObject;
}

describe("an event subscription's body", () => {
  it("becomes the resource, with every member that Azure has", () => {
    const filter = {
      includedEventTypes: ["A"],
      subjectBeginsWith: "/a",
      subjectEndsWith: ".b",
      isSubjectCaseSensitive: false,
      enableAdvancedFilteringOnArrays: true,
      advancedFilters: [
        { operatorType: "StringIn", key: "data.x", values: ["a"] },
        { operatorType: "NumberGreaterThan", key: "data.n", value: 5 },
        { operatorType: "IsNotNull", key: "data.z" },
      ],
    };
    const written = write(
      {
        destination: hook,
        filter: {
          ...filter,
          advancedFilters: [
            { operatorType: "stringin", key: "data.x", values: ["a"], value: null },
            ...filter.advancedFilters.slice(1),
          ],
        },
        labels: ["l"],
        expirationTimeUtc: "2030-01-01T00:00:00Z",
        eventDeliverySchema: "cloudeventschemav1_0",
        retryPolicy: { maxDeliveryAttempts: 3 },
        deadLetterDestination: { endpointType: "storageblob", properties: queue },
      },
      { location: "eastus" },
    );
    expect(written).toEqual({
      id,
      name: "e",
      type: "Microsoft.EventGrid/eventSubscriptions",
      location: "eastus",
      properties: {
        topic: topicId("t"),
        destination: hook,
        filter,
        labels: ["l"],
        expirationTimeUtc: "2030-01-01T00:00:00Z",
        eventDeliverySchema: "CloudEventSchemaV1_0",
        retryPolicy: { maxDeliveryAttempts: 3, eventTimeToLiveInMinutes: 1_440 },
        deadLetterDestination: { endpointType: "StorageBlob", properties: queue },
      },
    });
  });

  it("has its topic's schema by default, and keeps the stored one", () => {
    const topic = (inputSchema: string) =>
      ({ type: "Microsoft.EventGrid/topics", location: "local", properties: { inputSchema } }) as Partial<Resource>;
    const schema = (...[source, before]: [Partial<Resource>?, EventSubscriptionResource?]) =>
      write({ destination: hook }, source, before).properties.eventDeliverySchema;
    expect(schema()).toBe("EventGridSchema");
    expect(schema(topic("CloudEventSchemaV1_0"))).toBe("CloudEventSchemaV1_0");
    expect(schema(topic("CustomEventSchema"))).toBe("EventGridSchema");
    const before = stored({ destination: hook, eventDeliverySchema: "CustomInputSchema" });
    expect(schema(topic("CustomEventSchema"), before)).toBe("CustomInputSchema");
  });

  it("treats an empty expiration time as none", () => {
    expect(write({ destination: hook, expirationTimeUtc: "" }).properties).not.toHaveProperty("expirationTimeUtc");
  });
});

describe("identities of an event subscription", () => {
  const user = resourceId(DEFAULT_SCOPE, "Microsoft.ManagedIdentity/userAssignedIdentities", "me");
  const withIdentity = {
    deliveryWithResourceIdentity: {
      identity: { type: "userassigned", userAssignedIdentity: user },
      destination: hook,
    },
    deadLetterWithResourceIdentity: {
      identity: { type: "SystemAssigned" },
      deadLetterDestination: { endpointType: "StorageBlob", properties: queue },
    },
  };

  it("[ARM-DEFAULTS] replace destination and dead letter in reads", () => {
    const properties = read(stored(withIdentity));
    expect(properties).toMatchObject({
      destination: null,
      deliveryWithResourceIdentity: {
        identity: { type: "UserAssigned", userAssignedIdentity: user },
        destination: { properties: { endpointUrl: null, endpointBaseUrl: "https://a/" } },
      },
      deadLetterDestination: null,
      deadLetterWithResourceIdentity: {
        identity: { type: "SystemAssigned", userAssignedIdentity: null },
        deadLetterDestination: { properties: queue },
      },
    });
  });

  it("[ARM-PATCH-FLAT] are removed when a change sets the plain member, and kept otherwise", () => {
    const before = stored(withIdentity);
    const kept = patch(before, { labels: ["l"] });
    expect(kept).toMatchObject({ labels: ["l"], deliveryIdentity: { type: "UserAssigned" } });
    const plain = patch(before, {
      destination: { endpointType: "WebHook" },
      deadLetterDestination: { endpointType: "StorageBlob", properties: queue },
    });
    expect(plain).toMatchObject({ destination: hook });
    expect(plain).not.toHaveProperty("deliveryIdentity");
    expect(plain).not.toHaveProperty("deadLetterIdentity");
  });
});

describe("secrets of an event subscription", () => {
  const mapping = (value: unknown, isSecret = true) => ({
    name: "X-Key",
    type: "Static",
    properties: { value, isSecret },
  });
  const destination = (...mappings: unknown[]) =>
    ({ ...hook, properties: { ...hook.properties, deliveryAttributeMappings: mappings } }) as unknown as JsonObject;

  it("[ARM-SECRET] are hidden in reads; other values are not", () => {
    const shown = (value: unknown, isSecret: boolean) =>
      JSON.stringify(read(stored({ destination: destination(mapping(value, isSecret)) })));
    expect(shown("hush", true)).toContain('"value":"Hidden"');
    expect(shown("hush", true)).not.toContain("hush");
    expect(shown("loud", false)).toContain("loud");
  });

  it("[ARM-PATCH-SECRET] are kept when they are hidden or missing, and replaced by new values", () => {
    const before = stored({ destination: destination(mapping("hush")) });
    const value = (sent: unknown) =>
      JSON.stringify(patch(before, { destination: destination(mapping(sent)) }).destination.properties);
    expect(value("Hidden")).toContain("hush");
    expect(value(null)).toContain("hush");
    expect(value("new")).toContain('"value":"new"');
    // Another kind of destination keeps nothing.
    const other = { endpointType: "AzureFunction", properties: { deliveryAttributeMappings: [mapping("Hidden")] } };
    expect(JSON.stringify(patch(before, { destination: other as unknown as JsonObject }))).not.toContain("hush");
  });

  it("[ARM-SECRET] [ARM-PATCH-SECRET] for a webhook's signature are hidden and kept", () => {
    const signed = { ...hook, properties: { ...hook.properties, signingSecret: "whsec_aHVzaA==" } };
    const before = stored({ destination: signed });
    expect(JSON.stringify(read(before))).toContain('"signingSecret":"Hidden"');
    const after = (changed: JsonObject) => patch(before, { destination: changed }).destination.properties;
    expect(after({ endpointType: "WebHook", properties: { maxEventsPerBatch: 2 } })).toEqual({
      ...signed.properties,
      maxEventsPerBatch: 2,
    });
    expect(after({ endpointType: "WebHook", properties: { signingSecret: "Hidden" } })).toEqual(signed.properties);
  });

  it("are not kept by a PUT without the URL, because it replaces the whole resource", () => {
    const before = stored({ destination: hook });
    const again = write({ destination: { endpointType: "WebHook", properties: {} } }, undefined, before);
    expect(again.properties.destination.properties).not.toHaveProperty("endpointUrl");
  });
});
