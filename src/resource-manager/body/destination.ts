import { RingmainError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { quote } from "../../core/rules/problem.ts";
import type {
  DeadLetterDescription,
  DeliveryAttributeMapping,
  DestinationDescription,
  EndpointType,
} from "../../core/resources/resources.ts";
import { HIDDEN, MAPPINGS, readMappings, writeMappings, type SentMapping } from "./delivery-attributes.ts";
import { given } from "./given.ts";
import {
  flag,
  json,
  arrayOf,
  number,
  object,
  oneOf,
  secret,
  spelled,
  text,
  type Member,
  type ObjectMember,
} from "./members.ts";

/** Properties of a destination, as they are read from a body. */
type Sent = Readonly<Record<string, unknown>>;

/** Properties of one kind of destination. */
interface Shape {
  readonly properties: ObjectMember<Sent>;
  /**
   * Its secrets. A `url` is kept when a change leaves it out, and shown without its query as `endpointBaseUrl`; a
   * `hidden` one is kept also when it comes back as it is shown.
   */
  readonly secrets?: Readonly<Record<string, "url" | "hidden">>;
  /** Values that the service fills in. [ARM-DEFAULTS] */
  readonly defaults?: JsonObject;
}

const BATCHING = { maxEventsPerBatch: number, preferredBatchSizeInKilobytes: number };
const BATCHING_DEFAULTS = { maxEventsPerBatch: 1, preferredBatchSizeInKilobytes: 64 };
const ATTRIBUTES = { deliveryAttributeMappings: MAPPINGS };
const RESOURCE: Shape = { properties: object({ resourceId: text }) };
const ATTRIBUTED_RESOURCE: Shape = { properties: object({ resourceId: text, ...ATTRIBUTES }) };

const SHAPES: Readonly<Record<EndpointType, Shape>> = {
  WebHook: {
    properties: object(
      {
        endpointUrl: secret,
        ...BATCHING,
        signingSecret: secret,
        azureActiveDirectoryTenantId: text,
        azureActiveDirectoryApplicationIdOrUri: text,
        minimumTlsVersionAllowed: text,
        ...ATTRIBUTES,
      },
      ["endpointBaseUrl"],
    ),
    secrets: { endpointUrl: "url", signingSecret: "hidden" },
    defaults: BATCHING_DEFAULTS,
  },
  AzureFunction: {
    properties: object({ resourceId: text, ...BATCHING, ...ATTRIBUTES }),
    defaults: BATCHING_DEFAULTS,
  },
  StorageQueue: { properties: object({ resourceId: text, queueName: text, queueMessageTimeToLiveInSeconds: number }) },
  ServiceBusQueue: ATTRIBUTED_RESOURCE,
  ServiceBusTopic: ATTRIBUTED_RESOURCE,
  EventHub: ATTRIBUTED_RESOURCE,
  HybridConnection: ATTRIBUTED_RESOURCE,
  NamespaceTopic: RESOURCE,
  MonitorAlert: {
    properties: object({
      severity: spelled(["Sev0", "Sev1", "Sev2", "Sev3", "Sev4"]),
      description: text,
      actionGroups: arrayOf(text),
    }),
  },
  PartnerDestination: RESOURCE,
  NatsSubject: { properties: object({ connection: text, subject: text, jetStream: flag }) },
  File: { properties: object({ path: text, maxFileMegabytes: number }) },
  Stream: { properties: object({ accessToken: secret }), secrets: { accessToken: "hidden" } },
};

const ENDPOINT_TYPES = Object.keys(SHAPES) as EndpointType[];

/** A destination as a body gives it: what no read shows may have been left out. */
export interface SentDestination {
  readonly endpointType: EndpointType;
  /** `undefined` when there were none. */
  readonly properties: Sent | undefined;
}

const OUTLINE = object({ endpointType: spelled(ENDPOINT_TYPES), properties: json });

export const DESTINATION: Member<SentDestination> = {
  read(value, at, notes) {
    const { endpointType: named, properties } = OUTLINE.read(value, at, notes);
    const endpointType = ENDPOINT_TYPES.find((type) => type === named);
    if (endpointType === undefined) {
      throw new RingmainError(
        "invalid_request",
        `Destinations of type ${quote(named)} are not supported. Supported are ${ENDPOINT_TYPES.join(", ")}.`,
      );
    }
    if (properties === undefined) return { endpointType, properties };
    return { endpointType, properties: SHAPES[endpointType].properties.read(properties, `${at}.properties`, notes) };
  },
};

/** A destination as it is read: a webhook's URL only up to its query. [ARM-SECRET] */
export function readDestination({ endpointType, properties }: DestinationDescription): JsonObject {
  const { properties: table, secrets = {}, defaults = {} } = SHAPES[endpointType];
  const stored = properties as unknown as JsonObject;
  const shown = Object.entries(table.members).flatMap(([name, member]): [string, unknown][] => {
    const value = stored[name];
    if (member === MAPPINGS) {
      return [[name, readMappings(value as unknown as readonly DeliveryAttributeMapping[] | undefined)]];
    }
    if (secrets[name] === "hidden") return value === undefined ? [] : [[name, HIDDEN]];
    if (secrets[name] === undefined) return [[name, value ?? defaults[name] ?? null]];
    return [
      [name, null],
      ["endpointBaseUrl", typeof value === "string" ? value.replace(/[?#].*$/s, "") : null],
    ];
  });
  return { endpointType, properties: Object.fromEntries(shown) as JsonObject };
}

/**
 * The destination that a body asks for. `before` is what was there: its secrets stay where they come back hidden. A change
 * (`patch`) that names the same kind of destination also keeps the URL that no read told, and everything when it gives
 * no properties at all. Source: [ARM-PATCH-SECRET]
 */
export function writeDestination(
  { endpointType, properties: sent }: SentDestination,
  before: DestinationDescription | undefined,
  patch: boolean,
): DestinationDescription {
  const same = before?.endpointType === endpointType ? before : undefined;
  if (patch && same !== undefined && sent === undefined) return same;
  const kept = (same?.properties ?? {}) as Sent;
  const secrets = Object.entries(SHAPES[endpointType].secrets ?? {}).map(([name, kind]) => {
    const isKept = sent?.[name] === undefined ? patch : kind === "hidden" && sent[name] === HIDDEN;
    return [name, isKept ? kept[name] : sent?.[name]] as const;
  });
  const mappings = writeMappings(
    sent?.["deliveryAttributeMappings"] as readonly SentMapping[] | undefined,
    kept["deliveryAttributeMappings"] as readonly DeliveryAttributeMapping[] | undefined,
  );
  const properties = given({ ...sent, ...Object.fromEntries(secrets), deliveryAttributeMappings: mappings });
  return { endpointType, properties } as unknown as DestinationDescription;
}

const DEAD_LETTER_OUTLINE = object({ endpointType: oneOf(["StorageBlob", "Folder"]), properties: json });
const STORAGE_BLOB = object({ resourceId: text, blobContainerName: text });

/** Where dead letters go. A folder is for the configuration file. [EG-DEADLETTER-FOLDER] */
export const DEAD_LETTER: Member<DeadLetterDescription> = {
  read(value, at, notes) {
    const { endpointType = "StorageBlob", properties = {} } = DEAD_LETTER_OUTLINE.read(value, at, notes);
    if (endpointType === "Folder") {
      const message = "Dead-letter destinations of type Folder are declared in the configuration file only.";
      throw new RingmainError("invalid_request", message);
    }
    const { resourceId = "", blobContainerName = "" } = STORAGE_BLOB.read(properties, `${at}.properties`, notes);
    return { endpointType, properties: { resourceId, blobContainerName } };
  },
};

export function readDeadLetter({ endpointType, properties }: DeadLetterDescription): JsonObject {
  return { endpointType, properties: { ...properties } };
}
