import { topicKind } from "../../../core/kinds/topic.ts";
import { completeKeys } from "../access-keys.ts";
import { checkInputSchema } from "../input-schema.ts";
import { UNRELATED, type BehaviourOf } from "./kind.ts";

/** Behaviour of topics. */
export const managedTopic: BehaviourOf<"Microsoft.EventGrid/topics"> = {
  ...UNRELATED,
  complete: (desired, before, { dependencies, uid }) => {
    checkInputSchema(topicKind.noun, desired, before);
    return { ...desired, uid, keys: completeKeys(dependencies.random, topicKind.keyBytes, desired.keys, before?.keys) };
  },
};
