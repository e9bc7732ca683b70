import type { AccessKeys, AuthorizedPartner, DesiredResource } from "../../core/resources/resources.ts";
import type { StoredResource } from "../../ports/resource-store.ts";
import { kindOf } from "../../core/kinds/index.ts";
import { newKey } from "./access-keys.ts";
import type { ControlPlaneDependencies } from "./dependencies.ts";
import { missingRelation } from "./kinds/kind.ts";
import { withPartners, type PartnerEdit } from "./kinds/partner-configuration.ts";
import { withActivation } from "./kinds/partner-topic.ts";
import { samePartner } from "./partners.ts";

/** What can be done to a resource beyond writing and deleting it. Each rejects with `not_found` where it is not. */
export interface ControlPlaneVerbs {
  /** Makes a new key, and answers both. The old one is refused from then on. [EG-KEY-REGENERATE] */
  regenerateKey(id: string, name: keyof AccessKeys): Promise<AccessKeys>;
  /** Lets a partner topic carry events. [EG-PARTNER-ACTIVATION] */
  activatePartnerTopic(id: string): Promise<StoredResource>;
  /** Events of the partner topic are dropped from then on. */
  deactivatePartnerTopic(id: string): Promise<StoredResource>;
  /** Lets a partner make partner topics, or prolongs it. [EG-PARTNER-AUTHORIZATION] */
  authorizePartner(configurationId: string, partner: AuthorizedPartner): Promise<StoredResource>;
  /** What the partner made stays; it makes no more. */
  unauthorizePartner(configurationId: string, partner: AuthorizedPartner): Promise<StoredResource>;
}

/** See `ControlPlane.change`. */
export type ChangeResource = (
  id: string,
  decide: (before: StoredResource | undefined) => DesiredResource,
) => Promise<StoredResource>;

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

  function activate(id: string, state: "Activated" | "Deactivated"): Promise<StoredResource> {
    return change(id, (before) => withActivation(before?.resource, id, state));
  }

  function changePartners(id: string, edit: PartnerEdit): Promise<StoredResource> {
    return change(id, (before) => withPartners(before?.resource, id, edit));
  }

  return {
    regenerateKey,
    activatePartnerTopic: (id) => activate(id, "Activated"),
    deactivatePartnerTopic: (id) => activate(id, "Deactivated"),
    authorizePartner: (id, partner) =>
      changePartners(id, (partners) => [...partners.filter((other) => !samePartner(other, partner)), partner]),
    unauthorizePartner: (id, partner) =>
      changePartners(id, (partners) => partners.filter((other) => !samePartner(other, partner))),
  };
}
