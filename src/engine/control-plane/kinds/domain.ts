import { domainKind } from "../../../core/kinds/domain.ts";
import { completeKeys } from "../access-keys.ts";
import { checkInputSchema } from "../input-schema.ts";
import { UNRELATED, type BehaviourOf } from "./kind.ts";

/** Behaviour of domains. */
export const managedDomain: BehaviourOf<"Microsoft.EventGrid/domains"> = {
  ...UNRELATED,
  complete: (desired, before, { dependencies, uid }) => {
    checkInputSchema(domainKind.noun, desired, before);
    return {
      ...desired,
      uid,
      keys: completeKeys(dependencies.random, domainKind.keyBytes, desired.keys, before?.keys),
    };
  },
};
