import { asText, isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { writableDestination, withoutNulls } from "./writable.ts";
import { parseArmPath } from "../arm-id.ts";

/** A resource to be made, as it was printed. */
export interface PrintedResource {
  readonly id: string;
  readonly type: string;
  readonly location: string | undefined;
  /** The body of a PUT. */
  readonly body: JsonObject;
  /** What the text did not tell, for people. */
  readonly notes: readonly string[];
}

/** Members outside of `properties`. */
const ENVELOPE = ["location", "tags", "identity", "kind", "sku"] as const;
/** What only the service says, in any type. */
const READ_ONLY: ReadonlySet<string> = new Set([
  "id",
  "name",
  "type",
  "resourceGroup",
  "systemData",
  "extendedLocation",
  "provisioningState",
  "endpoint",
  "metricResourceId",
  "privateEndpointConnections",
  "readinessState",
  "activationState",
  "topic",
  "primaryEndpoints",
  "primaryLocation",
  "statusOfPrimary",
]);

/**
 * Reads what `az` prints of a resource: the members of its properties may stand one level up, as `az` has them, or
 * where Resource Manager has them. Answers `undefined` for what is no resource.
 */
export function printedResource(printed: JsonValue): PrintedResource | undefined {
  if (!isJsonObject(printed)) return undefined;
  const { id } = printed;
  if (typeof id !== "string" || !id.startsWith("/subscriptions/")) return undefined;
  const type = typeOf(id);
  const given = isJsonObject(printed["properties"]) ? printed["properties"] : printed;
  const own = Object.entries(given).filter(
    ([name]) => !READ_ONLY.has(name) && !ENVELOPE.some((member) => member === name && given === printed),
  );
  const notes: string[] = [];
  const properties = withoutNulls(Object.fromEntries(own));
  const isSubscription = type.toLowerCase().endsWith("/eventsubscriptions");
  const envelope = withoutNulls(Object.fromEntries(ENVELOPE.map((name) => [name, printed[name] ?? null])));
  return {
    id,
    type,
    location: typeof printed["location"] === "string" ? printed["location"] : undefined,
    body: { ...envelope, properties: isSubscription ? subscriptionOf(properties, notes) : topicOf(properties) },
    notes,
  };
}

function typeOf(id: string): string {
  const { namespace = "", types } = parseArmPath(id);
  return [namespace, ...types].join("/");
}

/** The mapping's fields stand beside its type in what `az` prints. */
function topicOf(properties: JsonObject): JsonObject {
  const { inputSchemaMapping: mapping } = properties;
  return isJsonObject(mapping)
    ? { ...properties, inputSchemaMapping: nested(mapping, "inputSchemaMappingType") }
    : properties;
}

function subscriptionOf(properties: JsonObject, notes: string[]): JsonObject {
  const { destination, deliveryWithResourceIdentity: delivery, deadLetterDestination: dead, ...rest } = properties;
  const { deadLetterWithResourceIdentity: deadDelivery, ...others } = rest;
  return {
    ...others,
    ...(isJsonObject(destination) ? { destination: destinationOf(destination, notes) } : {}),
    ...(isJsonObject(delivery) ? { deliveryWithResourceIdentity: within(delivery, "destination", notes) } : {}),
    ...(isJsonObject(dead) ? { deadLetterDestination: destinationOf(dead, notes) } : {}),
    ...(isJsonObject(deadDelivery)
      ? { deadLetterWithResourceIdentity: within(deadDelivery, "deadLetterDestination", notes) }
      : {}),
  };
}

function within(outer: JsonObject, member: string, notes: string[]): JsonObject {
  const inner = outer[member];
  return isJsonObject(inner) ? { ...outer, [member]: destinationOf(inner, notes) } : outer;
}

function destinationOf(destination: JsonObject, notes: string[]): JsonObject {
  const { endpointType = null, properties } = nested(destination, "endpointType");
  const members = isJsonObject(properties) ? properties : {};
  const { endpointUrl, endpointBaseUrl } = members;
  const isShort = endpointUrl === undefined && typeof endpointBaseUrl === "string";
  if (isShort)
    notes.push("the endpoint URL was printed without its query: az … show --include-full-endpoint-url true tells it");
  const mappings = members["deliveryAttributeMappings"];
  return {
    endpointType,
    properties: {
      ...writableDestination(members),
      ...(isShort ? { endpointUrl: endpointBaseUrl } : {}),
      ...(Array.isArray(mappings) ? { deliveryAttributeMappings: mappingsOf(mappings as JsonArray, notes) } : {}),
    },
  };
}

function mappingsOf(mappings: JsonArray, notes: string[]): JsonArray {
  return mappings.filter(isJsonObject).map((mapping) => {
    const { name = null, ...rest } = mapping;
    const whole = nested(rest, "type");
    const { properties } = whole;
    if (isJsonObject(properties) && properties["isSecret"] === true && properties["value"] === "Hidden") {
      notes.push(`the value of the delivery attribute '${asText(name)}' was not printed`);
    }
    return { name, ...whole };
  });
}

/** `{kind, properties: {…}}`, whether or not the properties came one level up. */
function nested(object: JsonObject, kind: string): JsonObject {
  const { [kind]: named = null, properties, ...rest } = object;
  return { [kind]: named, properties: isJsonObject(properties) ? properties : rest };
}
