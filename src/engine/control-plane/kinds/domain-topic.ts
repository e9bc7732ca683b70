import { RingmainError } from "../../../core/errors.ts";
import { quotaLimits } from "../../../core/limits.ts";
import { parentId } from "../../../core/resources/resource-id.ts";
import { missingRelation, UNRELATED, type BehaviourOf } from "./kind.ts";

/** Behaviour of the topics of domains. */
export const managedDomainTopic: BehaviourOf<"Microsoft.EventGrid/domains/topics"> = {
  ...UNRELATED,
  complete: (desired, _before, { uid }) => ({ ...desired, uid }),
  checkRelations: ({ id }, { directory, isNew, relaxed }) => {
    const domain = parentId(id);
    if (directory.find("Microsoft.EventGrid/domains", domain) === undefined) throw missingRelation("domain", domain);
    const limit = quotaLimits(relaxed).topicsPerDomain;
    if (!isNew || directory.childCountOf(domain) < limit) return;
    throw new RingmainError("conflict", `Quota limit reached: a domain has at most ${limit} topics.`);
  },
};
