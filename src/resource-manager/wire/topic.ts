import type { JsonObject } from "../../core/json.ts";
import type { DomainResource, TopicProperties, TopicResource } from "../../core/resources/resources.ts";
import type { ArmType, ReadContext } from "./arm-type.ts";
import { identityOf, patchEnvelope, readIdentity, readTracked, writeEnvelope } from "../body/envelope.ts";
import { given } from "../body/given.ts";
import { readInputSchema, writeInputSchema } from "../body/input-schema.ts";
import { JsonReader } from "../body/json-reader.ts";
import {
  eventTypeInfoOf,
  PATCHABLE_ACCESS,
  readEventTypeInfo,
  readPublisherAccess,
  writePublisherAccess,
} from "../body/publisher-access.ts";

const RESIDENCY = ["WithinGeopair", "WithinRegion"] as const;
/** Members that a PATCH of a topic or a domain may change. */
const PATCHABLE = [
  "tags",
  "identity",
  ...PATCHABLE_ACCESS,
  "properties.dataResidencyBoundary",
  "properties.eventTypeInfo",
];

/** `Microsoft.EventGrid/topics` */
export const topics: ArmType<"Microsoft.EventGrid/topics"> = {
  type: "Microsoft.EventGrid/topics",
  placement: { kind: "group" },
  answers: { created: 201, replaced: 201, patched: 200, deleted: 204 },
  actions: ["listKeys", "regenerateKey"],
  patchable: PATCHABLE,
  longRunning: false,
  read: (topic, context) => ({
    ...readKeyed(topic, context),
    kind: "Azure",
    sku: { name: "Basic" },
    properties: readProperties(topic, context),
  }),
  write: (body, context) => {
    const properties = body.child("properties") ?? new JsonReader({});
    return {
      ...writeEnvelope("Microsoft.EventGrid/topics", body, context),
      ...identityOf(body),
      properties: { ...writeInputSchema(properties), ...changeable(properties) },
    };
  },
  patch: (body, { before }) => {
    const properties = body.child("properties") ?? new JsonReader({});
    return {
      ...patchEnvelope("Microsoft.EventGrid/topics", body, before),
      ...identityOf(body, before.identity),
      properties: { ...before.properties, ...changeable(properties, before.properties) },
    };
  },
};

/** `Microsoft.EventGrid/domains` */
export const domains: ArmType<"Microsoft.EventGrid/domains"> = {
  type: "Microsoft.EventGrid/domains",
  placement: { kind: "group" },
  answers: { created: 201, replaced: 201, patched: 200, deleted: 200 },
  actions: ["listKeys", "regenerateKey"],
  patchable: [
    ...PATCHABLE,
    "properties.autoCreateTopicWithFirstSubscription",
    "properties.autoDeleteTopicWithLastSubscription",
  ],
  longRunning: false,
  read: (domain, context) => ({
    ...readKeyed(domain, context),
    sku: { name: "Basic" },
    properties: {
      ...readProperties(domain, context),
      autoCreateTopicWithFirstSubscription: domain.properties.autoCreateTopicWithFirstSubscription ?? true,
      autoDeleteTopicWithLastSubscription: domain.properties.autoDeleteTopicWithLastSubscription ?? true,
    },
  }),
  write: (body, context) => {
    const properties = body.child("properties") ?? new JsonReader({});
    return {
      ...writeEnvelope("Microsoft.EventGrid/domains", body, context),
      ...identityOf(body),
      properties: { ...writeInputSchema(properties), ...changeable(properties), ...housekeeping(properties) },
    };
  },
  patch: (body, { before }) => {
    const properties = body.child("properties") ?? new JsonReader({});
    return {
      ...patchEnvelope("Microsoft.EventGrid/domains", body, before),
      ...identityOf(body, before.identity),
      properties: { ...before.properties, ...changeable(properties, before.properties), ...housekeeping(properties) },
    };
  },
};

function readKeyed(resource: TopicResource | DomainResource, context: ReadContext): JsonObject {
  return { ...readTracked(resource, context), identity: readIdentity(resource) };
}

function readProperties({ uid, properties }: TopicResource | DomainResource, { endpoint }: ReadContext): JsonObject {
  return {
    provisioningState: "Succeeded",
    endpoint,
    ...readInputSchema(properties),
    metricResourceId: uid,
    ...readPublisherAccess(properties),
    dataResidencyBoundary: properties.dataResidencyBoundary ?? "WithinGeopair",
    eventTypeInfo: readEventTypeInfo(properties.eventTypeInfo),
  };
}

/** What a PATCH may change, too. */
function changeable(properties: JsonReader, before?: TopicProperties): Omit<TopicProperties, "inputSchema"> {
  return {
    ...writePublisherAccess(properties, before),
    ...given({
      dataResidencyBoundary: properties.oneOf("dataResidencyBoundary", RESIDENCY) ?? before?.dataResidencyBoundary,
      eventTypeInfo: eventTypeInfoOf(properties, before?.eventTypeInfo),
    }),
  };
}

type Housekeeping = Pick<
  DomainResource["properties"],
  "autoCreateTopicWithFirstSubscription" | "autoDeleteTopicWithLastSubscription"
>;

function housekeeping(properties: JsonReader): Housekeeping {
  return given({
    autoCreateTopicWithFirstSubscription: properties.flag("autoCreateTopicWithFirstSubscription"),
    autoDeleteTopicWithLastSubscription: properties.flag("autoDeleteTopicWithLastSubscription"),
  });
}
