import type { ChannelResource } from "../kinds/channel.ts";
import type { DeploymentResource } from "../kinds/deployment.ts";
import type { DomainResource } from "../kinds/domain.ts";
import type { DomainTopicResource } from "../kinds/domain-topic.ts";
import type { PartnerConfigurationResource } from "../kinds/partner-configuration.ts";
import type { PartnerNamespaceResource } from "../kinds/partner-namespace.ts";
import type { DesiredPartnerRegistration, PartnerRegistrationResource } from "../kinds/partner-registration.ts";
import type { PartnerTopicResource } from "../kinds/partner-topic.ts";
import type { ResourceGroupResource } from "../kinds/resource-group.ts";
import type { RoleAssignmentResource } from "../kinds/role-assignment.ts";
import type { StorageAccountResource } from "../kinds/storage-account.ts";
import type { SystemTopicResource } from "../kinds/system-topic.ts";
import type { TopicResource } from "../kinds/topic.ts";
import type { Desired } from "./base.ts";
import type { DesiredEventSubscription, EventSubscriptionResource } from "./event-subscription.ts";

export type * from "./base.ts";
export type { DeadLetterDescription } from "../destinations/dead-letter.ts";
export type { DestinationDescription, EndpointType } from "../destinations/index.ts";
export type * from "./event-subscription.ts";
export type * from "../kinds/channel.ts";
export type * from "../kinds/deployment.ts";
export type * from "../kinds/domain.ts";
export type * from "../kinds/domain-topic.ts";
export type * from "../kinds/partner-configuration.ts";
export type * from "../kinds/partner-namespace.ts";
export type * from "../kinds/partner-registration.ts";
export type * from "../kinds/partner-topic.ts";
export type * from "../kinds/resource-group.ts";
export type * from "../kinds/role-assignment.ts";
export type * from "../kinds/storage-account.ts";
export type * from "../kinds/system-topic.ts";
export type * from "../kinds/topic.ts";
export { DEFAULT_RETRY_POLICY } from "./event-subscription.ts";

/** A resource of any kind. The table of kinds, `core/kinds/index.ts`, has a row for each. */
export type Resource =
  | ResourceGroupResource
  | StorageAccountResource
  | TopicResource
  | DomainResource
  | DomainTopicResource
  | PartnerRegistrationResource
  | PartnerConfigurationResource
  | PartnerNamespaceResource
  | ChannelResource
  | PartnerTopicResource
  | SystemTopicResource
  | EventSubscriptionResource
  | DeploymentResource
  | RoleAssignmentResource;

/** Desired state of a resource of any kind. */
export type DesiredResource =
  | Desired<Exclude<Resource, EventSubscriptionResource | PartnerRegistrationResource>>
  | DesiredPartnerRegistration
  | DesiredEventSubscription;

/** Type of a resource, which names its kind. */
export type ResourceType = Resource["type"];
/** A resource of one kind, as stored. */
export type ResourceOf<Type extends ResourceType> = Extract<Resource, { readonly type: Type }>;
/** Desired state of a resource of one kind. */
export type DesiredOf<Type extends ResourceType> = Extract<DesiredResource, { readonly type: Type }>;

/** A resource to which events are published. It has an endpoint and keys. */
export type PublishTarget = TopicResource | DomainResource | PartnerNamespaceResource;
