import { DEFAULT_PARTNER_EXPIRATION_DAYS } from "../../../core/kinds/partner-configuration.ts";
import type { AuthorizedPartner, PartnerConfigurationResource, Resource } from "../../../core/resources/resources.ts";
import { inDays, samePartner } from "../partners.ts";
import { missingRelation, UNRELATED, type BehaviourOf } from "./kind.ts";

/** Partner configurations. */
export const managedPartnerConfiguration: BehaviourOf<"Microsoft.EventGrid/partnerConfigurations"> = {
  ...UNRELATED,
  // Sets the end of each authorisation that names none: an authorisation always has an end. [EG-PARTNER-AUTHORIZATION]
  complete: (desired, before, { dependencies, uid }) => {
    const { partnerAuthorization } = desired.properties;
    const partners = partnerAuthorization?.authorizedPartnersList;
    if (partners === undefined || partners === null) return { ...desired, uid };
    const known = before?.properties.partnerAuthorization.authorizedPartnersList ?? [];
    const days = partnerAuthorization.defaultMaximumExpirationTimeInDays ?? DEFAULT_PARTNER_EXPIRATION_DAYS;
    const authorizedPartnersList = partners.map((partner) => {
      const kept = known.find((candidate) => samePartner(candidate, partner))?.authorizationExpirationTimeInUtc;
      const { authorizationExpirationTimeInUtc: asked } = partner;
      return { ...partner, authorizationExpirationTimeInUtc: asked ?? kept ?? inDays(days, dependencies.clock.now()) };
    });
    return {
      ...desired,
      uid,
      properties: { ...desired.properties, partnerAuthorization: { ...partnerAuthorization, authorizedPartnersList } },
    };
  },
};

/** A change of the list of authorised partners. */
export type PartnerEdit = (partners: readonly AuthorizedPartner[]) => readonly AuthorizedPartner[];

/** Returns a partner configuration with an edited list. Throws `not_found` for anything else. */
export function withPartners(
  resource: Resource | undefined,
  id: string,
  edit: PartnerEdit,
): PartnerConfigurationResource {
  if (resource?.type !== "Microsoft.EventGrid/partnerConfigurations") throw missingRelation("resource", id);
  const { partnerAuthorization } = resource.properties;
  const authorizedPartnersList = edit(partnerAuthorization.authorizedPartnersList ?? []);
  return {
    ...resource,
    properties: { ...resource.properties, partnerAuthorization: { ...partnerAuthorization, authorizedPartnersList } },
  };
}
