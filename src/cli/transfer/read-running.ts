import { hasFullUrl } from "../../core/destinations/destination-facts.ts";
import { endpointTypeOf } from "../../resource-manager/transfer/export-subscription.ts";
import type {
  RunningResource,
  RunningResources,
  RunningSubscription,
} from "../../resource-manager/transfer/running-resources.ts";
import { asText, isJsonObject, type JsonArray, type JsonObject } from "../../core/json.ts";
import { ALL_KINDS, kindNamed } from "../../core/kinds/index.ts";
import { resourceGroupId, resourceName, type ResourceScope } from "../../core/resources/resource-id.ts";
import type { ManagementClient } from "../management-client.ts";

const EVENT_GRID = "/providers/Microsoft.EventGrid";
const SUBSCRIPTION = /^(.*)\/providers\/Microsoft\.EventGrid\/eventSubscriptions\/[^/]+$/i;

/** Reads all resources and event subscriptions of a resource group, with access keys if `withKeys` is set. */
export async function readRunning(
  client: ManagementClient,
  scope: ResourceScope,
  withKeys: boolean,
): Promise<RunningResources> {
  const group = resourceGroupId(scope);
  const resources: RunningResource[] = [];
  for (const { id, type } of await client.list(`${group}/resources`)) {
    const resource = described(await client.get(asText(id)));
    const isKeyed = kindNamed(asText(type))?.keyBytes !== undefined;
    resources.push(withKeys && isKeyed ? { ...resource, keys: await keysOf(client, resource) } : resource);
    for (const children of childrenOf(resource.type)) {
      for (const child of await client.list(`${resource.id}/${children}`)) resources.push(described(child));
    }
  }
  const locations = resources.flatMap(({ location }) => location ?? []);
  const subscriptions: RunningSubscription[] = [];
  for (const found of await listSubscriptions(client, group, locations)) {
    subscriptions.push(await withSecrets(client, found));
  }
  return { scope, resources, subscriptions };
}

/** Returns the last segments of the types whose parent is `type`, for example `topics` for domains. */
function childrenOf(type: string): string[] {
  const children = ALL_KINDS.filter(({ placement }) => placement.kind === "parent" && placement.parent === type);
  return children.map((kind) => resourceName(kind.type));
}

/**
 * Returns the event subscriptions below a resource group or an Azure subscription. The API lists them by region;
 * `locations` are the regions of the resources.
 */
export async function listSubscriptions(
  client: ManagementClient,
  scope: string,
  locations: readonly string[],
): Promise<JsonObject[]> {
  const found = new Map<string, JsonObject>();
  for (const location of new Set(["global", ...locations])) {
    for (const each of await client.list(`${scope}${EVENT_GRID}/locations/${location}/eventSubscriptions`)) {
      found.set(asText(each["id"]).toLowerCase(), each);
    }
  }
  return [...found.values()];
}

/** Returns the ARM id of an event subscription's source. */
export function sourceOf(id: string): string {
  return SUBSCRIPTION.exec(id)?.[1] ?? id;
}

function described(resource: JsonObject): RunningResource {
  const { id, name, type, location } = resource;
  return {
    id: asText(id),
    name: asText(name),
    type: asText(type),
    resource,
    ...(typeof location === "string" ? { location } : {}),
  };
}

async function keysOf(client: ManagementClient, { id }: RunningResource): Promise<{ key1: string; key2: string }> {
  const { key1, key2, keys } = await client.post(`${id}/listKeys`);
  if (!Array.isArray(keys)) return { key1: asText(key1), key2: asText(key2) };
  const [first, second] = (keys as JsonArray).map((key) => (isJsonObject(key) ? asText(key["value"]) : ""));
  return { key1: first ?? "", key2: second ?? "" };
}

async function withSecrets(client: ManagementClient, subscription: JsonObject): Promise<RunningSubscription> {
  const { name, properties } = subscription;
  const id = asText(subscription["id"]);
  const read = { name: asText(name), source: sourceOf(id), properties: isJsonObject(properties) ? properties : {} };
  const { value } = await client.post(`${id}/getDeliveryAttributes`);
  const attributes = Array.isArray(value) ? (value as JsonArray).filter(isJsonObject) : [];
  if (!hasFullUrl(endpointTypeOf(read))) return { ...read, attributes };
  const { endpointUrl } = await client.post(`${id}/getFullUrl`);
  return { ...read, attributes, endpointUrl: asText(endpointUrl) };
}
