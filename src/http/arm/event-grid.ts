import type { ArmPath } from "../../resource-manager/arm-id.ts";
import { armTypeNamed } from "../../resource-manager/resource-types.ts";
import { EVENT_GRID_VERSIONS } from "../../resource-manager/api-versions.ts";
import { RingmainError } from "../../core/errors.ts";
import { addressOf, requireScope, withStoredGroup } from "./address.ts";
import type { ArmAnswer, ArmCall } from "./arm-call.ts";
import { operationStatus } from "./operation-status.ts";
import { privateLinks } from "./private-links.ts";
import { action, collection, notAllowed, resource } from "./resources.ts";
import { subscriptionList } from "./lists/subscription-lists.ts";
import { extensionTopic, operations, verifiedPartners } from "./lists/tenant-resources.ts";
import { eventTypesOf, topicTypes } from "./lists/topic-types.ts";

/** Calls that only read, by their types. */
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

/** Answers everything of `Microsoft.EventGrid`. */
export async function eventGrid(given: ArmCall): Promise<ArmAnswer> {
  const { directory } = given.engine;
  const call = { ...given, path: withStoredGroup(given.path, directory) };
  const readOnly = READ_ONLY_CALLS.get(call.path.types.join("/"));
  if (readOnly !== undefined) {
    if (call.method !== "GET") throw notAllowed(call.method);
    return readOnly(call);
  }
  const listed = subscriptionList(call);
  if (listed !== undefined) return listed;
  const links = await privateLinks(call);
  if (links !== undefined) return links;
  const whole = addressOf(call.path, directory);
  if (whole !== undefined) {
    requireScope(whole, call.path);
    return whole.name === undefined ? collection(call, whole) : resource(call, whole, whole.name);
  }
  const called = withoutCall(call.path);
  const address = called && addressOf(called.path, directory);
  const verb = address?.armType.actions.find((each) => each.toLowerCase() === called?.verb.toLowerCase());
  if (address?.name !== undefined && verb !== undefined) return action(call, address, address.name, verb);
  throw unknownType(call.path);
}

/** A path without the call that it ends with. */
function withoutCall(path: ArmPath): { readonly path: ArmPath; readonly verb: string } | undefined {
  const verb = path.types.at(-1);
  if (verb === undefined || path.types.length === path.names.length) return undefined;
  return { path: { ...path, types: path.types.slice(0, -1) }, verb };
}

function unknownType({ types }: ArmPath): RingmainError {
  const known = types.length > 1 && armTypeNamed(`Microsoft.EventGrid/${types.slice(0, -1).join("/")}`) !== undefined;
  const name = known ? types.join("/") : (types[0] ?? "");
  return new RingmainError(
    "invalid_resource_type",
    `The resource type '${name}' could not be found in the namespace 'Microsoft.EventGrid' for api version '${EVENT_GRID_VERSIONS[0]}'. The supported api-versions are '${EVENT_GRID_VERSIONS.join(",")}'.`,
  );
}
