import { RingmainError } from "../../core/errors.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { DesiredResource, Resource } from "../../core/resources/resources.ts";
import { hasConsent } from "../../core/subscriber.ts";
import type { StoredResource } from "../../ports/resource-store.ts";
import { carryOut } from "./actions.ts";
import { requireGroup, requireParent, type ArmAddress } from "./address.ts";
import { readMembers } from "./arm-body.ts";
import { ok, type ArmAnswer, type ArmCall } from "./arm-call.ts";
import { checkConditions } from "./conditions.ts";
import { listPage, type Listed } from "./lists/list-page.ts";
import { operationHeaders } from "./operation-status.ts";
import { show } from "./show.ts";

/** Answers a call on a resource of a known kind. */
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
      return remove(call, address, name);
    default:
      throw notAllowed(call.method);
  }
}

/** Resolves with the page of a collection that a call asks for. */
export function collection(call: ArmCall, address: ArmAddress): Promise<ArmAnswer> {
  const { directory } = call.engine;
  if (call.method !== "GET") throw notAllowed(call.method);
  requireGroup(call.path, directory);
  requireParent(address, directory);
  const { armType, base } = address;
  const listed = (each: Resource): Listed => ({
    id: each.id,
    fields: { name: each.name },
    read: () => show(call, each, address),
  });
  if (armType.placement.kind === "extension") return listPage(call, directory.subscriptionsOf(base), listed);
  const prefix = base === "" ? "" : `${resourceKey(base)}/`;
  return listPage(call, [...directory.all()], ({ resource: each }) =>
    each.type === armType.type && resourceKey(each.id).startsWith(prefix) ? listed(each) : undefined,
  );
}

/** Answers a call by POST below a resource. */
export async function action(call: ArmCall, address: ArmAddress, name: string, verb: string): Promise<ArmAnswer> {
  if (call.method !== "POST") throw notAllowed(call.method);
  return carryOut(call, address, await find(call, address, name), verb);
}

/** Whether the method is not one that the address takes. */
export function notAllowed(method: string): RingmainError {
  return new RingmainError("method_not_allowed", `The requested resource does not support http method '${method}'.`);
}

async function find({ engine, path }: ArmCall, address: ArmAddress, name: string): Promise<Resource> {
  const { directory } = engine;
  const stored = directory.get(address.storedId(name));
  if (stored !== undefined) return stored.resource;
  requireGroup(path, directory);
  requireParent(address, directory);
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
  const { armType } = address;
  if (armType.placement.kind !== "subscription") requireGroup(path, engine.directory);
  requireParent(address, engine.directory);
  if (armType.onlyName !== undefined && armType.onlyName !== name.toLowerCase()) {
    const message = `Resource name ${name} is invalid. The only name of a resource of type '${armType.type}' is '${armType.onlyName}'.`;
    throw new RingmainError("invalid_resource_name", message);
  }
  const asked = await readMembers(call, armType.put, address.storedId(name));
  const write = (before: Resource | undefined): DesiredResource =>
    asked({
      id: before?.id ?? address.storedId(name),
      name: before?.name ?? name,
      before,
      newId: () => random.uuid(),
      find: (id) => engine.directory.get(id)?.resource,
    });
  const { after, isNew } = await change(call, address.storedId(name), write);
  return written(call, address, after, isNew ? armType.answers.created : armType.answers.replaced);
}

async function patch(call: ArmCall, address: ArmAddress, name: string): Promise<ArmAnswer> {
  const { armType } = address;
  const { engine, path, random } = call;
  if (armType.patch === undefined) throw notAllowed("PATCH");
  const found = await find(call, address, name);
  const asked = await readMembers(call, armType.patch, found.id);
  const { after } = await change(call, found.id, (before) => {
    // Deleted while the body came.
    if (before === undefined) throw notFound(address, name, path.resourceGroup);
    return asked({
      id: before.id,
      name: before.name,
      before,
      newId: () => random.uuid(),
      find: (id) => engine.directory.get(id)?.resource,
    });
  });
  return written(call, address, after, armType.answers.patched);
}

/** Changes a resource under the conditions that the call's headers set. */
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

/** A write that changes nothing still asks an endpoint that has not consented: it may have been mended. [ARM-LRO] */
async function askAgain({ engine }: ArmCall, subscription: Resource): Promise<Resource> {
  if (subscription.type !== "Microsoft.EventGrid/eventSubscriptions") return subscription;
  if (hasConsent(subscription.properties.handshake?.status) || engine.handshakes.isAsking(subscription))
    return subscription;
  await engine.handshakes.rerun(subscription.id);
  return engine.directory.get(subscription.id)?.resource ?? subscription;
}

async function remove(call: ArmCall, address: ArmAddress, name: string): Promise<ArmAnswer> {
  const { controlPlane, directory } = call.engine;
  const id = address.storedId(name);
  const stored = directory.get(id);
  if (stored === undefined) requireGroup(call.path, directory);
  checkConditions(call, stored);
  return { status: (await controlPlane.delete(id)) ? address.armType.answers.deleted : 204 };
}
