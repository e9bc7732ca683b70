import { armTypeNamed } from "../../resource-manager/resource-types.ts";
import { RingmainError } from "../../core/errors.ts";
import { isPublishType, RESOURCE_KINDS } from "../../core/kinds/index.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Resource } from "../../core/resources/resources.ts";
import type { ArmAddress } from "./target.ts";
import type { ArmCall } from "./arm-call.ts";

/** Returns a resource as clients see it, with the id and type of the address in the request. */
export function show(
  call: ArmCall,
  resource: Resource,
  { shownId, shownType }: Pick<ArmAddress, "shownId" | "shownType">,
): JsonObject {
  const { engine } = call;
  const armType = armTypeNamed(resource.type);
  if (armType === undefined) throw new RingmainError("internal", `A '${resource.type}' has no read.`);
  return armType.read(resource, {
    id: shownId(resource),
    type: shownType,
    endpoint: publishAddress(call, resource),
    find: (id) => engine.directory.get(id)?.resource,
    storageEndpoints: (account) => call.storage.endpoints(account) ?? null,
  });
}

/** Returns a resource as clients see it, with its own id. */
export function showOwn(call: ArmCall, resource: Resource): JsonObject {
  return show(call, resource, { shownId: () => resource.id, shownType: resource.type });
}

/**
 * Returns the publish endpoint: by name, or by id if another resource of the kind has the name already. [ARM-ENDPOINT]
 */
function publishAddress({ engine, origin }: ArmCall, { type, id, name }: Resource): string {
  const isFirst = isPublishType(type) && engine.directory.publishTargetByName(type, name)?.id === id;
  const path = isFirst ? `/${RESOURCE_KINDS[type].endpoint.segment}/${name}` : id;
  return `${origin}${path}/api/events`;
}
