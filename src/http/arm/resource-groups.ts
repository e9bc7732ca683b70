import { RESOURCE_TYPES } from "../../resource-manager/resource-types.ts";
import type { AnyArmType } from "../../resource-manager/resource-types.ts";
import { parseArmPath } from "../../resource-manager/arm-id.ts";
import { RingmainError } from "../../core/errors.ts";
import { kindOf } from "../../core/kinds/index.ts";
import { DEFAULT_RESOURCE_GROUP, resourceGroupId, resourceKey } from "../../core/resources/resource-id.ts";
import type { Resource, ResourceGroupResource } from "../../core/resources/resources.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import { requireGroup, type ArmAddress } from "./target.ts";
import { ok, type ArmAnswer, type ArmCall } from "./arm-call.ts";
import { listPage, type Listed } from "./lists/list-page.ts";
import { notAllowed, resource } from "./resources.ts";
import { showOwn } from "./show.ts";

const GROUP = "Microsoft.Resources/resourceGroups";
/** Page sizes of Resource Manager's own lists. [ARM-LIST] */
const PAGES = { page: 1_000, maxPage: 1_000 };
const NAME_CHARS = 90;
const NAME = /^[-\w.()\p{L}\p{N}]*[-\w()\p{L}\p{N}]$/u;

/** Lists the resource groups of an Azure subscription. */
export function listResourceGroups(call: ArmCall): Promise<ArmAnswer> {
  if (call.method !== "GET") throw notAllowed(call.method);
  const groups = groupsIn(call.engine.directory, call.path.subscriptionId ?? "");
  const listed = (group: ResourceGroupResource): Listed => ({
    id: group.id,
    fields: { name: group.name, location: group.location },
    read: () => showOwn(call, group),
  });
  return listPage(call, groups, listed, { ...PAGES, filterable: ["name", "location"] });
}

/** Handles a call on one resource group. */
export async function resourceGroup(call: ArmCall): Promise<ArmAnswer> {
  const { directory } = call.engine;
  const { subscriptionId = "", resourceGroup: name = "" } = call.path;
  const id = resourceGroupId({ subscriptionId, resourceGroup: name });
  const stored = directory.get(id)?.resource;
  if (stored === undefined && call.method !== "PUT") {
    requireGroup(call.path, directory);
    const group = impliedGroup(subscriptionId, name);
    if (call.method === "HEAD") return { status: 204 };
    if (call.method === "GET") return ok(showOwn(call, group));
    // A change or deletion first stores the implied group. Another call may have stored it in the meantime.
    const { uid: _uid, ...desired } = group;
    await call.engine.controlPlane.change(id, (before) => before?.resource ?? desired);
  }
  if (call.method === "PUT" && (name.length > NAME_CHARS || !NAME.test(name))) {
    throw new RingmainError(
      "invalid_resource_name",
      `The provided resource group name '${name}' is invalid: it may have ${NAME_CHARS} letters, digits and characters of -_.(), and may not end in a period.`,
    );
  }
  return resource(call, addressOfGroup(id), name);
}

/** Lists the resources of a resource group or an Azure subscription. */
export function resources(call: ArmCall): Promise<ArmAnswer> {
  if (call.method !== "GET") throw notAllowed(call.method);
  const { directory } = call.engine;
  requireGroup(call.path, directory);
  const filterable = ["name", "resourceGroup", "resourceType", "location"];
  return listPage(call, directory.below(call.path.scope), listedResource, { ...PAGES, filterable });
}

/** Returns a resource's entry in the list; `undefined` for groups, extensions and children. */
function listedResource(each: Resource): Listed | undefined {
  if (kindOf(each).placement.kind !== "group") return undefined;
  const { id, name, type, location, tags = null } = each;
  return {
    id,
    fields: { name, resourceGroup: parseArmPath(id).resourceGroup ?? "", resourceType: type, location },
    read: () => ({ id, name, type, location, tags }),
  };
}

function addressOfGroup(id: string): ArmAddress {
  return {
    kind: RESOURCE_TYPES[GROUP] as unknown as AnyArmType,
    base: "",
    shownBase: "",
    name: undefined,
    id,
    parent: undefined,
    shownId: () => id,
    shownType: GROUP,
  };
}

/**
 * Returns a group that exists without having been created: the default one, or one that the configuration file uses.
 */
function impliedGroup(subscriptionId: string, name: string): ResourceGroupResource {
  const id = resourceGroupId({ subscriptionId, resourceGroup: name });
  return { id, name, type: GROUP, uid: "", location: "local", properties: {} };
}

/** Returns the groups of an Azure subscription, including implied ones. */
function groupsIn(directory: ResourceDirectory, subscriptionId: string): ResourceGroupResource[] {
  const stored = directory.below(`/subscriptions/${subscriptionId}`, GROUP);
  const groups = new Map(stored.map((group) => [resourceKey(group.name), group]));
  for (const name of [DEFAULT_RESOURCE_GROUP, ...directory.groupsOf(subscriptionId)]) {
    if (!groups.has(resourceKey(name))) groups.set(resourceKey(name), impliedGroup(subscriptionId, name));
  }
  return [...groups.values()];
}
