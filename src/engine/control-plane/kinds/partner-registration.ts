import { RingmainError } from "../../../core/errors.ts";
import { UNRELATED, type BehaviourOf } from "./kind.ts";

/** Behaviour of partner registrations. */
export const managedPartnerRegistration: BehaviourOf<"Microsoft.EventGrid/partnerRegistrations"> = {
  ...UNRELATED,
  complete: (desired, before, { dependencies, uid }) => {
    const { partnerRegistrationImmutableId: requested } = desired.properties;
    const existing = before?.properties.partnerRegistrationImmutableId;
    const partnerRegistrationImmutableId = requested ?? existing ?? dependencies.random.uuid();
    return { ...desired, uid, properties: { ...desired.properties, partnerRegistrationImmutableId } };
  },
  // [EG-PARTNER-DELETE]
  checkRemoval: ({ id, name }, directory) => {
    const [namespace] = directory.namespacesOf(id);
    if (namespace === undefined) return;
    throw new RingmainError(
      "conflict",
      `Partner registration '${name}' cannot be deleted while partner namespace '${namespace.name}' belongs to it.`,
    );
  },
};
