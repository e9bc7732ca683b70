import { armId, type ArmPath } from "../../resource-manager/arm-id.ts";
import { operationOf, type ArmOperation } from "../../resource-manager/operation.ts";
import { armTypeNamed, type AnyArmType } from "../../resource-manager/resource-types.ts";
import { RingmainError } from "../../core/errors.ts";
import { kindOf } from "../../core/kinds/index.ts";
import { eventSubscriptionId, resourceGroupId, resourceKey, resourceName } from "../../core/resources/resource-id.ts";
import type { Resource } from "../../core/resources/resources.ts";
import { groupExists } from "../../engine/directory/resource-groups.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";

/** The resource or collection that a path names. */
export interface ArmAddress {
  readonly kind: AnyArmType;
  /** The id before the type: a group, a subscription, a parent resource or an extended resource. */
  readonly base: string;
  /** The id before the type in the path: differs from `base` for event subscriptions of a system topic's source. */
  readonly shownBase: string;
  /** The resource's name; `undefined` for a collection. */
  readonly name: string | undefined;
  /** The id that the resource is stored under, or the collection's id. */
  readonly id: string;
  /** The id of the resource that must exist for this one to exist. */
  readonly parent: string | undefined;
  /** Returns the id that the path shows a resource under. [ARM-TWO-PATHS] */
  readonly shownId: (resource: Resource) => string;
  readonly shownType: string;
}

/** The target of a management call: the resource and the operation on it. Resolved once per call. */
export interface ArmTarget {
  /** The path, with its group in the case that the group was created with. */
  readonly path: ArmPath;
  /** The resource or collection that the path begins with; `undefined` for paths without a stored kind. */
  readonly address: ArmAddress | undefined;
  /** Types of the path below the address. */
  readonly below: readonly string[];
  /** The POST action below a resource, in the spelling of the table of kinds. */
  readonly verb: string | undefined;
  /** The operation, with the resource's own id; `undefined` for a method without one. */
  readonly operation: ArmOperation | undefined;
  /**
   * The same operation on the event subscriptions of another resource, which the path shows as its own; `undefined` for
   * all other paths. [ARM-TWO-PATHS]
   */
  readonly sourceOperation: ArmOperation | undefined;
}

const EVENT_GRID = "Microsoft.EventGrid";
const SUBSCRIPTIONS = "eventSubscriptions";

/** Resolves the target of a call. */
export function resolveTarget(method: string, requested: ArmPath, directory: ResourceDirectory): ArmTarget {
  const path = withStoredGroup(requested, directory);
  const { types, names } = path;
  const operation = operationAt(method, path, directory);
  for (let depth = types.length; depth > 0; depth -= 1) {
    const isNamed = depth <= names.length;
    // Types below a collection name nothing.
    if (!isNamed && depth < types.length) continue;
    const address = addressOf({ ...path, types: types.slice(0, depth), names: names.slice(0, depth) }, directory);
    if (address === undefined) continue;
    const below = types.slice(depth);
    const verb = names.length === depth && below.length === 1 ? verbOf(address, below[0] ?? "") : undefined;
    const sourceOperation = operation && operationAtSource(operation, address, below);
    return { path, address, below, verb, operation, sourceOperation };
  }
  return { path, address: undefined, below: [], verb: undefined, operation, sourceOperation: undefined };
}

/** Returns the operation on event subscriptions that are stored below another resource than the path names. */
function operationAtSource(
  { kind }: ArmOperation,
  address: ArmAddress,
  below: readonly string[],
): ArmOperation | undefined {
  const { base, name, id, shownBase } = address;
  if (resourceKey(base) === resourceKey(shownBase)) return undefined;
  return subscriptionOperation(kind, name === undefined ? base : id, below);
}

/** Returns an operation on event subscriptions: on one of them, on its part or action `below`, or on all of a source. */
export function subscriptionOperation(
  kind: ArmOperation["kind"],
  resourceId: string,
  below: readonly string[] = [],
): ArmOperation {
  return { name: [EVENT_GRID, SUBSCRIPTIONS, ...below, kind].join("/"), kind, provider: EVENT_GRID, resourceId };
}

function verbOf({ kind }: ArmAddress, word: string): string | undefined {
  return kind.actions.find((each) => each.toLowerCase() === word.toLowerCase());
}

/**
 * Returns the operation of a call. Polling a write of an event subscription counts as reading the subscription, so that
 * the roles on the subscription decide, although the polled path lies elsewhere.
 */
function operationAt(method: string, path: ArmPath, directory: ResourceDirectory): ArmOperation | undefined {
  const asked = askedAbout(method, path, directory);
  if (asked !== undefined) return subscriptionOperation("read", asked);
  const operation = operationOf(method, path);
  return operation && { ...operation, resourceId: storedCase(operation.resourceId, directory) };
}

/** Returns the id of the event subscription whose operation a call polls. [ARM-LRO] */
function askedAbout(
  method: string,
  { namespace, types, names }: ArmPath,
  directory: ResourceDirectory,
): string | undefined {
  if (method !== "GET" || namespace !== EVENT_GRID || types.join("/") !== "locations/operationsStatus") {
    return undefined;
  }
  return directory.subscriptionByUid(names[1]?.toLowerCase() ?? "")?.id;
}

/** Returns the resource or collection of a stored kind that a whole path names; `undefined` when it names none. */
export function addressOf(path: ArmPath, directory: ResourceDirectory): ArmAddress | undefined {
  const { namespace, types, names } = path;
  if (namespace === undefined || types.length === 0) return undefined;
  const depth = types.length - 1;
  const name = names[depth];
  const nested = types[depth] === SUBSCRIPTIONS && depth > 0;
  const kind = armTypeNamed(`${namespace}/${nested ? SUBSCRIPTIONS : types.join("/")}`);
  if (kind === undefined || kindOf(kind).placement.kind === "subscription") return undefined;
  const base = depth === 0 ? path.scope : storedCase(armId(path, depth), directory);
  if (nested) return nestedSubscriptions({ kind, parent: base, name }, types.slice(0, depth), directory);
  if (kindOf(kind).placement.kind === "extension") {
    const scope = storedCase(base, directory);
    const source = sourceOf(scope, directory);
    const shownId = source === scope ? ownId : ({ name: each }: Resource) => eventSubscriptionId(scope, each);
    const id = eventSubscriptionId(source, name ?? "");
    return { kind, base: source, shownBase: scope, name, id, parent: undefined, shownId, shownType: kind.type };
  }
  const collection = depth === 0 ? `${base}/providers/${namespace}/${types[0]}` : `${base}/${types[depth]}`;
  const id = name === undefined ? collection : `${collection}/${name}`;
  const parent = depth > 0 ? base : undefined;
  return { kind, base, shownBase: base, name, id, parent, shownId: ownId, shownType: kind.type };
}

function ownId({ id }: Resource): string {
  return id;
}

/** Returns the address of event subscriptions nested below a topic: another path to the topic's event subscriptions. */
function nestedSubscriptions(
  { kind, parent, name }: Pick<ArmAddress, "kind" | "name"> & { readonly parent: string },
  parentTypes: readonly string[],
  directory: ResourceDirectory,
): ArmAddress | undefined {
  const parentType = armTypeNamed(`${EVENT_GRID}/${parentTypes.join("/")}`);
  if (parentType === undefined || !kindOf(parentType).subscribable) return undefined;
  const source = sourceOf(parent, directory);
  return {
    kind,
    base: source,
    shownBase: parent,
    name,
    id: eventSubscriptionId(source, name ?? ""),
    parent,
    shownId: (each) => `${parent}/${SUBSCRIPTIONS}/${each.name}`,
    shownType: `${parentType.type}/${SUBSCRIPTIONS}`,
  };
}

/** Returns the id of the source of a resource's events, which its event subscriptions are stored under. */
function sourceOf(id: string, directory: ResourceDirectory): string {
  const resource = directory.get(id)?.resource;
  return resource === undefined ? id : kindOf(resource).eventSource(resource);
}

/** Returns an id in the case that the resource was created with. */
function storedCase(id: string, directory: ResourceDirectory): string {
  return directory.get(id)?.resource.id ?? id;
}

/** Throws if an address lacks the subscription, resource group or scope that its type needs. */
export function requireScope({ kind, name }: ArmAddress, path: ArmPath): void {
  const isExtension = kindOf(kind).placement.kind === "extension";
  if (isExtension ? path.scope === "" : path.subscriptionId === undefined) {
    throw new RingmainError(
      "missing_subscription",
      "The request did not have a subscription or a valid tenant level resource provider.",
    );
  }
  if (isExtension || name === undefined || path.resourceGroup !== undefined) return;
  throw new RingmainError("invalid_request", `A resource of type '${kind.type}' is in a resource group.`);
}

/** Throws `resource_group_not_found` if a path's resource group does not exist. [ARM-GROUPS] */
export function requireGroup({ subscriptionId, resourceGroup }: ArmPath, directory: ResourceDirectory): void {
  if (subscriptionId === undefined || resourceGroup === undefined) return;
  if (groupExists(directory, { subscriptionId, resourceGroup })) return;
  throw new RingmainError("resource_group_not_found", `Resource group '${resourceGroup}' could not be found.`);
}

/** Returns a path with its group in the case that the group was created with. */
function withStoredGroup(path: ArmPath, directory: ResourceDirectory): ArmPath {
  const { subscriptionId, resourceGroup, scope } = path;
  if (subscriptionId === undefined || resourceGroup === undefined) return path;
  const asked = resourceGroupId({ subscriptionId, resourceGroup });
  const stored = storedCase(asked, directory);
  if (stored === asked || !resourceKey(scope).startsWith(resourceKey(asked))) return path;
  return { ...path, scope: stored + scope.slice(asked.length) };
}

/** Throws if the group or the parent of a resource or collection does not exist. */
export function requirePlace({ parent }: ArmAddress, path: ArmPath, directory: ResourceDirectory): void {
  requireGroup(path, directory);
  if (parent === undefined || directory.get(parent) !== undefined) return;
  throw new RingmainError(
    "parent_resource_not_found",
    `Can not perform requested operation on nested resource. Parent resource '${resourceName(parent)}' not found.`,
  );
}
