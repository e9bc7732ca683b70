import type { JsonObject, JsonValue } from "../../core/json.ts";
import type {
  DomainProperties,
  DomainResource,
  InputProperties,
  TopicProperties,
  TopicResource,
} from "../../core/resources/resources.ts";
import { bodyRequest } from "../body/body-request.ts";
import { patchEnvelope, READ_ENVELOPE, readTracked, TRACKED, putEnvelope } from "../body/envelope.ts";
import { EVENT_TYPE_INFO, readEventTypeInfo } from "../body/event-type-info.ts";
import { changeIdentity, IDENTITY, IDENTITY_CHANGES, readIdentity, writeIdentity } from "../body/identity.ts";
import { INPUT_SCHEMA, readInputSchema } from "../body/input-schema.ts";
import { changes, flag, object, oneOf, part, type TableOf } from "../body/members.ts";
import { merged } from "../body/merged.ts";
import { EXPORTED_ACCESS, PUBLISHER_ACCESS, READ_ACCESS, readPublisherAccess } from "../body/publisher-access.ts";
import type { ArmType, ReadContext } from "./arm-type.ts";

/** Properties that a PATCH may change. */
const CHANGEABLE: TableOf<Omit<TopicProperties, keyof InputProperties>> = {
  ...PUBLISHER_ACCESS,
  dataResidencyBoundary: oneOf(["WithinGeopair", "WithinRegion"]),
  eventTypeInfo: EVENT_TYPE_INFO,
};
const HOUSEKEEPING = { autoCreateTopicWithFirstSubscription: flag, autoDeleteTopicWithLastSubscription: flag };
/** Default values of properties. */
const EXPORTED: Readonly<Record<keyof TopicProperties, JsonValue>> = {
  inputSchema: "EventGridSchema",
  inputSchemaMapping: null,
  ...EXPORTED_ACCESS,
  dataResidencyBoundary: "WithinGeopair",
  eventTypeInfo: null,
};
const DEFAULTS = { inputSchema: "EventGridSchema" } as const;
const PROPERTIES = { ...INPUT_SCHEMA, ...CHANGEABLE };
/** Names of further members in reads. */
const ENVELOPE_READ = [...READ_ENVELOPE, "kind", "sku", "extendedLocation"];
const PROPERTIES_READ = [...READ_ACCESS, "metricResourceId"];

const PUT = { ...TRACKED, identity: IDENTITY };
const PATCH = { tags: TRACKED.tags, identity: IDENTITY_CHANGES };

/** The kind `Microsoft.EventGrid/topics`. */
export const topics: ArmType<"Microsoft.EventGrid/topics"> = {
  type: "Microsoft.EventGrid/topics",
  answers: { created: 201, replaced: 201, patched: 200, deleted: 204 },
  actions: ["listKeys", "regenerateKey"],
  longRunning: false,
  exported: { properties: EXPORTED, uniqueAmong: "among all topics in its region" },
  read: (topic, context) => ({
    ...readKeyed(topic, context),
    kind: "Azure",
    sku: { name: "Basic" },
    properties: readProperties(topic, context),
  }),
  put: bodyRequest(
    object({ ...PUT, properties: object(PROPERTIES, PROPERTIES_READ) }, ENVELOPE_READ),
    (body, context) => ({
      ...putEnvelope("Microsoft.EventGrid/topics", body, context),
      ...writeIdentity(body.identity, context.before?.identity),
      properties: { ...DEFAULTS, ...body.properties },
    }),
  ),
  patch: bodyRequest(
    changes({ ...PATCH, properties: part(CHANGEABLE, PROPERTIES_READ) }, ENVELOPE_READ),
    ({ tags, identity, properties }, context) => ({
      ...patchEnvelope("Microsoft.EventGrid/topics", tags, context),
      ...changeIdentity(identity, context.before.identity),
      properties: merged<TopicProperties>(context.before.properties, properties),
    }),
  ),
};

/** The kind `Microsoft.EventGrid/domains`. */
export const domains: ArmType<"Microsoft.EventGrid/domains"> = {
  type: "Microsoft.EventGrid/domains",
  answers: { created: 201, replaced: 201, patched: 200, deleted: 200 },
  actions: ["listKeys", "regenerateKey"],
  longRunning: false,
  exported: {
    properties: {
      ...EXPORTED,
      autoCreateTopicWithFirstSubscription: true,
      autoDeleteTopicWithLastSubscription: true,
    },
    uniqueAmong: "among all domains in its region",
  },
  read: (domain, context) => ({
    ...readKeyed(domain, context),
    sku: { name: "Basic" },
    properties: {
      ...readProperties(domain, context),
      autoCreateTopicWithFirstSubscription: domain.properties.autoCreateTopicWithFirstSubscription ?? true,
      autoDeleteTopicWithLastSubscription: domain.properties.autoDeleteTopicWithLastSubscription ?? true,
    },
  }),
  put: bodyRequest(
    object({ ...PUT, properties: object({ ...PROPERTIES, ...HOUSEKEEPING }, PROPERTIES_READ) }, ENVELOPE_READ),
    (body, context) => ({
      ...putEnvelope("Microsoft.EventGrid/domains", body, context),
      ...writeIdentity(body.identity, context.before?.identity),
      properties: { ...DEFAULTS, ...body.properties },
    }),
  ),
  patch: bodyRequest(
    changes({ ...PATCH, properties: part({ ...CHANGEABLE, ...HOUSEKEEPING }, PROPERTIES_READ) }, ENVELOPE_READ),
    ({ tags, identity, properties }, context) => ({
      ...patchEnvelope("Microsoft.EventGrid/domains", tags, context),
      ...changeIdentity(identity, context.before.identity),
      properties: merged<DomainProperties>(context.before.properties, properties),
    }),
  ),
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
