import { describe, expect, it } from "vitest";
import { DEFAULT_TENANT_ID, topicId } from "../../core/resources/resource-id.ts";
import type { JsonObject } from "../../core/json.ts";
import type { DomainResource, TopicResource } from "../../core/resources/resources.ts";
import { askedBy } from "../../../test/support/fixtures/asked-by.ts";
import { domains, topics } from "./topic.ts";

const id = topicId("t");
const keys = { key1: "k1", key2: "k2" };
const context = { id, name: "t", before: undefined, newId: () => "", find: () => undefined };
const reading = { id, type: "t", endpoint: "http://here", find: () => undefined, storageEndpoints: () => null };

const write = (body: JsonObject) => askedBy(topics.put, { location: "local", ...body }, context);
const stored = (body: JsonObject): TopicResource => ({ ...write(body), uid: "uid", keys });
const patch = (before: TopicResource, body: JsonObject) => askedBy(topics.patch, body, { ...context, before });

const everything = {
  tags: { a: "b" },
  identity: { type: "SystemAssigned, UserAssigned", userAssignedIdentities: { "/id": {} } },
  properties: {
    inputSchema: "CustomEventSchema",
    inputSchemaMapping: {
      inputSchemaMappingType: "Json",
      properties: {
        id: { sourceField: "i" },
        topic: {},
        eventTime: {},
        eventType: { sourceField: "t", defaultValue: "T" },
        subject: { defaultValue: "S" },
      },
    },
    publicNetworkAccess: "Disabled",
    inboundIpRules: [{ ipMask: "10.0.0.0/8", action: "Allow" }],
    disableLocalAuth: true,
    minimumTlsVersionAllowed: "1.2",
    dataResidencyBoundary: "WithinRegion",
    eventTypeInfo: { kind: "Inline", inlineEventTypes: { "A.B": { description: "d", displayName: "n" } } },
  },
} as const;

describe("a topic's body", () => {
  it("becomes the resource, with every member that Azure has", () => {
    expect(write(everything)).toEqual({
      id,
      name: "t",
      type: "Microsoft.EventGrid/topics",
      location: "local",
      ...everything,
    });
  });

  it.each(["300.1.1.1", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "::1/129", "host", ""])(
    "[EG-INBOUND-RULES] may not name the address '%s'",
    (ipMask) => {
      expect(() => write({ properties: { inboundIpRules: [{ ipMask }] } })).toThrow(`The ipMask '${ipMask}'`);
    },
  );

  it.each(["10.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/128"])("[EG-INBOUND-RULES] may name %s", (ipMask) => {
    expect(write({ properties: { inboundIpRules: [{ ipMask }] } }).properties.inboundIpRules).toEqual([
      { ipMask, action: "Allow" },
    ]);
  });

  it("[ARM-CASE] is read in any case, with null as absent and read-only members ignored", () => {
    const written = write({
      identity: { type: "none" },
      properties: {
        inputSchema: "customEVENTschema",
        inputSchemaMapping: null,
        publicNetworkAccess: "enabled",
        inboundIpRules: [{ ipMask: "1.2.3.4", action: "allow" }],
        endpoint: "http://other",
        provisioningState: "Failed",
      },
    });
    expect(written).not.toHaveProperty("identity");
    expect(written.properties).toEqual({
      inputSchema: "CustomEventSchema",
      publicNetworkAccess: "Enabled",
      inboundIpRules: [{ ipMask: "1.2.3.4", action: "Allow" }],
    });
  });

  it("[ARM-BODY] is refused if a member is of the wrong kind, and the error names the member", () => {
    const refusal = (properties: JsonObject): string => {
      try {
        write({ properties });
        return "taken";
      } catch (thrown) {
        return (thrown as Error).message;
      }
    };
    expect(refusal({ inputSchema: "XML" })).toMatch(/'properties\.inputSchema' must be one of 'EventGridSchema', /);
    expect(refusal({ inboundIpRules: [1] })).toMatch(/'properties\.inboundIpRules\[0\]' must be an object, not 1/);
    expect(refusal({ inboundIpRules: {} })).toMatch(/must be a list/);
    expect(() => write({ tags: { a: 1 } })).toThrow(/'tags\.a' must be a text/);
    expect(() => write({ properties: [] })).toThrow(/'properties' must be an object/);
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, ""]));
    expect(() => write({ tags: many })).toThrow(/at most 50/);
    expect(() => write({ tags: { a: "x".repeat(257) } })).toThrow(/256/);
  });

  it("[ARM-BODY] may use names of Object.prototype in tags", () => {
    const body = JSON.parse('{"tags": {"__proto__": "a", "constructor": "b"}}') as JsonObject;
    expect(Object.entries(write(body).tags ?? {})).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
    expect(write({}).properties).toEqual({ inputSchema: "EventGridSchema" });
  });
});

describe("a topic's read", () => {
  it("[ARM-SECRET] contains no key, and can be written back", () => {
    const read = topics.read(stored(everything), reading);
    expect(JSON.stringify(read)).not.toMatch(/k1|k2/);
    expect(askedBy(topics.put, read, context)).toEqual(write(everything));
    expect(read).toMatchObject({
      identity: { type: "SystemAssigned, UserAssigned", principalId: "uid", tenantId: DEFAULT_TENANT_ID },
      properties: { endpoint: "http://here", metricResourceId: "uid" },
    });
  });
});

describe("a topic's change", () => {
  it("keeps missing members, and always keeps the schema", () => {
    const before = stored(everything);
    expect(patch(before, {})?.properties).toEqual(before.properties);
    const after = patch(before, { tags: {}, properties: { inputSchema: "EventGridSchema", disableLocalAuth: false } });
    expect(after).toMatchObject({ tags: {}, identity: before.identity });
    expect(after?.properties).toEqual({ ...before.properties, disableLocalAuth: false });
  });

  it("removes an identity with None", () => {
    expect(patch(stored(everything), { identity: { type: "None" } })).not.toHaveProperty("identity");
  });

  it("may set a domain's automatic creation and deletion of topics", () => {
    const domain = askedBy(domains.put, { location: "local" }, context);
    const before: DomainResource = { ...domain, uid: "uid", keys };
    expect(domains.read(before, reading)["properties"]).toMatchObject({
      autoCreateTopicWithFirstSubscription: true,
      autoDeleteTopicWithLastSubscription: true,
    });
    const body = { properties: { autoDeleteTopicWithLastSubscription: false } };
    const after = askedBy(domains.patch, body, { ...context, before });
    expect(after?.properties).toEqual({ inputSchema: "EventGridSchema", autoDeleteTopicWithLastSubscription: false });
  });
});
