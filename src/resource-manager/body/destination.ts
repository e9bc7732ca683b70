import {
  DEAD_LETTER_KINDS,
  DEAD_LETTER_TYPES,
  type DeadLetterDescription,
} from "../../core/destinations/dead-letter.ts";
import {
  baseUrlOf,
  hasFullUrl,
  isEndpointType,
  isSecret,
  propertyTable,
} from "../../core/destinations/destination-facts.ts";
import type { DeliveryAttributeMapping, DestinationProperty } from "../../core/destinations/destination-property.ts";
import { ENDPOINT_TYPES, type DestinationDescription, type EndpointType } from "../../core/destinations/index.ts";
import { assertNever, RingmainError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { quote } from "../../core/rules/problem.ts";
import { HIDDEN, MAPPINGS, readMappings, writeMappings, type SentMapping } from "./delivery-attributes.ts";
import { definedMembers } from "./defined-members.ts";
import {
  arrayOf,
  flag,
  json,
  number,
  object,
  oneOf,
  secret,
  spelled,
  text,
  type Member,
  type ObjectMember,
} from "./members.ts";

/** Properties of a destination in a body. */
type Sent = Readonly<Record<string, unknown>>;

/** A destination in a body: members that reads do not show may be missing. */
export interface SentDestination {
  readonly endpointType: EndpointType;
  /** `undefined` if the body has none. */
  readonly properties: Sent | undefined;
}

/** How the properties of each kind are read from a body. */
const PROPERTIES: Readonly<Record<EndpointType, ObjectMember<Sent>>> = Object.fromEntries(
  ENDPOINT_TYPES.map((type) => {
    return [type, membersOf(propertyTable(type), hasFullUrl(type) ? ["endpointBaseUrl"] : [])];
  }),
) as Record<EndpointType, ObjectMember<Sent>>;

const OUTLINE = object({ endpointType: spelled(ENDPOINT_TYPES), properties: json });

export const DESTINATION: Member<SentDestination> = {
  read(value, at, notes) {
    const { endpointType, properties } = OUTLINE.read(value, at, notes);
    if (endpointType === undefined || !isEndpointType(endpointType)) {
      throw new RingmainError(
        "invalid_request",
        `Destinations of type ${quote(endpointType)} are not supported. Supported are ${ENDPOINT_TYPES.join(", ")}.`,
      );
    }
    if (properties === undefined) return { endpointType, properties };
    return { endpointType, properties: PROPERTIES[endpointType].read(properties, `${at}.properties`, notes) };
  },
};

/** Returns the reader of an object with these properties. @param ignored names in reads that have no effect */
function membersOf(
  table: Readonly<Record<string, DestinationProperty>>,
  ignored: readonly string[] = [],
): ObjectMember<Sent> {
  const members = Object.entries(table).map(([name, property]) => [name, memberOf(property)] as const);
  return object(Object.fromEntries(members), ignored);
}

function memberOf(property: DestinationProperty): Member<unknown> {
  switch (property.form) {
    case "text":
      if (property.secret !== undefined) return secret;
      return property.values === undefined ? text : spelled(property.values);
    case "number":
      return number;
    case "flag":
      return flag;
    case "texts":
      return arrayOf(text);
    case "attributes":
      return MAPPINGS;
    default:
      return assertNever(property);
  }
}

/** Returns a destination as clients see it: a webhook's URL without its query. [ARM-SECRET] */
export function readDestination({ endpointType, properties }: DestinationDescription): JsonObject {
  const stored = properties as unknown as JsonObject;
  const shown = Object.entries(propertyTable(endpointType)).flatMap(([name, property]): [string, unknown][] => {
    const value = stored[name];
    if (property.form === "attributes") {
      return [[name, readMappings(value as unknown as readonly DeliveryAttributeMapping[] | undefined)]];
    }
    if (isSecret(property, "hidden")) return value === undefined ? [] : [[name, HIDDEN]];
    if (!isSecret(property, "url")) return [[name, value ?? property.default ?? null]];
    return [
      [name, null],
      ["endpointBaseUrl", typeof value === "string" ? baseUrlOf(value) : null],
    ];
  });
  return { endpointType, properties: Object.fromEntries(shown) as JsonObject };
}

/**
 * Returns the destination that a body describes. Secrets of the stored destination, `before`, are kept where the body
 * has them hidden. A change (`patch`) to the same kind of destination also keeps a URL that reads do not show, and
 * keeps all properties if it has none. Source: [ARM-PATCH-SECRET]
 */
export function writeDestination(
  { endpointType, properties: sent }: SentDestination,
  before: DestinationDescription | undefined,
  patch: boolean,
): DestinationDescription {
  const same = before?.endpointType === endpointType ? before : undefined;
  if (patch && same !== undefined && sent === undefined) return same;
  const kept = (same?.properties ?? {}) as Sent;
  const secrets = Object.entries(propertyTable(endpointType)).flatMap(([name, property]) => {
    if (property.form !== "text" || property.secret === undefined) return [];
    const isKept = sent?.[name] === undefined ? patch : property.secret === "hidden" && sent[name] === HIDDEN;
    return [[name, isKept ? kept[name] : sent?.[name]] as const];
  });
  const mappings = writeMappings(
    sent?.["deliveryAttributeMappings"] as readonly SentMapping[] | undefined,
    kept["deliveryAttributeMappings"] as readonly DeliveryAttributeMapping[] | undefined,
  );
  const properties = definedMembers({ ...sent, ...Object.fromEntries(secrets), deliveryAttributeMappings: mappings });
  return { endpointType, properties } as unknown as DestinationDescription;
}

const DEAD_LETTER_OUTLINE = object({ endpointType: oneOf(DEAD_LETTER_TYPES), properties: json });

/** The destination of dead letters. [EG-DEADLETTER-DESTINATION] [EG-DEADLETTER-FOLDER] */
export const DEAD_LETTER: Member<DeadLetterDescription> = {
  read(value, at, notes) {
    const { endpointType = "StorageBlob", properties = {} } = DEAD_LETTER_OUTLINE.read(value, at, notes);
    const { declaredOnly, properties: table } = DEAD_LETTER_KINDS[endpointType];
    if (declaredOnly) {
      const message = `Dead-letter destinations of type ${endpointType} are declared in the configuration file only.`;
      throw new RingmainError("invalid_request", message);
    }
    const empty = Object.fromEntries(Object.keys(table).map((name) => [name, ""]));
    const sent = membersOf(table).read(properties, `${at}.properties`, notes);
    return { endpointType, properties: { ...empty, ...sent } } as unknown as DeadLetterDescription;
  },
};

export function readDeadLetter({ endpointType, properties }: DeadLetterDescription): JsonObject {
  return { endpointType, properties: { ...properties } };
}
