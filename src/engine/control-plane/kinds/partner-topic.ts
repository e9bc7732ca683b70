import { RingmainError } from "../../../core/errors.ts";
import type { PartnerTopicResource, Resource } from "../../../core/resources/resources.ts";
import { missingRelation, UNRELATED, type BehaviourOf } from "./kind.ts";

/** Behaviour of partner topics. */
export const managedPartnerTopic: BehaviourOf<"Microsoft.EventGrid/partnerTopics"> = {
  ...UNRELATED,
  complete: (desired, _before, { uid }) => ({ ...desired, uid }),
  // Only channels create partner topics. The channel is stored before this check. [EG-PARTNER-CHANNEL]
  checkRelations: ({ id, name }, { directory, isNew }) => {
    if (!isNew || directory.channelTo(id) !== undefined) return;
    throw new RingmainError(
      "invalid_request",
      `Partner topic '${name}' can be created only by a channel of its partner.`,
    );
  },
};

/**
 * Returns a partner topic with another activation state. Throws `not_found` for a resource of another kind.
 * [EG-PARTNER-ACTIVATION]
 */
export function withActivation(
  resource: Resource | undefined,
  id: string,
  activationState: "Activated" | "Deactivated",
): PartnerTopicResource {
  if (resource?.type !== "Microsoft.EventGrid/partnerTopics") throw missingRelation("resource", id);
  return { ...resource, properties: { ...resource.properties, activationState } };
}
