import { DEFAULT_RESOURCE_GROUP, DEFAULT_SUBSCRIPTION_ID } from "../resources/resource-id.ts";
import { TOPIC_TYPE_TABLE, type TopicTypeRow } from "./topic-type-table.ts";

/** A topic type of Azure, as far as routing and the rules for resources need it. */
export interface TopicType {
  /** For example `Microsoft.KeyVault.vaults`. */
  readonly name: string;
  /** For example `/subscriptions/<subscriptionId>/…/Microsoft.KeyVault/vaults/<name>`; absent: no system topic. */
  readonly sourceResourceFormat: string | undefined;
  readonly resourceRegionType: "RegionalResource" | "GlobalResource";
  readonly supportedScopesForSource: readonly string[];
  /** Whole names, for example `Microsoft.KeyVault.SecretExpired`. */
  readonly eventTypes: readonly string[];
  /** What a subscription without a list of event types receives. Source: [EG-DEFAULT-EVENT-TYPES] */
  readonly defaultEventTypes: readonly string[];
  /** What the event types' names begin with, without the last dot. */
  readonly prefix: string;
}

/** A subscription, a group in one, or a resource in that; the last is told by its type. */
const SOURCE_ID = /^\/subscriptions\/[^/]+(?:(\/resourceGroups\/)[^/]+(?:\/providers\/([^/]+\/[^/]+)\/[^/]+)?)?$/i;

/** All topic types, by name. */
export const TOPIC_TYPES: readonly TopicType[] = TOPIC_TYPE_TABLE.map(toTopicType);

const BY_NAME = new Map(TOPIC_TYPES.map((topicType) => [topicType.name.toLowerCase(), topicType]));
const BY_SOURCE_FORM = bySourceForm();

/** The topic type of this name, in any case. */
export function topicTypeByName(name: string): TopicType | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** The topic types that a resource of this id can be a source of: several for an Azure subscription, else one. */
export function topicTypesOfSource(sourceId: string): readonly TopicType[] {
  return BY_SOURCE_FORM.get(sourceForm(sourceId)) ?? [];
}

/** Whether the id has the form of this topic type's sources. */
export function isSourceOf(topicType: TopicType, sourceId: string): boolean {
  return topicTypesOfSource(sourceId).includes(topicType);
}

/** The topic types that have an event type, in any case: two for the events of resource management, else one. */
export function topicTypesOfEvent(eventType: string): readonly TopicType[] {
  const wanted = eventType.toLowerCase();
  return TOPIC_TYPES.filter(({ eventTypes }) => eventTypes.some((known) => known.toLowerCase() === wanted));
}

/**
 * The id of a source of this type in the local subscription and resource group, or of these themselves; `undefined`
 * where none can be.
 */
export function localSourceId({ sourceResourceFormat }: TopicType, name: string): string | undefined {
  return sourceResourceFormat
    ?.replace("<subscriptionId>", DEFAULT_SUBSCRIPTION_ID)
    .replace("<resourceGroupName>", DEFAULT_RESOURCE_GROUP)
    .replace(/<\w+>$/, name);
}

/** What is the same in all ids of sources of one type, and in their format. */
function sourceForm(id: string): string {
  const [whole, group, type] = SOURCE_ID.exec(id) ?? [];
  if (whole === undefined) return "";
  return type?.toLowerCase() ?? (group === undefined ? "subscription" : "resource group");
}

function bySourceForm(): ReadonlyMap<string, readonly TopicType[]> {
  const all = new Map<string, TopicType[]>();
  for (const topicType of TOPIC_TYPES) {
    if (topicType.sourceResourceFormat === undefined) continue;
    const form = sourceForm(topicType.sourceResourceFormat);
    all.set(form, [...(all.get(form) ?? []), topicType]);
  }
  return all;
}

function toTopicType(row: TopicTypeRow): TopicType {
  const whole = (events: string): string[] =>
    events
      .split(/\s+/)
      .filter((event) => event !== "")
      .map((event) => `${row.prefix}.${event}`);
  const eventTypes = whole(row.events);
  return {
    name: row.name,
    sourceResourceFormat: row.source,
    resourceRegionType: row.global === true ? "GlobalResource" : "RegionalResource",
    supportedScopesForSource: row.scopes ?? ["Resource"],
    eventTypes,
    defaultEventTypes: row.defaultEvents === undefined ? eventTypes : whole(row.defaultEvents),
    prefix: row.prefix,
  };
}
