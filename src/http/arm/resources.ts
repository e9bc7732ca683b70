import { RingmainError } from "../../core/errors.ts";
import { kindOf } from "../../core/kinds/index.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { DesiredResource, Resource } from "../../core/resources/resources.ts";
import { hasConsent } from "../../core/subscriber.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { StoredResource } from "../../ports/resource-store.ts";
import { carryOut } from "./actions.ts";
import { requireSourceDelete, requireSourceWrite } from "./access/source-access.ts";
import { requireGroup, requirePlace, type ArmAddress } from "./target.ts";
import { readMembers } from "./arm-body.ts";
import { ok, type ArmAnswer, type ArmCall } from "./arm-call.ts";
import { checkConditions } from "./conditions.ts";
import { listPage, type Listed } from "./lists/list-page.ts";
import { operationHeaders } from "./operation-status.ts";
import { show } from "./show.ts";

/** Handles a call on a resource of a known kind. */
export async function resource(call: ArmCall, address: ArmAddress, name: string): Promise<ArmAnswer> {
  switch (call.method) {
    case "GET":
    case "HEAD": {
      const found = await find(call, address, name);
      return call.method === "HEAD" ? { status: 204 } : ok(show(call, found, address));
    }
    case "PUT":
      return put(call, address, name);
    case "PATCH":
      return patch(call, address, name);
    case "DELETE":
      return remove(call, address);
    default:
      throw notAllowed(call.method);
  }
}

/** Resolves with the requested page of a collection. */
export function collection(call: ArmCall, address: ArmAddress): Promise<ArmAnswer> {
  const { directory } = call.engine;
  if (call.method !== "GET") throw notAllowed(call.method);
  requirePlace(address, call.path, directory);
  const listed = (each: Resource): Listed => ({
    id: each.id,
    fields: { name: each.name },
    read: () => show(call, each, address),
  });
  return listPage(call, contentsOf(address, directory), listed);
}

/** Handles a POST action below a resource. */
export async function action(call: ArmCall, address: ArmAddress, name: string, verb: string): Promise<ArmAnswer> {
  if (call.method !== "POST") throw notAllowed(call.method);
  return carryOut(call, address, await find(call, address, name), verb);
}

/** Returns the error for a method that an address does not support. */
export function notAllowed(method: string): RingmainError {
  return new RingmainError("method_not_allowed", `The requested resource does not support http method '${method}'.`);
}

/** Returns the resources of a collection. */
function contentsOf({ kind, base }: ArmAddress, directory: ResourceDirectory): readonly Resource[] {
  const { placement } = kindOf(kind);
  if (placement.kind === "extension") return directory.subscriptionsOf(base);
  if (placement.kind === "parent") return directory.childrenOf(base);
  const prefix = `${resourceKey(base)}/`;
  // The prefix excludes resources of the same type that lie elsewhere in the group.
  return directory.below(base, kind.type).filter(({ id }) => resourceKey(id).startsWith(prefix));
}

/** Resolves with the resource at an address; rejects if the resource, its group or its parent does not exist. */
export async function find({ engine, path }: ArmCall, address: ArmAddress, name: string): Promise<Resource> {
  const { directory } = engine;
  const stored = directory.get(address.id);
  if (stored !== undefined) return stored.resource;
  requirePlace(address, path, directory);
  throw notFound(address, name, path.resourceGroup);
}

function notFound({ shownType }: ArmAddress, name: string, group: string | undefined): RingmainError {
  const where = group === undefined ? "" : ` under resource group '${group}'`;
  return new RingmainError(
    "not_found",
    `The Resource '${shownType}/${name}'${where} was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

async function put(call: ArmCall, address: ArmAddress, name: string): Promise<ArmAnswer> {
  const { engine, path, random } = call;
  const { kind } = address;
  // A resource group lies in no group.
  if (kindOf(kind).placement.kind !== "subscription") requirePlace(address, path, engine.directory);
  if (kind.onlyName !== undefined && kind.onlyName !== name.toLowerCase()) {
    const message = `Resource name ${name} is invalid. The only name of a resource of type '${kind.type}' is '${kind.onlyName}'.`;
    throw new RingmainError("invalid_resource_name", message);
  }
  const asked = await readMembers(call, kind.put, address.id);
  const write = (before: Resource | undefined): DesiredResource => {
    const desired = asked({
      id: before?.id ?? address.id,
      name: before?.name ?? name,
      before,
      newId: () => random.uuid(),
      find: (id) => engine.directory.get(id)?.resource,
    });
    requireSourceWrite(call, desired);
    return desired;
  };
  const { after, isNew } = await change(call, address.id, write);
  return written(call, address, after, isNew ? kind.answers.created : kind.answers.replaced);
}

async function patch(call: ArmCall, address: ArmAddress, name: string): Promise<ArmAnswer> {
  const { kind } = address;
  const { engine, path, random } = call;
  if (kind.patch === undefined) throw notAllowed("PATCH");
  const found = await find(call, address, name);
  const asked = await readMembers(call, kind.patch, found.id);
  const { after } = await change(call, found.id, (before) => {
    // The resource was deleted while the body was being received.
    if (before === undefined) throw notFound(address, name, path.resourceGroup);
    return asked({
      id: before.id,
      name: before.name,
      before,
      newId: () => random.uuid(),
      find: (id) => engine.directory.get(id)?.resource,
    });
  });
  return written(call, address, after, kind.answers.patched);
}

/** Changes a resource if the conditions in the call's headers hold. */
async function change(
  call: ArmCall,
  id: string,
  decide: (before: Resource | undefined) => DesiredResource,
): Promise<{ readonly after: StoredResource; readonly isNew: boolean }> {
  let isNew = false;
  const after = await call.engine.controlPlane.change(id, (before) => {
    checkConditions(call, before);
    isNew = before === undefined;
    return decide(before?.resource);
  });
  return { after, isNew };
}

async function written(
  call: ArmCall,
  address: ArmAddress,
  { resource: before }: StoredResource,
  status: number,
): Promise<ArmAnswer> {
  const after = await askAgain(call, before);
  return { status, body: show(call, after, address), headers: operationHeaders(call, after) };
}

/**
 * Repeats the handshake of an endpoint that has not consented, even after a write without changes: it may work by now.
 * [ARM-LRO]
 */
async function askAgain({ engine }: ArmCall, stored: Resource): Promise<Resource> {
  const subscription = engine.directory.subscriptionByUid(stored.uid);
  if (subscription === undefined || hasConsent(subscription.properties.handshake?.status)) return stored;
  if (engine.handshakes.isAsking(subscription)) return stored;
  await engine.handshakes.rerun(subscription.id);
  return engine.directory.get(subscription.id)?.resource ?? stored;
}

async function remove(call: ArmCall, address: ArmAddress): Promise<ArmAnswer> {
  const { controlPlane, directory } = call.engine;
  const id = address.id;
  const stored = directory.get(id);
  if (stored === undefined) requireGroup(call.path, directory);
  checkConditions(call, stored);
  if (stored !== undefined) requireSourceDelete(call, stored.resource);
  return { status: (await controlPlane.delete(id)) ? address.kind.answers.deleted : 204 };
}
