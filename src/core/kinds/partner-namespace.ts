import { LIMITS } from "../limits.ts";
import type { Desired, Keyed, PublisherAccess, ResourceBase } from "../resources/base.ts";
import { resourceKey } from "../resources/resource-id.ts";
import { accessRules } from "../rules/access-rules.ts";
import { invalid, nameProblems, quote } from "../rules/problem.ts";
import { PLAIN, type PublishEndpoint, type ResourceKind } from "./kind.ts";
import { namedPlace } from "./places.ts";

/**
 * A partner namespace: the endpoint of a partner. It has keys, and routes events to partner topics through its
 * channels.
 */
export type PartnerNamespaceResource = ResourceBase<
  "Microsoft.EventGrid/partnerNamespaces",
  PartnerNamespaceProperties
> &
  Keyed;

/** Properties of a partner namespace. */
export interface PartnerNamespaceProperties extends PublisherAccess {
  readonly partnerRegistrationFullyQualifiedId: string;
  /**
   * Way of finding the channel of an event: by the `source` of the event, or by the header `aeg-channel-name`. Cannot
   * be changed.
   */
  readonly partnerTopicRoutingMode: "SourceEventAttribute" | "ChannelNameHeader";
}

/** Desired state of a partner namespace. */
export type DesiredPartnerNamespace = Desired<PartnerNamespaceResource>;

const NO_REGISTRATION = invalid(
  "properties.partnerRegistrationFullyQualifiedId",
  "A partner namespace needs a registration: partnerRegistrationFullyQualifiedId is its resource id.",
);

/** Resource kind of partner namespaces. */
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
