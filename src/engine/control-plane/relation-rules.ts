import { RingmainError } from "../../core/errors.ts";
import { quotaLimits } from "../../core/limits.ts";
import { parentId, partnerTopicOf, resourceKey } from "../../core/resources/resource-id.ts";
import type {
  ChannelProperties,
  DesiredChannel,
  DesiredDomainTopic,
  DesiredPartnerNamespace,
  DesiredPartnerTopic,
  DesiredResource,
  DesiredRoleAssignment,
  DesiredSystemTopic,
  PartnerRegistrationResource,
  Resource,
} from "../../core/resources/resources.ts";
import { parseTime, type EpochMs } from "../../core/time.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";
import { configurationOf, samePartner } from "./complete-partner.ts";

export interface RelationContext {
  readonly directory: ResourceDirectory;
  readonly now: EpochMs;
  readonly isNew: boolean;
  readonly relaxed: boolean;
}

/**
 * Checks a resource against the others that are there, once it is right in itself. Throws `not_found` (no such parent),
 * `conflict`, `role_assignment_exists` or `forbidden`.
 */
export function checkRelations(desired: DesiredResource, context: RelationContext): void {
  const { type } = desired;
  if (type === "Microsoft.EventGrid/domains/topics") checkDomainTopic(desired, context);
  if (type === "Microsoft.EventGrid/systemTopics") checkSystemTopic(desired, context);
  if (type === "Microsoft.EventGrid/partnerNamespaces") checkPartnerNamespace(desired, context);
  if (type === "Microsoft.EventGrid/partnerNamespaces/channels") checkChannel(desired, context);
  if (type === "Microsoft.EventGrid/partnerTopics") checkPartnerTopic(desired, context);
  if (type === "Microsoft.Authorization/roleAssignments") checkRoleAssignment(desired, context);
}

/** An Azure subscription can have a system topic for each of several topic types, any other source one. */
export function sameTopicType(
  one: Pick<DesiredSystemTopic, "properties">,
  other: Pick<DesiredSystemTopic, "properties">,
): boolean {
  return one.properties.topicType.toLowerCase() === other.properties.topicType.toLowerCase();
}

/** A partner's registration, by its id. */
export function registrationOf(directory: ResourceDirectory, id: string): PartnerRegistrationResource | undefined {
  const resource = directory.get(id)?.resource;
  return resource?.type === "Microsoft.EventGrid/partnerRegistrations" ? resource : undefined;
}

/** The channel that leads to a partner topic. */
export function channelOf(directory: ResourceDirectory, topicId: string): Resource | undefined {
  const key = resourceKey(topicId);
  for (const { resource } of directory.all()) {
    if (resource.type !== "Microsoft.EventGrid/partnerNamespaces/channels") continue;
    if (resourceKey(partnerTopicOf(resource.properties)) === key) return resource;
  }
  return undefined;
}

function checkDomainTopic({ id }: DesiredDomainTopic, { directory, isNew, relaxed }: RelationContext): void {
  const domain = parentId(id);
  if (directory.get(domain)?.resource.type !== "Microsoft.EventGrid/domains") throw missing("domain", domain);
  const limit = quotaLimits(relaxed).topicsPerDomain;
  if (!isNew || directory.childCountOf(domain) < limit) return;
  throw new RingmainError("conflict", `Quota limit reached: a domain has at most ${limit} topics.`);
}

/** [EG-SYSTEM-TOPIC-SOURCE] What a subscription made by itself gives way to what the configuration declares. */
function checkSystemTopic(desired: DesiredSystemTopic, { directory }: RelationContext): void {
  const { source } = desired.properties;
  const other = directory
    .systemTopicsOf(source)
    .find((candidate) => resourceKey(candidate.id) !== resourceKey(desired.id) && sameTopicType(candidate, desired));
  if (other === undefined) return;
  if (other.implicit === true && desired.managedBy === "config") return;
  throw new RingmainError(
    "invalid_request",
    `There is an existing tracked system topic for the given source ${source}. Only one system topic is allowed per source.`,
  );
}

function checkPartnerNamespace({ properties }: DesiredPartnerNamespace, { directory }: RelationContext): void {
  const id = properties.partnerRegistrationFullyQualifiedId;
  if (registrationOf(directory, id) === undefined) throw missing("partner registration", id);
}

function checkChannel(desired: DesiredChannel, { directory, isNew, now }: RelationContext): void {
  const namespaceId = parentId(desired.id);
  const namespace = directory.get(namespaceId)?.resource;
  if (namespace?.type !== "Microsoft.EventGrid/partnerNamespaces") throw missing("partner namespace", namespaceId);
  const info = desired.properties.partnerTopicInfo;
  if (isNew) {
    const bySource = directory.channelBySource(namespaceId, info.source);
    if (bySource !== undefined) {
      throw new RingmainError("conflict", `Channel '${bySource.name}' has the source '${info.source}' already.`);
    }
    const topicId = partnerTopicOf(desired.properties);
    if (directory.get(topicId) !== undefined) {
      throw new RingmainError("conflict", `The partner topic '${topicId}' exists already. Choose a different name.`);
    }
  }
  // Whoever writes the configuration file speaks for both sides.
  if (desired.managedBy === "config") return;
  const registration = registrationOf(directory, namespace.properties.partnerRegistrationFullyQualifiedId);
  if (registration !== undefined && isAuthorized(directory, info, registration, now)) return;
  throw new RingmainError(
    "forbidden",
    `The partner is not authorized to create, update or delete partner topics in resource group '${info.resourceGroupName}' of subscription '${info.azureSubscriptionId}': its partner configuration must list the partner, with an expiration time in the future.`,
  );
}

/** [EG-PARTNER-AUTHORIZATION] */
function isAuthorized(
  directory: ResourceDirectory,
  info: ChannelProperties["partnerTopicInfo"],
  { name, properties: { partnerRegistrationImmutableId } }: PartnerRegistrationResource,
  now: EpochMs,
): boolean {
  const partners = configurationOf(directory, info)?.properties.partnerAuthorization.authorizedPartnersList ?? [];
  return partners.some((partner) => {
    const expiresAt = parseTime(partner.authorizationExpirationTimeInUtc ?? "");
    if (expiresAt === undefined || expiresAt <= now) return false;
    return samePartner(partner, { partnerRegistrationImmutableId, partnerName: name });
  });
}

/** [ARM-ROLE-ASSIGNMENT] The configuration file may declare what is assigned already. */
function checkRoleAssignment(desired: DesiredRoleAssignment, { directory }: RelationContext): void {
  if (desired.managedBy === "config") return;
  const { scope, principalId, roleDefinitionId } = desired.properties;
  const other = directory
    .roleAssignmentsAt(scope)
    .find(
      ({ id, properties }) =>
        resourceKey(id) !== resourceKey(desired.id) &&
        resourceKey(properties.principalId) === resourceKey(principalId) &&
        resourceKey(properties.roleDefinitionId) === resourceKey(roleDefinitionId),
    );
  if (other === undefined) return;
  throw new RingmainError("role_assignment_exists", "The role assignment already exists.");
}

/** Partner topics are made by channels, which write them before this is asked. [EG-PARTNER-CHANNEL] */
function checkPartnerTopic({ id, name }: DesiredPartnerTopic, { directory, isNew }: RelationContext): void {
  if (!isNew || channelOf(directory, id) !== undefined) return;
  throw new RingmainError("invalid_request", `Partner topic '${name}' can be made only by a channel of its partner.`);
}

function missing(kind: string, id: string): RingmainError {
  return new RingmainError("not_found", `The ${kind} '${id}' was not found.`);
}
