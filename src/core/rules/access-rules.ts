import { LIMITS } from "../limits.ts";
import { invalid, isGiven, type ResourceProblem } from "./problem.ts";
import type { PublisherAccess } from "../resources/base.ts";

/**
 * What is wrong with who may publish.
 *
 * @param relaxed without the limit on the number of rules
 * Source: [EG-INBOUND-RULES-LIMIT]
 */
export function accessRules({ inboundIpRules }: PublisherAccess, relaxed: boolean): readonly ResourceProblem[] {
  if (relaxed || !isGiven(inboundIpRules) || inboundIpRules.length <= LIMITS.inboundIpRules) return [];
  const message = `A resource has at most ${LIMITS.inboundIpRules} inbound IP rules; there are ${inboundIpRules.length}.`;
  return [invalid("properties.inboundIpRules", message)];
}
