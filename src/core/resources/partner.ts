import type { Identifiable, Keyed, PublisherAccess, ResourceBase } from "./base.ts";

/** A partner, known by an id that customers authorise. */
export type PartnerRegistrationResource = ResourceBase<
  "Microsoft.EventGrid/partnerRegistrations",
  { readonly partnerRegistrationImmutableId: string }
>;

/** Where a partner publishes: has an endpoint and keys, and routes to partner topics through its channels. */
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

/** A partner's way to one customer's partner topic. */
export type ChannelResource = ResourceBase<"Microsoft.EventGrid/partnerNamespaces/channels", ChannelProperties>;

export interface ChannelProperties {
  readonly channelType: "PartnerTopic";
  readonly partnerTopicInfo: {
    readonly azureSubscriptionId: string;
    readonly resourceGroupName: string;
    readonly name: string;
    readonly source: string;
    readonly eventTypeInfo?: EventTypeInfo;
  };
  readonly messageForActivation?: string;
  /** ISO 8601; a channel whose partner topic was never activated goes then. */
  readonly expirationTimeIfNotActivatedUtc?: string;
}

/** What a partner says of its events. */
export interface EventTypeInfo {
  readonly kind: "Inline";
  readonly inlineEventTypes: Readonly<
    Record<
      string,
      {
        readonly description?: string;
        readonly displayName?: string;
        readonly dataSchemaUrl?: string;
        readonly documentationUrl?: string;
      }
    >
  >;
}

/** The customer's end of a channel: carries events once activated. */
export type PartnerTopicResource = ResourceBase<"Microsoft.EventGrid/partnerTopics", PartnerTopicProperties> &
  Identifiable;

export interface PartnerTopicProperties {
  readonly partnerRegistrationImmutableId: string;
  readonly source: string;
  readonly activationState: "NeverActivated" | "Activated" | "Deactivated";
  readonly eventTypeInfo?: EventTypeInfo;
  readonly expirationTimeIfNotActivatedUtc?: string;
  readonly partnerTopicFriendlyDescription?: string;
  readonly messageForActivation?: string;
}

/** Whom the owner of a resource group lets create partner topics in it; always named `default`. */
export type PartnerConfigurationResource = ResourceBase<
  "Microsoft.EventGrid/partnerConfigurations",
  PartnerConfigurationProperties
>;

export interface PartnerConfigurationProperties {
  readonly partnerAuthorization: {
    /** 1 to 365; 7 unless set. */
    readonly defaultMaximumExpirationTimeInDays?: number;
    readonly authorizedPartnersList?: readonly AuthorizedPartner[];
  };
}

export interface AuthorizedPartner {
  readonly partnerRegistrationImmutableId?: string;
  readonly partnerName?: string;
  readonly authorizationExpirationTimeInUtc?: string;
}
