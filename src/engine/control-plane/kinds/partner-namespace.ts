import { RingmainError } from "../../../core/errors.ts";
import { partnerNamespaceKind } from "../../../core/kinds/partner-namespace.ts";
import { completeKeys } from "../access-keys.ts";
import { registrationOf } from "../partners.ts";
import { missingRelation, UNRELATED, type BehaviourOf } from "./kind.ts";

/** Behaviour of partner namespaces. */
export const managedPartnerNamespace: BehaviourOf<"Microsoft.EventGrid/partnerNamespaces"> = {
  ...UNRELATED,
  // The routing mode cannot be changed: publishers rely on it. [EG-PARTNER-ROUTING]
  complete: (desired, before, { dependencies, uid }) => {
    const mode = before?.properties.partnerTopicRoutingMode;
    if (mode !== undefined && mode !== desired.properties.partnerTopicRoutingMode) {
      const message = `The partner topic routing mode of partner namespace '${desired.name}' cannot be changed.`;
      throw new RingmainError("invalid_request", message);
    }
    const keys = completeKeys(dependencies.random, partnerNamespaceKind.keyBytes, desired.keys, before?.keys);
    return { ...desired, uid, keys };
  },
  checkRelations: ({ properties }, { directory }) => {
    const id = properties.partnerRegistrationFullyQualifiedId;
    if (registrationOf(directory, id) === undefined) throw missingRelation("partner registration", id);
  },
  // [EG-PARTNER-DELETE]
  checkRemoval: ({ id, name }, directory) => {
    const channels = directory.childCountOf(id);
    if (channels === 0) return;
    throw new RingmainError(
      "conflict",
      `Partner namespace '${name}' cannot be deleted while it has channels: there are ${channels}.`,
    );
  },
};
