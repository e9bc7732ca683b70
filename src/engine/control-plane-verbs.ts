import { RingmainError } from "../core/errors.ts";
import type { AccessKeys, AuthorizedPartner } from "../core/resources.ts";
import type { StoredResource } from "../ports/resource-store.ts";
import type { ControlPlane } from "./control-plane.ts";

/** What can be done to a resource beyond writing and deleting it. Each rejects with `not_found` where it is not. */
export interface ControlPlaneVerbs {
  /** Makes a new key, and answers both. */
  regenerateKey(id: string, name: keyof AccessKeys): Promise<AccessKeys>;
  activatePartnerTopic(id: string): Promise<StoredResource>;
  deactivatePartnerTopic(id: string): Promise<StoredResource>;
  authorizePartner(configurationId: string, partner: AuthorizedPartner): Promise<StoredResource>;
  unauthorizePartner(configurationId: string, partner: AuthorizedPartner): Promise<StoredResource>;
}

export function createVerbs(newKey: () => string, change: ControlPlane["change"]): ControlPlaneVerbs {
  const activate = (id: string, activationState: "Activated" | "Deactivated"): Promise<StoredResource> =>
    change(id, (before) => {
      const resource = before?.resource;
      if (resource?.type !== "Microsoft.EventGrid/partnerTopics") throw missing(id);
      return { ...resource, properties: { ...resource.properties, activationState } };
    });
  const partners = (id: string, edit: (list: readonly AuthorizedPartner[]) => readonly AuthorizedPartner[]) =>
    change(id, (before) => {
      const resource = before?.resource;
      if (resource?.type !== "Microsoft.EventGrid/partnerConfigurations") throw missing(id);
      const { partnerAuthorization } = resource.properties;
      const authorizedPartnersList = edit(partnerAuthorization.authorizedPartnersList ?? []);
      return { ...resource, properties: { partnerAuthorization: { ...partnerAuthorization, authorizedPartnersList } } };
    });
  return {
    async regenerateKey(id, name) {
      const { resource } = await change(id, (before) => {
        if (before === undefined || !("keys" in before.resource)) throw missing(id);
        return { ...before.resource, keys: { ...before.resource.keys, [name]: newKey() } };
      });
      if (!("keys" in resource)) throw missing(id);
      return resource.keys;
    },
    activatePartnerTopic: (id) => activate(id, "Activated"),
    deactivatePartnerTopic: (id) => activate(id, "Deactivated"),
    authorizePartner: (id, partner) =>
      partners(id, (list) => [...list.filter((other) => !same(other, partner)), partner]),
    unauthorizePartner: (id, partner) => partners(id, (list) => list.filter((other) => !same(other, partner))),
  };
}

function missing(id: string): RingmainError {
  return new RingmainError("not_found", `The resource '${id}' was not found.`);
}

function same(one: AuthorizedPartner, other: AuthorizedPartner): boolean {
  return (
    one.partnerRegistrationImmutableId === other.partnerRegistrationImmutableId && one.partnerName === other.partnerName
  );
}
