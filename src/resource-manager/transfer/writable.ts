import { propertyTable } from "../../core/destinations/destination-facts.ts";
import { isJsonObject, isSameJson, type JsonObject, type JsonValue } from "../../core/json.ts";
import { armTypeNamed } from "../resource-types.ts";
import { DEFAULT_RETRY_POLICY } from "../../core/resources/resources.ts";

/** Writable members, each with its default value. */
type Members = Readonly<Record<string, JsonValue>>;

/** Returns the writable properties of a resource that differ from their defaults. */
export function writableProperties(type: string, resource: JsonObject): JsonObject {
  const properties = resource["properties"];
  return chosen(isJsonObject(properties) ? properties : {}, armTypeNamed(type)?.exported?.properties ?? {});
}

const FILTER: Members = {
  includedEventTypes: null,
  subjectBeginsWith: "",
  subjectEndsWith: "",
  isSubjectCaseSensitive: false,
  enableAdvancedFilteringOnArrays: null,
  advancedFilters: null,
};

/** Returns filter, retry policy and other writable properties of an event subscription, without its destinations. */
export function writableSubscription(properties: JsonObject): JsonObject {
  const filter = isJsonObject(properties["filter"]) ? chosen(properties["filter"], FILTER) : {};
  const { eventDeliverySchema, retryPolicy, expirationTimeUtc = null, labels = null } = properties;
  return withoutNulls({
    ...(Object.keys(filter).length === 0 ? {} : { filter }),
    ...(isSameJson(retryPolicy, DEFAULT_RETRY_POLICY) ? {} : { retryPolicy: retryPolicy ?? null }),
    eventDeliverySchema: eventDeliverySchema ?? null,
    expirationTimeUtc,
    labels,
  });
}

/** Returns the properties of a destination, without the service's defaults. */
export function writableDestination(endpointType: string, properties: JsonObject): JsonObject {
  const table = propertyTable(endpointType);
  const { endpointBaseUrl: _shown, ...rest } = properties;
  return withoutNulls(
    Object.fromEntries(Object.entries(rest).filter(([name, value]) => table[name]?.default !== value)),
  );
}

/** Returns the identity and tags of a resource, if it has any. */
export function writableEnvelope(resource: JsonObject): JsonObject {
  const { identity, tags } = resource;
  return {
    ...(isJsonObject(tags) && Object.keys(tags).length > 0 ? { tags } : {}),
    ...(isJsonObject(identity) && identity["type"] !== "None" ? { identity: writableIdentity(identity) } : {}),
  };
}

function writableIdentity({ type = "None", userAssignedIdentities = null }: JsonObject): JsonObject {
  if (!isJsonObject(userAssignedIdentities)) return { type };
  const ids = Object.keys(userAssignedIdentities).map((id) => [id, {}] as const);
  return { type, userAssignedIdentities: Object.fromEntries(ids) };
}

function chosen(object: JsonObject, members: Members): JsonObject {
  const kept = Object.entries(members).flatMap(([name, byDefault]) => {
    const value = object[name];
    return value === undefined || value === null || value === byDefault ? [] : [[name, value] as const];
  });
  return withoutNulls(Object.fromEntries(kept));
}

/** Returns an object without nulls, at any depth: reads contain them, but templates need not. */
export function withoutNulls(object: JsonObject): JsonObject {
  const members = Object.entries(object)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => [name, isJsonObject(value) ? withoutNulls(value) : value] as const);
  return Object.fromEntries(members);
}
