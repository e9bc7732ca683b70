import { LIMITS } from "../limits.ts";
import type { Desired, ResourceBase } from "../resources/base.ts";
import { invalid, isGiven, outside, quote, type ResourceProblem } from "../rules/problem.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";

/** The partners that may create partner topics in a resource group. Its name is always `default`. */
export type PartnerConfigurationResource = ResourceBase<
  "Microsoft.EventGrid/partnerConfigurations",
  PartnerConfigurationProperties
>;

/** Properties of a partner configuration. */
export interface PartnerConfigurationProperties {
  readonly partnerAuthorization: {
    /** 1 to 365. Default: 7. */
    readonly defaultMaximumExpirationTimeInDays?: number;
    readonly authorizedPartnersList?: readonly AuthorizedPartner[];
  };
}

/** A partner in the list of authorized partners, identified by the id or the name of its registration. */
export interface AuthorizedPartner {
  readonly partnerRegistrationImmutableId?: string;
  readonly partnerName?: string;
  readonly authorizationExpirationTimeInUtc?: string;
}

/** Desired state of a partner configuration. */
export type DesiredPartnerConfiguration = Desired<PartnerConfigurationResource>;

/** Days after which a partner topic is deleted that has not been activated. Source: [EG-PARTNER-EXPIRY] */
export const DEFAULT_PARTNER_EXPIRATION_DAYS = 7;

/** Resource kind of partner configurations. */
export const partnerConfigurationKind: ResourceKind<PartnerConfigurationResource> = {
  ...PLAIN,
  type: "Microsoft.EventGrid/partnerConfigurations",
  noun: "partner configuration",
  placement: { kind: "group" },
  location: "global",
  keyBytes: undefined,
  // [EG-PARTNER-AUTHORIZATION]
  rules: ({ name, properties }) => {
    const field = "properties.partnerAuthorization";
    if (!isGiven(properties.partnerAuthorization)) return [invalid(field, "A partner configuration needs it.")];
    const { defaultMaximumExpirationTimeInDays: days, authorizedPartnersList: partners } =
      properties.partnerAuthorization;
    return [
      ...(name === "default"
        ? []
        : [invalid("name", `A partner configuration is named 'default', not ${quote(name)}.`)]),
      ...(isGiven(days)
        ? outside(`${field}.defaultMaximumExpirationTimeInDays`, days, 1, LIMITS.partnerExpirationMaxDays)
        : []),
      ...numberOfPartners(partners?.length ?? 0, `${field}.authorizedPartnersList`),
      ...(partners ?? []).flatMap((partner, index) => {
        if (isGiven(partner.partnerRegistrationImmutableId) || isGiven(partner.partnerName)) return [];
        const message = "An authorised partner needs a partnerRegistrationImmutableId or a partnerName.";
        return [invalid(`${field}.authorizedPartnersList[${index}]`, message)];
      }),
    ];
  },
};

function numberOfPartners(partners: number, field: string): readonly ResourceProblem[] {
  const limit = LIMITS.authorizedPartners;
  if (partners <= limit) return [];
  return [invalid(field, `A partner configuration has at most ${limit} authorised partners; there are ${partners}.`)];
}
