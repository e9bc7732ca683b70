import { LIMITS } from "../limits.ts";
import type { Desired, Keyed, PublisherAccess, ResourceBase } from "../resources/base.ts";
import { resourceKey } from "../resources/resource-id.ts";
import { accessRules } from "../rules/access-rules.ts";
import { invalid, nameProblems, quote } from "../rules/problem.ts";
import { PLAIN, type PublishEndpoint, type ResourceKind } from "./kind.ts";
import { namedPlace } from "./places.ts";

/** The endpoint of a partner: has keys, and routes events to partner topics through its channels. */
export type PartnerNamespaceResource = ResourceBase<
  "Microsoft.EventGrid/partnerNamespaces",
  PartnerNamespaceProperties
> &
  Keyed;

export interface PartnerNamespaceProperties extends PublisherAccess {
  readonly partnerRegistrationFullyQualifiedId: string;
  /** How an event finds its channel: by its `source`, or by the header `aeg-channel-name`. Cannot be changed. */
  readonly partnerTopicRoutingMode: "SourceEventAttribute" | "ChannelNameHeader";
}

/** A partner namespace as a caller asks for it. */
export type DesiredPartnerNamespace = Desired<PartnerNamespaceResource>;

const NO_REGISTRATION = invalid(
  "properties.partnerRegistrationFullyQualifiedId",
  "A partner namespace needs a registration: partnerRegistrationFullyQualifiedId is its resource id.",
);

/** `Microsoft.EventGrid/partnerNamespaces` */
export const partnerNamespaceKind: ResourceKind<PartnerNamespaceResource, DesiredPartnerNamespace, PublishEndpoint> = {
  ...PLAIN,
  type: "Microsoft.EventGrid/partnerNamespaces",
  noun: "partner namespace",
  placement: { kind: "group" },
  location: "chosen",
  keyBytes: 32,
  endpoint: { segment: "partnerNamespaces" },
  inputSchema: () => "CloudEventSchemaV1_0",
  places: (namespace) => [
    namedPlace(namespace),
    ["registration", resourceKey(namespace.properties.partnerRegistrationFullyQualifiedId)],
  ],
  rules: ({ name, properties }, { isNew, relaxed }) => {
    const { partnerTopicRoutingMode: mode, partnerRegistrationFullyQualifiedId: registration } = properties;
    const known = mode === "SourceEventAttribute" || mode === "ChannelNameHeader";
    // [EG-PARTNER-NAME]
    const { partnerNameMinChars: low, partnerNamespaceNameMaxChars: high } = LIMITS;
    return [
      ...(isNew ? nameProblems(name, { noun: "Partner namespace", low, high }) : []),
      ...(known
        ? []
        : [invalid("properties.partnerTopicRoutingMode", `${quote(mode)} is not a partner topic routing mode.`)]),
      ...(typeof registration === "string" && registration !== "" ? [] : [NO_REGISTRATION]),
      ...accessRules(properties, relaxed === true),
    ];
  },
};
