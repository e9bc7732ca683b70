import { LIMITS } from "../limits.ts";
import type { ResourceBase } from "../resources/base.ts";
import { nameProblems } from "../rules/problem.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";

/** A partner, known by an id that customers authorise. */
export type PartnerRegistrationResource = ResourceBase<
  "Microsoft.EventGrid/partnerRegistrations",
  { readonly partnerRegistrationImmutableId: string }
>;

/** A partner registration as a caller asks for it: an id that is not given is generated, once. */
export type DesiredPartnerRegistration = Omit<PartnerRegistrationResource, "uid" | "properties"> & {
  readonly properties: Partial<PartnerRegistrationResource["properties"]>;
};

/** `Microsoft.EventGrid/partnerRegistrations` */
export const partnerRegistrationKind: ResourceKind<PartnerRegistrationResource, DesiredPartnerRegistration> = {
  ...PLAIN,
  type: "Microsoft.EventGrid/partnerRegistrations",
  noun: "partner registration",
  placement: { kind: "group" },
  location: "global",
  keyBytes: undefined,
  // A registration's name is the partner's, which may be of parts. [EG-PARTNER-NAME]
  rules: ({ name }, { isNew }) => {
    const allowed = { pattern: /^[A-Za-z\d.-]*$/, words: "letters, digits, hyphens and periods" };
    const { partnerNameMinChars: low, partnerNameMaxChars: high } = LIMITS;
    return isNew ? nameProblems(name, { noun: "Partner registration", low, high, allowed }) : [];
  },
};
