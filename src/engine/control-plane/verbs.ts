import type { AccessKeys, AuthorizedPartner, DesiredResource } from "../../core/resources/resources.ts";
import type { StoredResource } from "../../ports/resource-store.ts";
import { kindOf } from "../../core/kinds/index.ts";
import { newKey } from "./access-keys.ts";
import type { ControlPlaneDependencies } from "./dependencies.ts";
import { missingRelation } from "./kinds/kind.ts";
import { withPartners, type PartnerEdit } from "./kinds/partner-configuration.ts";
import { withActivation } from "./kinds/partner-topic.ts";
import { samePartner } from "./partners.ts";

/**
 * Actions on resources other than writing and deleting. Each rejects with `not_found` if the resource does not exist.
 */
export interface ControlPlaneVerbs {
  /** Replaces a key, and resolves with both keys. The old key is refused from then on. [EG-KEY-REGENERATE] */
  regenerateKey(id: string, name: keyof AccessKeys): Promise<AccessKeys>;
  /** Activates a partner topic: it delivers events from then on. [EG-PARTNER-ACTIVATION] */
  activatePartnerTopic(id: string): Promise<StoredResource>;
  /** Deactivates a partner topic: its events are dropped from then on. */
  deactivatePartnerTopic(id: string): Promise<StoredResource>;
  /** Authorizes a partner to create partner topics, or replaces its authorization. [EG-PARTNER-AUTHORIZATION] */
  authorizePartner(configurationId: string, partner: AuthorizedPartner): Promise<StoredResource>;
  /** Withdraws the authorization of a partner. Its existing partner topics stay. */
  unauthorizePartner(configurationId: string, partner: AuthorizedPartner): Promise<StoredResource>;
}

/** Changes a resource. See `ControlPlane.change`. */
export type ChangeResource = (
  id: string,
  decide: (before: StoredResource | undefined) => DesiredResource,
) => Promise<StoredResource>;

/** Creates the actions on top of `change`. */
export function createVerbs(
  { random }: Pick<ControlPlaneDependencies, "random">,
  change: ChangeResource,
): ControlPlaneVerbs {
  async function regenerateKey(id: string, name: keyof AccessKeys): Promise<AccessKeys> {
    const after = await change(id, (before) => {
      const resource = before?.resource;
      const keyBytes = resource && kindOf(resource).keyBytes;
      if (resource === undefined || keyBytes === undefined || !("keys" in resource))
        throw missingRelation("resource", id);
      return { ...resource, keys: { ...resource.keys, [name]: newKey(random, keyBytes) } };
    });
    if (!("keys" in after.resource)) throw missingRelation("resource", id);
    return after.resource.keys;
  }

  function setActivation(id: string, state: "Activated" | "Deactivated"): Promise<StoredResource> {
    return change(id, (before) => withActivation(before?.resource, id, state));
  }

  function changePartners(id: string, edit: PartnerEdit): Promise<StoredResource> {
    return change(id, (before) => withPartners(before?.resource, id, edit));
  }

  return {
    regenerateKey,
    activatePartnerTopic: (id) => setActivation(id, "Activated"),
    deactivatePartnerTopic: (id) => setActivation(id, "Deactivated"),
    authorizePartner: (id, partner) =>
      changePartners(id, (partners) => [...partners.filter((other) => !samePartner(other, partner)), partner]),
    unauthorizePartner: (id, partner) =>
      changePartners(id, (partners) => partners.filter((other) => !samePartner(other, partner))),
  };
}
