import { DEFAULT_PARTNER_EXPIRATION_DAYS } from "../../../core/kinds/partner-configuration.ts";
import type { AuthorizedPartner, PartnerConfigurationResource, Resource } from "../../../core/resources/resources.ts";
import { inDays, samePartner } from "../partners.ts";
import { missingRelation, UNRELATED, type BehaviourOf } from "./kind.ts";

/** Behaviour of partner configurations. */
export const managedPartnerConfiguration: BehaviourOf<"Microsoft.EventGrid/partnerConfigurations"> = {
  ...UNRELATED,
  // Sets the expiration time of each authorization that has none: every authorization expires.
  // [EG-PARTNER-AUTHORIZATION]
  complete: (desired, before, { dependencies, uid }) => {
    const { partnerAuthorization } = desired.properties;
    const partners = partnerAuthorization?.authorizedPartnersList;
    if (partners === undefined || partners === null) return { ...desired, uid };
    const known = before?.properties.partnerAuthorization.authorizedPartnersList ?? [];
    const days = partnerAuthorization.defaultMaximumExpirationTimeInDays ?? DEFAULT_PARTNER_EXPIRATION_DAYS;
    const authorizedPartnersList = partners.map((partner) => {
      const existing = known.find((candidate) => samePartner(candidate, partner))?.authorizationExpirationTimeInUtc;
      const { authorizationExpirationTimeInUtc: requested } = partner;
      return {
        ...partner,
        authorizationExpirationTimeInUtc: requested ?? existing ?? inDays(days, dependencies.clock.now()),
      };
    });
    return {
      ...desired,
      uid,
      properties: { ...desired.properties, partnerAuthorization: { ...partnerAuthorization, authorizedPartnersList } },
    };
  },
};

/** Function that changes the list of authorized partners. */
export type PartnerEdit = (partners: readonly AuthorizedPartner[]) => readonly AuthorizedPartner[];

/**
 * Returns a partner configuration with a changed list of partners. Throws `not_found` for a resource of another kind.
 */
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
