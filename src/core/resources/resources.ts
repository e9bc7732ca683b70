import type { AccessKeys, Keyed } from "./base.ts";
import type { DeploymentResource } from "./deployment.ts";
import type { EventSubscriptionProperties, EventSubscriptionResource } from "./event-subscription.ts";
import type {
  ChannelResource,
  PartnerConfigurationResource,
  PartnerNamespaceResource,
  PartnerRegistrationResource,
  PartnerTopicResource,
} from "./partner.ts";
import type { StorageAccountResource } from "./storage-account.ts";
import type { RoleAssignmentResource } from "./role-assignment.ts";
import type { ResourceGroupResource } from "./resource-group.ts";
import type { DomainResource, DomainTopicResource, SystemTopicResource, TopicResource } from "./topics.ts";

export type * from "./base.ts";
export type * from "./deployment.ts";
export type { DeadLetterDescription } from "../destinations/dead-letter.ts";
export type { DestinationDescription, EndpointType } from "../destinations/index.ts";
export type * from "./partner.ts";
export type * from "./storage-account.ts";
export type * from "./resource-group.ts";
export type * from "./role-assignment.ts";
export type * from "./topics.ts";
export type * from "./event-subscription.ts";
export { DEFAULT_RETRY_POLICY } from "./event-subscription.ts";

/** Every kind of resource there is. */
export type Resource =
  | ResourceGroupResource
  | TopicResource
  | DomainResource
  | DomainTopicResource
  | SystemTopicResource
  | PartnerRegistrationResource
  | PartnerNamespaceResource
  | ChannelResource
  | PartnerTopicResource
  | PartnerConfigurationResource
  | StorageAccountResource
  | DeploymentResource
  | RoleAssignmentResource
  | EventSubscriptionResource;

/** A resource as somebody wants it: keys that are not given are kept, or made. */
type Desired<Wanted> = Wanted extends Keyed
  ? Omit<Wanted, "uid" | "keys"> & { readonly keys?: Partial<AccessKeys> }
  : Omit<Wanted, "uid">;

/** A topic as somebody wants it. */
export type DesiredTopic = Desired<TopicResource>;
/** A domain as somebody wants it. */
export type DesiredDomain = Desired<DomainResource>;
/** A topic of a domain as somebody wants it. */
export type DesiredDomainTopic = Desired<DomainTopicResource>;
/** A system topic as somebody wants it. */
export type DesiredSystemTopic = Desired<SystemTopicResource>;
/** A storage account as somebody wants it. */
export type DesiredStorageAccount = Desired<StorageAccountResource>;
/** An event subscription as somebody wants it: without what only Ringmain can say. */
export type DesiredEventSubscription = Omit<EventSubscriptionResource, "uid" | "properties"> & {
  readonly properties: Omit<EventSubscriptionProperties, "provisioningState" | "handshake">;
};
/** A role assignment as it is asked for. */
export type DesiredRoleAssignment = Desired<RoleAssignmentResource>;
/** A partner registration as somebody wants it: an id that is not given is made, once. */
export type DesiredPartnerRegistration = Omit<PartnerRegistrationResource, "uid" | "properties"> & {
  readonly properties: Partial<PartnerRegistrationResource["properties"]>;
};
/** A partner namespace as somebody wants it. */
export type DesiredPartnerNamespace = Desired<PartnerNamespaceResource>;
/** A partner's channel as somebody wants it. */
export type DesiredChannel = Desired<ChannelResource>;
/** A partner topic as its owner wants it; channels make them. */
export type DesiredPartnerTopic = Desired<PartnerTopicResource>;
/** A partner configuration as somebody wants it. */
export type DesiredPartnerConfiguration = Desired<PartnerConfigurationResource>;
/** Any resource as somebody wants it. */
export type DesiredResource =
  | Desired<Exclude<Resource, EventSubscriptionResource | PartnerRegistrationResource>>
  | DesiredPartnerRegistration
  | DesiredEventSubscription;

/** What events are published to: it has an endpoint and keys. */
export type PublishTarget = TopicResource | DomainResource | PartnerNamespaceResource;
