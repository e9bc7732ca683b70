import { showMapping } from "../../resource-manager/body/delivery-attributes.ts";
import { object, oneOf } from "../../resource-manager/body/members.ts";
import { PARTNER } from "../../resource-manager/wire/partner-configuration.ts";
import { attributesOf, fullUrlOf } from "../../core/destinations/destination-facts.ts";
import { RingmainError } from "../../core/errors.ts";
import type { AccessKeys, Keyed, Resource } from "../../core/resources/resources.ts";
import type { DeliveryAttributeMapping } from "../../core/destinations/destination-property.ts";
import type { StoredResource } from "../../ports/resource-store.ts";
import type { ArmAddress } from "./target.ts";
import { readMembers } from "./arm-body.ts";
import { ok, type ArmAnswer, type ArmCall } from "./arm-call.ts";
import { show } from "./show.ts";

/** Carries out a POST action on a resource, such as `listKeys`. Each kind's table lists its actions. */
export async function carryOut(
  call: ArmCall,
  address: ArmAddress,
  resource: Resource,
  verb: string,
): Promise<ArmAnswer> {
  const { controlPlane } = call.engine;
  const shown = ({ resource: after }: StoredResource): ArmAnswer => ok(show(call, after, address));
  switch (verb) {
    case "listKeys":
      return ok({ ...keysOf(resource) });
    case "regenerateKey":
      return ok({ ...(await controlPlane.regenerateKey(resource.id, await keyNameOf(call, resource.id))) });
    case "getFullUrl":
      return ok({ endpointUrl: fullUrl(resource) });
    case "getDeliveryAttributes":
      return ok({ value: mappingsOf(resource).map(showMapping) });
    case "activate":
      return shown(await controlPlane.activatePartnerTopic(resource.id));
    case "deactivate":
      return shown(await controlPlane.deactivatePartnerTopic(resource.id));
    case "authorizePartner":
      return shown(await controlPlane.authorizePartner(resource.id, await readMembers(call, PARTNER, resource.id)));
    case "unauthorizePartner":
      return shown(await controlPlane.unauthorizePartner(resource.id, await readMembers(call, PARTNER, resource.id)));
    default:
      throw new RingmainError("internal", `No code for the call '${verb}'.`);
  }
}

function keysOf(resource: Resource): Keyed["keys"] {
  if ("keys" in resource) return resource.keys;
  throw new RingmainError("internal", `A resource of type '${resource.type}' has no keys.`);
}

const KEY_NAME = object({ keyName: oneOf(["key1", "key2"]) });

/** Returns the name of the key that a `regenerateKey` call asks to replace. */
export async function keyNameOf(call: ArmCall, resourceId: string): Promise<keyof AccessKeys> {
  const { keyName: name } = await readMembers(call, KEY_NAME, resourceId);
  if (name !== undefined) return name;
  throw new RingmainError("invalid_request", "The body must name a key: 'keyName' is 'key1' or 'key2'.");
}

/**
 * Returns a webhook's full URL. Terraform asks for it on every subscription and accepts exactly this error.
 * [ARM-FULL-URL]
 */
function fullUrl({ name, properties }: Resource): string {
  const destination = "destination" in properties ? properties.destination : undefined;
  const url = destination && fullUrlOf(destination);
  if (url !== undefined) return url;
  const message =
    destination === undefined
      ? `The channel ${name} is of type PartnerTopic, which has no full URL.`
      : `Destination type of the event subscription ${name} is ${destination.endpointType} which doesn't support full URL. Only webhook destination type supports full URL.`;
  throw new RingmainError("invalid_request", message);
}

function mappingsOf(resource: Resource): readonly DeliveryAttributeMapping[] {
  return "destination" in resource.properties ? (attributesOf(resource.properties.destination) ?? []) : [];
}
