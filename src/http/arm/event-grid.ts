import type { ArmPath } from "../../resource-manager/arm-id.ts";
import { armTypeNamed } from "../../resource-manager/resource-types.ts";
import { EVENT_GRID_VERSIONS } from "../../resource-manager/api-versions.ts";
import { RingmainError } from "../../core/errors.ts";
import { requireScope } from "./target.ts";
import type { ArmAnswer, ArmCall } from "./arm-call.ts";
import { operationStatus } from "./operation-status.ts";
import { privateLinks } from "./private-links.ts";
import { action, collection, notAllowed, resource } from "./resources.ts";
import { subscriptionList } from "./lists/subscription-lists.ts";
import { extensionTopic, operations, verifiedPartners } from "./lists/tenant-resources.ts";
import { eventTypesOf, topicTypes } from "./lists/topic-types.ts";

/** Calls that only read, by the types in their paths. */
export const READ_ONLY_CALLS: ReadonlyMap<string, (call: ArmCall) => ArmAnswer | Promise<ArmAnswer>> = new Map(
  Object.entries({
    operations,
    topicTypes,
    "topicTypes/eventTypes": topicTypes,
    verifiedPartners,
    extensionTopics: extensionTopic,
    eventTypes: eventTypesOf,
    "locations/operationsStatus": (call: ArmCall) => operationStatus(call, call.path.names[1] ?? ""),
  }),
);

/** Handles all calls to `Microsoft.EventGrid`. */
export async function eventGrid(call: ArmCall): Promise<ArmAnswer> {
  const { address, below, verb } = call.target;
  const readOnly = READ_ONLY_CALLS.get(call.path.types.join("/"));
  if (readOnly !== undefined) {
    if (call.method !== "GET") throw notAllowed(call.method);
    return readOnly(call);
  }
  const listed = subscriptionList(call);
  if (listed !== undefined) return listed;
  const links = await privateLinks(call);
  if (links !== undefined) return links;
  if (address === undefined) throw unknownType(call.path);
  if (below.length === 0) {
    requireScope(address, call.path);
    return address.name === undefined ? collection(call, address) : resource(call, address, address.name);
  }
  if (address.name !== undefined && verb !== undefined) return action(call, address, address.name, verb);
  throw unknownType(call.path);
}

function unknownType({ types }: ArmPath): RingmainError {
  const known = types.length > 1 && armTypeNamed(`Microsoft.EventGrid/${types.slice(0, -1).join("/")}`) !== undefined;
  const name = known ? types.join("/") : (types[0] ?? "");
  return new RingmainError(
    "invalid_resource_type",
    `The resource type '${name}' could not be found in the namespace 'Microsoft.EventGrid' for api version '${EVENT_GRID_VERSIONS[0]}'. The supported api-versions are '${EVENT_GRID_VERSIONS.join(",")}'.`,
  );
}
