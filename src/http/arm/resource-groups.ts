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
/** Lists of Resource Manager itself. [ARM-LIST] */
const PAGES = { page: 1_000, maxPage: 1_000 };
const NAME_CHARS = 90;
const NAME = /^[-\w.()\p{L}\p{N}]*[-\w()\p{L}\p{N}]$/u;

/** `resourceGroups` of a subscription. */
export function listResourceGroups(call: ArmCall): ArmAnswer {
  if (call.method !== "GET") throw notAllowed(call.method);
  const { directory } = call.engine;
  const stored = directory.below(call.path.scope, GROUP);
  const known = new Set(stored.map(({ id }) => resourceKey(id)));
  const subscriptionId = call.path.subscriptionId ?? "";
  const implied = impliedGroups(directory, subscriptionId).filter(({ id }) => !known.has(resourceKey(id)));
  const items = [...stored, ...implied].map((group): Listed => ({
    id: group.id,
    fields: { name: group.name, location: group.location },
    read: () => showOwn(call, group),
  }));
  return listPage(call, items, { ...PAGES, filterable: ["name", "location"] });
}

/** One resource group. */
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
    // Once it is changed or deleted it is a group like others. Another call may have made it one meanwhile.
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

/** `resources` of a group or a subscription. */
export function resources(call: ArmCall): ArmAnswer {
  if (call.method !== "GET") throw notAllowed(call.method);
  const { directory } = call.engine;
  requireGroup(call.path, directory);
  const found = directory.below(call.path.scope).filter(isTopLevel);
  const items = found.map((each): Listed => ({
    id: each.id,
    fields: {
      name: each.name,
      resourceGroup: parseArmPath(each.id).resourceGroup ?? "",
      resourceType: each.type,
      location: each.location,
    },
    read: () => ({
      id: each.id,
      name: each.name,
      type: each.type,
      location: each.location,
      tags: each.tags ?? null,
    }),
  }));
  return listPage(call, items, { ...PAGES, filterable: ["name", "resourceGroup", "resourceType", "location"] });
}

/** Groups and extensions are not listed as resources. */
function isTopLevel({ type }: Resource): boolean {
  return kindOf({ type }).placement.kind === "group";
}

function addressOfGroup(id: string): ArmAddress {
  return {
    kind: RESOURCE_TYPES[GROUP] as unknown as AnyArmType,
    base: "",
    name: undefined,
    id,
    parent: undefined,
    shownId: () => id,
    shownType: GROUP,
  };
}

/** A group that nobody made: the default one, and those of resources that the configuration file put elsewhere. */
function impliedGroup(subscriptionId: string, name: string): ResourceGroupResource {
  const id = resourceGroupId({ subscriptionId, resourceGroup: name });
  return { id, name, type: GROUP, uid: "", location: "local", properties: {} };
}

function impliedGroups(directory: ResourceDirectory, subscriptionId: string): ResourceGroupResource[] {
  const names = new Map([[DEFAULT_RESOURCE_GROUP, DEFAULT_RESOURCE_GROUP]]);
  for (const name of directory.groupsOf(subscriptionId)) {
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return [...names.values()].map((name) => impliedGroup(subscriptionId, name));
}
