import type { DesiredResource, Resource, ResourceType } from "../core/resources/resources.ts";
import type { BodyRequest } from "./body/body-request.ts";
import type { ArmType, PatchContext, ReadContext, WriteContext } from "./wire/arm-type.ts";
import { channels } from "./wire/channel.ts";
import { domainTopics } from "./wire/domain-topic.ts";
import { eventSubscriptions } from "./wire/event-subscription.ts";
import { partnerConfigurations } from "./wire/partner-configuration.ts";
import { partnerNamespaces } from "./wire/partner-namespace.ts";
import { partnerRegistrations } from "./wire/partner-registration.ts";
import { partnerTopics } from "./wire/partner-topic.ts";
import { resourceGroups } from "./wire/resource-group.ts";
import { storageAccounts } from "./wire/storage-account.ts";
import { systemTopics } from "./wire/system-topic.ts";
import { domains, topics } from "./wire/topic.ts";

/** A type of resource in {@link RESOURCE_TYPES}; deployments and roles have routes of their own. */
type ManagedType = Exclude<ResourceType, "Microsoft.Resources/deployments" | "Microsoft.Authorization/roleAssignments">;

/** All kinds of resources that Resource Manager's common routes manage. `docs/management.md` shows this table. */
export const RESOURCE_TYPES: { readonly [Type in ManagedType]: ArmType<Type> } = {
  "Microsoft.Resources/resourceGroups": resourceGroups,
  "Microsoft.Storage/storageAccounts": storageAccounts,
  "Microsoft.EventGrid/topics": topics,
  "Microsoft.EventGrid/domains": domains,
  "Microsoft.EventGrid/domains/topics": domainTopics,
  "Microsoft.EventGrid/systemTopics": systemTopics,
  "Microsoft.EventGrid/eventSubscriptions": eventSubscriptions,
  "Microsoft.EventGrid/partnerRegistrations": partnerRegistrations,
  "Microsoft.EventGrid/partnerNamespaces": partnerNamespaces,
  "Microsoft.EventGrid/partnerNamespaces/channels": channels,
  "Microsoft.EventGrid/partnerTopics": partnerTopics,
  "Microsoft.EventGrid/partnerConfigurations": partnerConfigurations,
};

/**
 * A kind of resource that is only known at run time. Its functions must be called with resources of that kind; the
 * table guarantees this, but the compiler cannot check it.
 */
export type AnyArmType = Omit<ArmType<"Microsoft.EventGrid/topics">, "type" | "read" | "put" | "patch"> & {
  readonly type: ResourceType;
  readonly read: (resource: Resource, context: ReadContext) => ReturnType<ArmType<ResourceType>["read"]>;
  readonly put: BodyRequest<
    Omit<WriteContext<ResourceType>, "before"> & { readonly before: Resource | undefined },
    DesiredResource
  >;
  readonly patch?: BodyRequest<
    Omit<PatchContext<ResourceType>, "before"> & { readonly before: Resource },
    DesiredResource
  >;
};

const BY_NAME = new Map(
  Object.values(RESOURCE_TYPES).map((type) => [type.type.toLowerCase(), type as unknown as AnyArmType]),
);

/** Returns the kind with a type name, in any case. */
export function armTypeNamed(name: string): AnyArmType | undefined {
  return BY_NAME.get(name.toLowerCase());
}
