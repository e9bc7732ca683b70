import { LIMITS } from "../limits.ts";
import type { ResourceBase } from "../resources/base.ts";
import { nameProblems } from "../rules/problem.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";

/** A partner registration. Customers authorize the partner by its id. */
export type PartnerRegistrationResource = ResourceBase<
  "Microsoft.EventGrid/partnerRegistrations",
  { readonly partnerRegistrationImmutableId: string }
>;

/** Desired state of a partner registration. An id that is unset is generated once. */
export type DesiredPartnerRegistration = Omit<PartnerRegistrationResource, "uid" | "properties"> & {
  readonly properties: Partial<PartnerRegistrationResource["properties"]>;
};

/** Resource kind of partner registrations. */
export const partnerRegistrationKind: ResourceKind<PartnerRegistrationResource, DesiredPartnerRegistration> = {
  ...PLAIN,
  type: "Microsoft.EventGrid/partnerRegistrations",
  noun: "partner registration",
  placement: { kind: "group" },
  location: "global",
  keyBytes: undefined,
  // The name of a registration is that of the partner, which may consist of several words. [EG-PARTNER-NAME]
  rules: ({ name }, { isNew }) => {
    const allowed = { pattern: /^[A-Za-z\d.-]*$/, words: "letters, digits, hyphens and periods" };
    const { partnerNameMinChars: low, partnerNameMaxChars: high } = LIMITS;
    return isNew ? nameProblems(name, { noun: "Partner registration", low, high, allowed }) : [];
  },
};
