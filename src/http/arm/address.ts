import { armId, type ArmPath } from "../../resource-manager/arm-id.ts";
import { armTypeNamed, type AnyArmType } from "../../resource-manager/resource-types.ts";
import { RingmainError } from "../../core/errors.ts";
import { kindOf } from "../../core/kinds/index.ts";
import { eventSubscriptionId, resourceGroupId, resourceKey } from "../../core/resources/resource-id.ts";
import type { Resource } from "../../core/resources/resources.ts";
import { groupExists } from "../../engine/directory/resource-groups.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";

/** What a path names of the resources that are kept here. */
export interface ArmAddress {
  readonly armType: AnyArmType;
  /** In front of the type: a group, a subscription, a parent resource or what is extended. */
  readonly base: string;
  /** Missing for a collection. */
  readonly name: string | undefined;
  /** Under which id it is kept. */
  readonly storedId: (name: string) => string;
  /** Under which id and type the path shows it. [ARM-TWO-PATHS] */
  readonly shownId: (resource: Resource) => string;
  readonly shownType: string;
  /** What must be there for it to be there. */
  readonly parentId: string | undefined;
}

const SUBSCRIPTIONS = "eventSubscriptions";

/**
 * Understands a path as a resource or a collection of a known kind; `undefined` when its types are none. The last
 * type without a name must be the collection's: calls are taken off before.
 */
export function addressOf(path: ArmPath, directory: ResourceDirectory): ArmAddress | undefined {
  const { namespace, types, names } = path;
  if (namespace === undefined || types.length === 0) return undefined;
  const depth = types.length - 1;
  const name = names[depth];
  const nested = types[depth] === SUBSCRIPTIONS && depth > 0;
  const armType = armTypeNamed(`${namespace}/${nested ? SUBSCRIPTIONS : types.join("/")}`);
  if (armType === undefined || kindOf(armType).placement.kind === "subscription") return undefined;
  const base = depth === 0 ? path.scope : storedCase(armId(path, depth), directory);
  if (nested) return nestedSubscriptions(armType, base, types.slice(0, depth), name, directory);
  if (kindOf(armType).placement.kind === "extension")
    return extension(armType, storedCase(base, directory), name, directory);
  const prefix = depth === 0 ? `${base}/providers/${namespace}/${types[0]}` : `${base}/${types[depth]}`;
  const id = (each: string): string => `${prefix}/${each}`;
  const parentId = depth > 0 ? base : undefined;
  return { armType, base, name, storedId: id, shownId: ownId, shownType: armType.type, parentId };
}

function ownId({ id }: Resource): string {
  return id;
}

/** Subscriptions by the path of what they listen to; a system topic's are its source's. */
function extension(
  armType: AnyArmType,
  scope: string,
  name: string | undefined,
  directory: ResourceDirectory,
): ArmAddress {
  const source = sourceOf(directory.get(scope)?.resource) ?? scope;
  return {
    armType,
    base: source,
    name,
    storedId: (each) => eventSubscriptionId(source, each),
    shownId: source === scope ? ownId : (each) => eventSubscriptionId(scope, each.name),
    shownType: armType.type,
    parentId: undefined,
  };
}

/** Subscriptions by the path below their topic: the same as those by the topic's own path. */
function nestedSubscriptions(
  armType: AnyArmType,
  parent: string,
  parentTypes: readonly string[],
  name: string | undefined,
  directory: ResourceDirectory,
): ArmAddress | undefined {
  const parentType = armTypeNamed(`Microsoft.EventGrid/${parentTypes.join("/")}`);
  if (parentType === undefined || !kindOf(parentType).subscribable) return undefined;
  const source = sourceOf(directory.get(parent)?.resource) ?? parent;
  return {
    armType,
    base: source,
    name,
    storedId: (each) => eventSubscriptionId(source, each),
    shownId: (each) => `${parent}/${SUBSCRIPTIONS}/${each.name}`,
    shownType: `${parentType.type}/${SUBSCRIPTIONS}`,
    parentId: parent,
  };
}

/** Returns the source of a resource's events: its subscriptions are those of the source. */
function sourceOf(parent: Resource | undefined): string | undefined {
  return parent && kindOf(parent).eventSource(parent);
}

/** An id in the case that its resource was made with. */
function storedCase(id: string, directory: ResourceDirectory): string {
  return directory.get(id)?.resource.id ?? id;
}

/** Throws when an address does not say enough of where the resource is. */
export function requireScope(address: ArmAddress, path: ArmPath): void {
  const { armType, name } = address;
  const outside =
    kindOf(armType).placement.kind === "extension" ? path.scope === "" : path.subscriptionId === undefined;
  if (outside) {
    throw new RingmainError(
      "missing_subscription",
      "The request did not have a subscription or a valid tenant level resource provider.",
    );
  }
  if (kindOf(armType).placement.kind === "extension" || name === undefined || path.resourceGroup !== undefined) return;
  throw new RingmainError("invalid_request", `A resource of type '${armType.type}' is in a resource group.`);
}

/** Throws `resource_group_not_found` when a path lies in a group that is not there. [ARM-GROUPS] */
export function requireGroup({ subscriptionId, resourceGroup }: ArmPath, directory: ResourceDirectory): void {
  if (subscriptionId === undefined || resourceGroup === undefined) return;
  if (groupExists(directory, { subscriptionId, resourceGroup })) return;
  throw new RingmainError("resource_group_not_found", `Resource group '${resourceGroup}' could not be found.`);
}

/** A path with its group in the case that the group was made with. */
export function withStoredGroup(path: ArmPath, directory: ResourceDirectory): ArmPath {
  const { subscriptionId, resourceGroup, scope } = path;
  if (subscriptionId === undefined || resourceGroup === undefined) return path;
  const asked = resourceGroupId({ subscriptionId, resourceGroup });
  const stored = storedCase(asked, directory);
  if (stored === asked || !resourceKey(scope).startsWith(resourceKey(asked))) return path;
  return { ...path, scope: stored + scope.slice(asked.length) };
}

/** Throws `parent_resource_not_found` when what a resource lies below is not there. */
export function requireParent({ parentId }: ArmAddress, directory: ResourceDirectory): void {
  if (parentId === undefined || directory.get(parentId) !== undefined) return;
  throw new RingmainError(
    "parent_resource_not_found",
    `Can not perform requested operation on nested resource. Parent resource '${parentId.slice(parentId.lastIndexOf("/") + 1)}' not found.`,
  );
}
