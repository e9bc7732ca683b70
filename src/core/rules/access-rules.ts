import { quotaLimits } from "../limits.ts";
import { invalid, isGiven, type ResourceProblem } from "./problem.ts";
import type { PublisherAccess } from "../resources/base.ts";

/**
 * Returns the problems of the rules for access to a publish endpoint.
 *
 * @param relaxed whether the raised limit on the number of rules applies
 * Source: [EG-INBOUND-RULES-LIMIT]
 */
export function accessRules({ inboundIpRules }: PublisherAccess, relaxed: boolean): readonly ResourceProblem[] {
  const limit = quotaLimits(relaxed).inboundIpRules;
  if (!isGiven(inboundIpRules) || inboundIpRules.length <= limit) return [];
  const message = `A resource has at most ${limit} inbound IP rules; there are ${inboundIpRules.length}.`;
  return [invalid("properties.inboundIpRules", message)];
}
