import { describe, expect, it } from "vitest";
import { EG, GROUP, startArmApp, type ArmApp } from "../../../test/support/servers/arm-app.ts";
import { createLineLogger, type LogLine } from "../../app/system/line-logger.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { DEFAULT_SUBSCRIPTION_ID } from "../../core/resources/resource-id.ts";
import { DAY_MS, formatTime } from "../../core/time.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { memberPaths } from "../../resource-manager/body/body-request.ts";
import { RESOURCE_TYPES } from "../../resource-manager/resource-types.ts";

type ManagedType = keyof typeof RESOURCE_TYPES;

const ACCOUNTS = `${GROUP}/providers/Microsoft.Storage/storageAccounts`;
const REGISTRATION = `${EG}/partnerRegistrations/contoso`;
const NAMESPACE = `${EG}/partnerNamespaces/contoso-ns`;
const soon = formatTime(new ManualClock().now() + 2 * DAY_MS);
const tags = { team: "billing" };
const identity = { type: "UserAssigned", userAssignedIdentities: { [`${GROUP}/identities/one`]: {} } };
const eventTypeInfo = { kind: "Inline", inlineEventTypes: { Placed: { description: "An order." } } };
const access = {
  publicNetworkAccess: "Disabled",
  inboundIpRules: [{ ipMask: "10.0.0.0/8", action: "Allow" }],
  disableLocalAuth: true,
  minimumTlsVersionAllowed: "1.2",
};
const topic = { ...access, dataResidencyBoundary: "WithinRegion", eventTypeInfo };
const housekeeping = { autoCreateTopicWithFirstSubscription: false, autoDeleteTopicWithLastSubscription: false };
const mapping = {
  inputSchemaMappingType: "Json",
  properties: { id: { sourceField: "key" }, eventType: { defaultValue: "T" }, subject: { sourceField: "about" } },
};
const dead = {
  endpointType: "StorageBlob",
  properties: { resourceId: `${ACCOUNTS}/photos`, blobContainerName: "dead" },
};
const described = Object.fromEntries(
  memberPaths(RESOURCE_TYPES["Microsoft.Storage/storageAccounts"].put.table.members["properties"] as never).map(
    (name) => [name, `the ${name}`],
  ),
);

/** A resource of each type with every member set to a value other than its default, in the order of creation. */
const SAMPLES: { readonly [Type in ManagedType]: { readonly path: string; readonly body: JsonObject } } = {
  "Microsoft.Resources/resourceGroups": {
    path: `${GROUP}-made`,
    body: { location: "local", tags, managedBy: "/subscriptions/x" },
  },
  "Microsoft.Storage/storageAccounts": {
    path: `${ACCOUNTS}/photos`,
    body: { location: "local", tags, kind: "BlobStorage", sku: { name: "Premium_LRS" }, properties: described },
  },
  "Microsoft.EventGrid/topics": {
    path: `${EG}/topics/made`,
    body: {
      location: "local",
      tags,
      identity,
      properties: { inputSchema: "CustomEventSchema", inputSchemaMapping: mapping, ...topic },
    },
  },
  "Microsoft.EventGrid/domains": {
    path: `${EG}/domains/shop`,
    body: { location: "local", tags, identity, properties: { ...topic, ...housekeeping } },
  },
  "Microsoft.EventGrid/domains/topics": { path: `${EG}/domains/shop/topics/europe`, body: { properties: {} } },
  "Microsoft.EventGrid/systemTopics": {
    path: `${EG}/systemTopics/uploads`,
    body: {
      location: "local",
      tags,
      identity,
      properties: { source: `${ACCOUNTS}/other`, topicType: "Microsoft.Storage.StorageAccounts" },
    },
  },
  "Microsoft.EventGrid/eventSubscriptions": {
    path: `${EG}/domains/shop/eventSubscriptions/billing`,
    body: {
      properties: {
        destination: {
          endpointType: "EventHub",
          properties: {
            resourceId: `${GROUP}/providers/Microsoft.EventHub/namespaces/n/eventhubs/h`,
            deliveryAttributeMappings: [
              { name: "kind", type: "Static", properties: { value: "order", isSecret: false } },
              { name: "id", type: "Dynamic", properties: { sourceField: "data.id" } },
            ],
          },
        },
        filter: {
          subjectBeginsWith: "/a",
          subjectEndsWith: ".jpg",
          isSubjectCaseSensitive: true,
          includedEventTypes: ["Placed"],
          enableAdvancedFilteringOnArrays: true,
          advancedFilters: [{ operatorType: "StringIn", key: "data.x", values: ["a"] }],
        },
        labels: ["one"],
        expirationTimeUtc: "2999-01-01T00:00:00.000Z",
        eventDeliverySchema: "CloudEventSchemaV1_0",
        retryPolicy: { maxDeliveryAttempts: 3, eventTimeToLiveInMinutes: 5 },
        deadLetterDestination: dead,
      },
    },
  },
  "Microsoft.EventGrid/partnerRegistrations": {
    path: REGISTRATION,
    body: {
      location: "global",
      tags,
      properties: { partnerRegistrationImmutableId: "6f541064-031d-4cc8-9ec3-a3b4fc0f7185" },
    },
  },
  "Microsoft.EventGrid/partnerConfigurations": {
    path: `${EG}/partnerConfigurations/default`,
    body: {
      location: "global",
      tags,
      properties: {
        partnerAuthorization: {
          defaultMaximumExpirationTimeInDays: 30,
          authorizedPartnersList: [
            { partnerName: "contoso", authorizationExpirationTimeInUtc: "2999-01-01T00:00:00.000Z" },
          ],
        },
      },
    },
  },
  "Microsoft.EventGrid/partnerNamespaces": {
    path: NAMESPACE,
    body: {
      location: "local",
      tags,
      properties: {
        partnerRegistrationFullyQualifiedId: REGISTRATION,
        partnerTopicRoutingMode: "ChannelNameHeader",
        ...access,
      },
    },
  },
  "Microsoft.EventGrid/partnerNamespaces/channels": {
    path: `${NAMESPACE}/channels/news`,
    body: {
      properties: {
        channelType: "PartnerTopic",
        partnerTopicInfo: {
          azureSubscriptionId: DEFAULT_SUBSCRIPTION_ID,
          resourceGroupName: "ringmain",
          name: "news",
          source: "/contoso",
          eventTypeInfo,
        },
        messageForActivation: "Hello",
        expirationTimeIfNotActivatedUtc: soon,
      },
    },
  },
  // The channel created it.
  "Microsoft.EventGrid/partnerTopics": {
    path: `${EG}/partnerTopics/news`,
    body: {
      location: "local",
      tags,
      identity,
      properties: {
        partnerRegistrationImmutableId: "6f541064-031d-4cc8-9ec3-a3b4fc0f7185",
        source: "/contoso",
        eventTypeInfo,
        expirationTimeIfNotActivatedUtc: soon,
        partnerTopicFriendlyDescription: "News",
        messageForActivation: "Hello",
      },
    },
  },
};
const TYPES = Object.keys(SAMPLES) as ManagedType[];

interface LoggedApp extends ArmApp {
  /** Logged warnings. */
  readonly warnings: readonly LogLine[];
}

/** Starts an app with the resources that a type's sample depends on: all samples before it. */
async function serverFor(type: ManagedType): Promise<LoggedApp> {
  const warnings: LogLine[] = [];
  const app = await startArmApp({ logger: createLineLogger("warn", (line) => warnings.push(line)) });
  for (const earlier of TYPES.slice(0, TYPES.indexOf(type))) {
    const { path, body } = SAMPLES[earlier];
    expect((await app.call("PUT", path, body)).status, earlier).toBeLessThan(300);
  }
  return { ...app, warnings };
}

/** Objects with member names that the user chooses. */
const FREE = new Set(["tags", "userAssignedIdentities", "inlineEventTypes"]);

/** Returns the body with Azure's member names in capitals and enumeration values in lower case. */
function shouted(value: JsonValue, isFree = false): JsonValue {
  if (Array.isArray(value)) return value.map((each) => shouted(each as JsonValue));
  if (typeof value !== "object" || value === null) {
    return typeof value === "string" && ENUMERATED.has(value) ? value.toLowerCase() : value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, each = null]) => [
      isFree ? name : name.toUpperCase(),
      shouted(each, FREE.has(name)),
    ]),
  );
}

const ENUMERATED = new Set(
  "UserAssigned Inline Disabled Allow WithinRegion Json CustomEventSchema EventHub Static Dynamic StringIn StorageBlob CloudEventSchemaV1_0 ChannelNameHeader PartnerTopic".split(
    " ",
  ),
);

/** Returns a body without the member at a path, or with another value there. */
function withMember(body: JsonObject, path: string, value: JsonValue | undefined): JsonObject {
  const [name = "", ...rest] = path.split(".");
  const { [name]: inner, ...others } = body;
  if (rest.length === 0) return value === undefined ? others : { ...others, [name]: value };
  return { ...others, [name]: withMember((inner ?? {}) as JsonObject, rest.join("."), value) };
}

/**
 * Returns where a PUT has a member of a PATCH: in `properties` for event subscriptions; the days of a partner
 * configuration lie elsewhere too.
 */
function pathInPut(type: ManagedType, path: string): string {
  if (type === "Microsoft.EventGrid/eventSubscriptions") return `properties.${path}`;
  if (path.endsWith("defaultMaximumExpirationTimeInDays")) {
    return "properties.partnerAuthorization.defaultMaximumExpirationTimeInDays";
  }
  return path;
}

/** Members that are required or immutable. */
const FIXED = new Set(["destination", "eventDeliverySchema", "properties.expirationTimeIfNotActivatedUtc"]);
/** Members that the samples lack, because they exclude other members; they have tests of their own. */
const EXCLUDED = new Set(["deliveryWithResourceIdentity", "deadLetterWithResourceIdentity"]);

/** Returns the last two segments, which are equal in all paths and the id of a resource. */
function lastSegments(path: string): string {
  return path.split("/").slice(-2).join("/");
}

const read = async ({ call }: ArmApp, path: string): Promise<unknown> => {
  const { body } = await call("GET", path);
  // This id is random.
  return withMember(body as JsonObject, "properties.metricResourceId", undefined);
};

describe.each(TYPES)("a body of %s", (type) => {
  const { path, body } = SAMPLES[type];

  it("[ARM-CASE] is read with names and enumerations in any case", async () => {
    const plain = await serverFor(type);
    expect((await plain.call("PUT", path, body)).status).toBeLessThan(300);
    const other = await serverFor(type);
    expect((await other.call("PUT", path, shouted(body))).status).toBeLessThan(300);
    expect(await read(other, path)).toEqual(await read(plain, path));
    expect(other.warnings).toEqual([]);
  });

  it("[ARM-BODY-UNKNOWN] can be written back as it was read, without an unknown member", async () => {
    const app = await serverFor(type);
    await app.call("PUT", path, body);
    const first = await app.call("GET", path);
    expect((await app.call("PUT", path, first.body)).status).toBeLessThan(300);
    expect((await app.call("GET", path)).body).toEqual(first.body);
    expect(app.warnings).toEqual([]);
  });

  it("[ARM-BODY-UNKNOWN] is logged when it has unknown members, with their paths and the resource", async () => {
    const app = await serverFor(type);
    const { properties = {} } = body as { properties?: JsonObject };
    const sent = { ...body, nonsense: 1, nothing: null, properties: { ...properties, provisioningStatus: {} } };
    expect((await app.call("PUT", path, sent)).status).toBeLessThan(300);
    expect(app.warnings).toMatchObject([
      { event: "members_ignored", level: "warn", fields: { resource: expect.stringContaining(lastSegments(path)) } },
    ]);
    const members = app.warnings[0]?.fields["members"] as readonly string[] | undefined;
    expect(members?.map((member) => member.split(" ")[0])).toEqual(["nonsense", "properties.provisioningStatus"]);
    expect(JSON.stringify((await app.call("GET", path)).body)).not.toMatch(/nonsense|provisioningStatus/);
  });

  const { patch } = RESOURCE_TYPES[type];
  if (patch === undefined) return;
  const paths = memberPaths(patch.table).filter((each) => !EXCLUDED.has(each));
  it.each(paths.filter((each) => !FIXED.has(each)))(
    "[ARM-PATCH-NULL] is cleared of '%s' by null in a PATCH, as by a PUT without the member",
    async (member) => {
      const inPut = pathInPut(type, member);
      const without = await serverFor(type);
      await without.call("PUT", path, withMember(body, inPut, undefined));
      const cleared = await serverFor(type);
      await cleared.call("PUT", path, body);
      expect(await read(cleared, path), "the sample sets it").not.toEqual(await read(without, path));
      expect((await cleared.call("PATCH", path, withMember({}, member, null))).status).toBeLessThan(300);
      expect(await read(cleared, path)).toEqual(await read(without, path));
      expect(cleared.warnings).toEqual([]);
    },
  );

  it.each(paths.filter((each) => FIXED.has(each)))(
    "[ARM-PATCH-NULL] keeps '%s', which is required or immutable, when a PATCH sets it to null",
    async (member) => {
      const app = await serverFor(type);
      await app.call("PUT", path, body);
      const before = await read(app, path);
      await app.call("PATCH", path, withMember({}, member, null));
      expect(await read(app, path)).toEqual(before);
    },
  );

  it("[ARM-PATCH-NULL] is not changed by an empty PATCH", async () => {
    const app = await serverFor(type);
    await app.call("PUT", path, body);
    const before = await read(app, path);
    for (const nothing of [{}, { properties: {} }, { properties: null }]) {
      expect((await app.call("PATCH", path, nothing)).status).toBeLessThan(300);
    }
    expect(await read(app, path)).toEqual(before);
  });
});
