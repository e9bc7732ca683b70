import { namesIn } from "../resources/resource-id-form.ts";
import type { Batching, LookUpList } from "./destination-kind.ts";
import type { BatchingProperties, DeliveryAttributeMapping, DestinationProperty } from "./destination-property.ts";
import {
  DESTINATION_KINDS,
  ENDPOINT_TYPES,
  type DestinationDescription,
  type DestinationOf,
  type EndpointType,
} from "./index.ts";

/** Returns whether a text is the name of a kind of destination. Case matters. */
export function isEndpointType(name: string): name is EndpointType {
  return ENDPOINT_TYPES.some((type) => type === name);
}

/** Returns the table of a kind's properties by name; empty if there is no such kind. */
export function propertyTable(type: string): Readonly<Record<string, DestinationProperty>> {
  return isEndpointType(type) ? DESTINATION_KINDS[type].properties : {};
}

/** Returns the names of a kind's properties that satisfy a condition. */
export function propertiesWhere(type: string, holds: (property: DestinationProperty) => boolean): readonly string[] {
  return Object.entries(propertyTable(type)).flatMap(([name, property]) => (holds(property) ? [name] : []));
}

/** Returns whether a property is a secret of this kind. */
export function isSecret(property: DestinationProperty, sort: "url" | "hidden"): boolean {
  return property.form === "text" && property.secret === sort;
}

/** Returns whether destinations of a kind have properties for batching. [EG-BATCH-OUT] */
export function takesBatching(type: EndpointType): boolean {
  return "maxEventsPerBatch" in DESTINATION_KINDS[type].properties;
}

/** Returns whether destinations of a kind support delivery attributes. [EG-ATTRIBUTES-WHERE] */
export function takesAttributes(type: EndpointType): boolean {
  return "deliveryAttributeMappings" in DESTINATION_KINDS[type].properties;
}

/** Returns the delivery attributes of a destination, if it has any. */
export function attributesOf({ properties }: DestinationDescription): readonly DeliveryAttributeMapping[] | undefined {
  return "deliveryAttributeMappings" in properties ? properties.deliveryAttributeMappings : undefined;
}

/** Returns the limits on a batch for a destination. [EG-BATCH-OUT] */
export function batchingOf({ endpointType, properties }: DestinationDescription): Batching {
  const { fixedBatching } = DESTINATION_KINDS[endpointType];
  if (fixedBatching !== undefined) return fixedBatching;
  const batching: BatchingProperties = takesBatching(endpointType) ? (properties as BatchingProperties) : {};
  const { maxEventsPerBatch = 1, preferredBatchSizeInKilobytes = 64 } = batching;
  return { maxEvents: maxEventsPerBatch, preferredBytes: preferredBatchSizeInKilobytes * 1_024 };
}

/** Returns the names in a destination's resource id, in order; empty if the id has another form. */
export function destinationNames(type: EndpointType, resourceId: string): readonly string[] {
  const { resource } = DESTINATION_KINDS[type];
  return (resource && namesIn(resourceId, resource.form)) ?? [];
}

/** Returns whether destinations of a kind have a full URL that clients can request; false if there is no such kind. */
export function hasFullUrl(type: string): boolean {
  return propertiesWhere(type, (property) => isSecret(property, "url")).length > 0;
}

/** Returns the full URL of a destination, which is a secret, or `undefined` for a kind without one. */
export function fullUrlOf({ endpointType, properties }: DestinationDescription): string | undefined {
  const [name] = propertiesWhere(endpointType, (property) => isSecret(property, "url"));
  const value = name === undefined ? undefined : valueOf(properties, name);
  return typeof value === "string" ? value : undefined;
}

/** Returns a URL without its query and its user information, which may contain secrets. [ARM-SECRET] */
export function baseUrlOf(url: string): string {
  return url.replace(/[?#].*$/s, "").replace(/^(https?:\/\/)[^/]*@/i, "$1");
}

/** Returns the place to which a destination delivers, to show to people. Contains no secrets. */
export function shownPlaceOf(destination: DestinationDescription): string {
  const url = fullUrlOf(destination);
  if (url !== undefined) return baseUrlOf(url);
  return "resourceId" in destination.properties ? destination.properties.resourceId : destination.endpointType;
}

/** Returns the endpoint that must consent to deliveries, or `undefined` if no consent is needed. [EG-HANDSHAKE-SKIP] */
export function consentEndpointOf<Type extends EndpointType>(destination: DestinationOf<Type>): string | undefined {
  return DESTINATION_KINDS[destination.endpointType].consentOf?.(destination.properties);
}

/** A name by which the configuration is searched for a destination. */
export interface LookedUp {
  readonly lists: readonly [LookUpList, ...LookUpList[]];
  readonly name: string;
  /** Property that contains the name. */
  readonly property: string;
}

/**
 * Returns the look-up of a destination in the configuration, or `undefined` if it needs no configuration or has no
 * name.
 */
export function lookedUpBy({ endpointType, properties }: DestinationDescription): LookedUp | undefined {
  const { lookUp, resource } = DESTINATION_KINDS[endpointType];
  if (lookUp === undefined) return undefined;
  const value = valueOf(properties, lookUp.property);
  if (typeof value !== "string") return undefined;
  const name = resource === undefined ? value : destinationNames(endpointType, value)[0];
  return name === undefined ? undefined : { lists: lookUp.lists, name, property: lookUp.property };
}

function valueOf(properties: object, name: string): unknown {
  return (properties as Readonly<Record<string, unknown>>)[name];
}
