import { asText, isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { writableDestination, withoutNulls } from "./writable.ts";
import { parseArmPath } from "../arm-id.ts";
import { READ_ENVELOPE } from "../body/envelope.ts";
import type { ObjectMember } from "../body/members.ts";
import { foldCase } from "../../core/filter/fold-case.ts";
import { withNames } from "../with-names.ts";
import { armTypeNamed } from "../resource-types.ts";

/** A resource to create, from the output of `az`. */
export interface PrintedResource {
  readonly id: string;
  readonly type: string;
  readonly location: string | undefined;
  /** Body of the PUT that creates it. */
  readonly body: JsonObject;
  /** Remarks for the user about missing and unknown members. */
  readonly notes: readonly string[];
}

/** Members outside `properties`. */
const ENVELOPE = ["location", "tags", "identity", "kind", "sku"] as const;
/** Members that `az` adds to every resource, or that every read contains. */
const ADDED = [...READ_ENVELOPE, "resourceGroup", "extendedLocation"];

/**
 * Reads a resource from the output of `az`. The members of `properties` may be one level up, as `az` prints them, or
 * where Resource Manager has them; names may have any case. Returns `undefined` for a value that is no resource.
 */
export function printedResource(value: JsonValue): PrintedResource | undefined {
  if (!isJsonObject(value)) return undefined;
  const { names, ignored } = namesOf(value);
  const printed = withNames(value, ["id", "properties", ...ENVELOPE, ...names]);
  const { id } = printed;
  if (typeof id !== "string" || !id.startsWith("/subscriptions/")) return undefined;
  const type = typeOf(id);
  const inner = isJsonObject(printed["properties"]) ? withNames(printed["properties"], names) : printed;
  const own = Object.entries(inner).filter(
    ([name]) => !ignored.has(foldCase(name)) && !ENVELOPE.some((member) => member === name && inner === printed),
  );
  const properties = withoutNulls(Object.fromEntries(own));
  const notes = Object.keys(properties)
    .filter((name) => !names.includes(name))
    .map((name) => `'${name}' is unknown and has no effect`);
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

/** Returns the names that a resource's properties may have, and the folded names of members without effect. */
function namesOf(resource: JsonObject): { readonly names: readonly string[]; readonly ignored: ReadonlySet<string> } {
  const { id } = withNames(resource, ["id"]);
  const type = typeof id === "string" ? typeOf(id) : "";
  const armType = armTypeNamed(type.replace(/^([^/]+)\/.*\/eventSubscriptions$/i, "$1/eventSubscriptions"));
  const table = armType?.put.table.members["properties"] as ObjectMember<unknown> | undefined;
  const ignored = [...ADDED, ...(armType?.put.table.ignored ?? []), ...(table?.ignored ?? [])];
  return { names: Object.keys(table?.members ?? {}), ignored: new Set(ignored.map(foldCase)) };
}

function typeOf(id: string): string {
  const { namespace = "", types } = parseArmPath(id);
  return [namespace, ...types].join("/");
}

/** Returns a topic's properties. `az` prints the fields of a mapping beside its type. */
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
  const spelled = withNames(outer, [member]);
  const inner = spelled[member];
  return isJsonObject(inner) ? { ...spelled, [member]: destinationOf(inner, notes) } : outer;
}

const DESTINATION_NAMES = ["endpointUrl", "endpointBaseUrl", "deliveryAttributeMappings"];

function destinationOf(destination: JsonObject, notes: string[]): JsonObject {
  const { endpointType = null, properties } = nested(destination, "endpointType");
  const members = isJsonObject(properties) ? withNames(properties, DESTINATION_NAMES) : {};
  const { endpointUrl, endpointBaseUrl } = members;
  const isShort = endpointUrl === undefined && typeof endpointBaseUrl === "string";
  if (isShort)
    notes.push("the endpoint URL was printed without its query: use az … show --include-full-endpoint-url true");
  const mappings = members["deliveryAttributeMappings"];
  return {
    endpointType,
    properties: {
      ...writableDestination(asText(endpointType), members),
      ...(isShort ? { endpointUrl: endpointBaseUrl } : {}),
      ...(Array.isArray(mappings) ? { deliveryAttributeMappings: mappingsOf(mappings as JsonArray, notes) } : {}),
    },
  };
}

function mappingsOf(mappings: JsonArray, notes: string[]): JsonArray {
  return mappings.filter(isJsonObject).map((mapping) => {
    const { name = null, ...rest } = withNames(mapping, ["name"]);
    const whole = nested(rest, "type");
    const { properties } = whole;
    if (isJsonObject(properties) && properties["isSecret"] === true && properties["value"] === "Hidden") {
      notes.push(`the value of the delivery attribute '${asText(name)}' was not printed`);
    }
    return { name, ...whole };
  });
}

/** Returns `{kind, properties: {…}}`, also if the properties were one level up. */
function nested(object: JsonObject, kind: string): JsonObject {
  const { [kind]: named = null, properties, ...rest } = withNames(object, [kind, "properties"]);
  return { [kind]: named, properties: isJsonObject(properties) ? properties : rest };
}
