import { RingmainError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { quote } from "../../core/rules/problem.ts";
import type {
  DeadLetterDescription,
  DeliveryAttributeMapping,
  DestinationDescription,
  EndpointType,
} from "../../core/resources/resources.ts";
import { HIDDEN, readMappings, writeMappings } from "./delivery-attributes.ts";
import { given } from "./given.ts";
import { JsonReader } from "./json-reader.ts";

/** How a destination's member is taken and shown. */
type Member =
  | "text"
  | "number"
  | "flag"
  | "texts"
  | "mappings"
  /** Holds secrets: kept when a change leaves it out, shown without its query as `endpointBaseUrl`. */
  | "url"
  /** Kept when a change leaves it out or it comes back hidden, as it is shown. */
  | "secret";

/** Members of each kind of destination, with what the service fills in. */
interface Shape {
  readonly members: Readonly<Record<string, Member>>;
  readonly defaults: JsonObject;
}

const BATCHING = { maxEventsPerBatch: "number", preferredBatchSizeInKilobytes: "number" } as const;
/** [ARM-DEFAULTS] */
const BATCHING_DEFAULTS = { maxEventsPerBatch: 1, preferredBatchSizeInKilobytes: 64 };

/** What is known by a resource id alone. */
const RESOURCE: Shape = { members: { resourceId: "text" }, defaults: {} };
const ATTRIBUTED_RESOURCE: Shape = {
  members: { resourceId: "text", deliveryAttributeMappings: "mappings" },
  defaults: {},
};

const SHAPES: Readonly<Record<EndpointType, Shape>> = {
  WebHook: {
    members: {
      endpointUrl: "url",
      ...BATCHING,
      signingSecret: "secret",
      azureActiveDirectoryTenantId: "text",
      azureActiveDirectoryApplicationIdOrUri: "text",
      minimumTlsVersionAllowed: "text",
      deliveryAttributeMappings: "mappings",
    },
    defaults: BATCHING_DEFAULTS,
  },
  AzureFunction: {
    members: { resourceId: "text", ...BATCHING, deliveryAttributeMappings: "mappings" },
    defaults: BATCHING_DEFAULTS,
  },
  StorageQueue: {
    members: { resourceId: "text", queueName: "text", queueMessageTimeToLiveInSeconds: "number" },
    defaults: {},
  },
  ServiceBusQueue: ATTRIBUTED_RESOURCE,
  ServiceBusTopic: ATTRIBUTED_RESOURCE,
  EventHub: ATTRIBUTED_RESOURCE,
  HybridConnection: ATTRIBUTED_RESOURCE,
  NamespaceTopic: RESOURCE,
  MonitorAlert: { members: { severity: "text", description: "text", actionGroups: "texts" }, defaults: {} },
  PartnerDestination: RESOURCE,
  NatsSubject: { members: { connection: "text", subject: "text", jetStream: "flag" }, defaults: {} },
  File: { members: { path: "text", maxFileMegabytes: "number" }, defaults: {} },
  Stream: { members: { accessToken: "secret" }, defaults: {} },
};

const ENDPOINT_TYPES = Object.keys(SHAPES) as EndpointType[];

/** A destination as it is read: a webhook's URL only up to its query. [ARM-SECRET] */
export function readDestination({ endpointType, properties }: DestinationDescription): JsonObject {
  const { members, defaults } = SHAPES[endpointType];
  const stored = properties as unknown as JsonObject;
  const shown = Object.entries(members).map(([name, member]): [string, unknown][] => {
    const value = stored[name];
    if (member === "mappings") {
      return [[name, readMappings(value as unknown as readonly DeliveryAttributeMapping[] | undefined)]];
    }
    if (member === "secret") return value === undefined ? [] : [[name, HIDDEN]];
    if (member !== "url") return [[name, value ?? defaults[name] ?? null]];
    return [
      [name, null],
      ["endpointBaseUrl", typeof value === "string" ? value.replace(/[?#].*$/s, "") : null],
    ];
  });
  return { endpointType, properties: Object.fromEntries(shown.flat()) as JsonObject };
}

/**
 * A destination as a body gives it. `before` is what was there: its secrets stay where they come back hidden. A change
 * (`patch`) that names the same kind of destination also keeps the URL that no read told, and everything when it gives
 * no properties at all. Source: [ARM-PATCH-SECRET]
 */
export function writeDestination(
  body: JsonReader,
  before: DestinationDescription | undefined,
  patch: boolean,
): DestinationDescription {
  const endpointType = endpointTypeOf(body);
  const same = before?.endpointType === endpointType ? before : undefined;
  const properties = body.child("properties");
  if (patch && same !== undefined && properties === undefined) return same;
  const kept = (same?.properties ?? {}) as Readonly<Record<string, unknown>>;
  const reader = properties ?? new JsonReader({});
  const taken = Object.entries(SHAPES[endpointType].members).map(([name, member]): [string, unknown] => {
    const old = kept[name];
    if (member === "mappings") return [name, writeMappings(reader, old as readonly DeliveryAttributeMapping[])];
    if (member === "url") return [name, reader.text(name) ?? (patch ? old : undefined)];
    if (member === "secret") return [name, keptSecret(reader.text(name), old, patch)];
    return [name, reader[member](name)];
  });
  return { endpointType, properties: given(Object.fromEntries(taken)) } as unknown as DestinationDescription;
}

function keptSecret(sent: string | undefined, old: unknown, patch: boolean): unknown {
  if (sent === HIDDEN) return old;
  return sent ?? (patch ? old : undefined);
}

function endpointTypeOf(body: JsonReader): EndpointType {
  const named = body.text("endpointType");
  const known = ENDPOINT_TYPES.find((type) => type.toLowerCase() === named?.toLowerCase());
  if (known !== undefined) return known;
  throw new RingmainError(
    "invalid_request",
    `Destinations of type ${quote(named)} are not supported. Supported are ${ENDPOINT_TYPES.join(", ")}.`,
  );
}

/** Where dead letters go, as a body gives it. A path is for whoever writes the configuration file. [EG-DEADLETTER-FOLDER] */
export function writeDeadLetter(body: JsonReader): DeadLetterDescription {
  const endpointType = body.oneOf("endpointType", ["StorageBlob", "Folder"] as const) ?? "StorageBlob";
  const properties = body.child("properties") ?? new JsonReader({});
  if (endpointType === "Folder") {
    const message = "Dead-letter destinations of type Folder are declared in the configuration file only.";
    throw new RingmainError("invalid_request", message);
  }
  return {
    endpointType,
    properties: {
      resourceId: properties.text("resourceId") ?? "",
      blobContainerName: properties.text("blobContainerName") ?? "",
    },
  };
}

export function readDeadLetter({ endpointType, properties }: DeadLetterDescription): JsonObject {
  return { endpointType, properties: { ...properties } };
}
