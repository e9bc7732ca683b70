import { LIMITS } from "../limits.ts";
import type { Desired, EventTypeInfo, Identifiable, ResourceBase } from "../resources/base.ts";
import { nameProblems } from "../rules/problem.ts";
import { parseTime } from "../time.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";

/** A partner topic: the end of a channel on the side of the customer. It delivers events once it is activated. */
export type PartnerTopicResource = ResourceBase<"Microsoft.EventGrid/partnerTopics", PartnerTopicProperties> &
  Identifiable;

/** Properties of a partner topic. */
export interface PartnerTopicProperties {
  readonly partnerRegistrationImmutableId: string;
  readonly source: string;
  readonly activationState: "NeverActivated" | "Activated" | "Deactivated";
  readonly eventTypeInfo?: EventTypeInfo;
  readonly expirationTimeIfNotActivatedUtc?: string;
  readonly partnerTopicFriendlyDescription?: string;
  readonly messageForActivation?: string;
}

/** Desired state of a partner topic. Channels create partner topics. */
export type DesiredPartnerTopic = Desired<PartnerTopicResource>;

/** Resource kind of partner topics. */
export const partnerTopicKind: ResourceKind<PartnerTopicResource> = {
  ...PLAIN,
  type: "Microsoft.EventGrid/partnerTopics",
  noun: "partner topic",
  placement: { kind: "group" },
  location: "chosen",
  keyBytes: undefined,
  subscribable: true,
  inputSchema: () => "CloudEventSchemaV1_0",
  // [EG-PARTNER-ACTIVATION]
  isOpen: ({ properties }) => properties.activationState === "Activated",
  // [EG-PARTNER-EXPIRY]
  endsAt: ({ properties: { activationState, expirationTimeIfNotActivatedUtc } }) =>
    activationState === "NeverActivated" ? parseTime(expirationTimeIfNotActivatedUtc ?? "") : undefined,
  rules: ({ name }, { isNew }) => {
    const { partnerNameMinChars: low, partnerNameMaxChars: high } = LIMITS;
    return isNew ? nameProblems(name, { noun: "Partner topic", low, high }) : [];
  },
};
