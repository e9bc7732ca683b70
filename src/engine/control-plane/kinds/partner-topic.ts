import { RingmainError } from "../../../core/errors.ts";
import { UNRELATED, type BehaviourOf } from "./kind.ts";

/** Partner topics. */
export const managedPartnerTopic: BehaviourOf<"Microsoft.EventGrid/partnerTopics"> = {
  ...UNRELATED,
  complete: (desired, _before, { uid }) => ({ ...desired, uid }),
  // Partner topics are created by channels, which are stored before this check. [EG-PARTNER-CHANNEL]
  checkRelations: ({ id, name }, { directory, isNew }) => {
    if (!isNew || directory.channelTo(id) !== undefined) return;
    throw new RingmainError("invalid_request", `Partner topic '${name}' can be made only by a channel of its partner.`);
  },
};
