import { DEFAULT_RESOURCE_GROUP, DEFAULT_SUBSCRIPTION_ID } from "../resources/resource-id.ts";
import { TOPIC_TYPE_TABLE, type TopicTypeRow } from "./topic-type-table.ts";

/** The properties of one of Azure's topic types that routing and the rules for resources use. */
export interface TopicType {
  /** For example `Microsoft.KeyVault.vaults`. */
  readonly name: string;
  /**
   * For example `/subscriptions/<subscriptionId>/…/Microsoft.KeyVault/vaults/<name>`. Absent if there can be no
   * system topic.
   */
  readonly sourceResourceFormat: string | undefined;
  readonly resourceRegionType: "RegionalResource" | "GlobalResource";
  readonly supportedScopesForSource: readonly string[];
  /** Full names, for example `Microsoft.KeyVault.SecretExpired`. */
  readonly eventTypes: readonly string[];
  /** Event types for a subscription that lists none. Source: [EG-DEFAULT-EVENT-TYPES] */
  readonly defaultEventTypes: readonly string[];
  /** Prefix of the event types' names without the last dot. */
  readonly prefix: string;
}

/** Matches a subscription, a group in one, or a resource in that. The captured type tells whether it is a resource. */
const SOURCE_ID = /^\/subscriptions\/[^/]+(?:(\/resourceGroups\/)[^/]+(?:\/providers\/([^/]+\/[^/]+)\/[^/]+)?)?$/i;

/** All topic types. */
export const TOPIC_TYPES: readonly TopicType[] = TOPIC_TYPE_TABLE.map(toTopicType);

const BY_NAME = new Map(TOPIC_TYPES.map((topicType) => [topicType.name.toLowerCase(), topicType]));
const BY_SOURCE_FORM = bySourceForm();

/** Returns the topic type with a name, in any case. */
export function topicTypeByName(name: string): TopicType | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** Returns the topic types whose source a resource can be: several for an Azure subscription, otherwise at most one. */
export function topicTypesOfSource(sourceId: string): readonly TopicType[] {
  return BY_SOURCE_FORM.get(sourceForm(sourceId)) ?? [];
}

/** Returns whether an id has the form of a topic type's sources. */
export function isSourceOf(topicType: TopicType, sourceId: string): boolean {
  return topicTypesOfSource(sourceId).includes(topicType);
}

/**
 * Returns the topic types that have an event type, in any case: two for the events of resource management,
 * otherwise one.
 */
export function topicTypesOfEvent(eventType: string): readonly TopicType[] {
  const requested = eventType.toLowerCase();
  return TOPIC_TYPES.filter(({ eventTypes }) => eventTypes.some((known) => known.toLowerCase() === requested));
}

/**
 * Returns the id of a source of a topic type in the local subscription and resource group, or the id of these
 * themselves. Returns `undefined` if no source is possible.
 */
export function localSourceId({ sourceResourceFormat }: TopicType, name: string): string | undefined {
  return sourceResourceFormat
    ?.replace("<subscriptionId>", DEFAULT_SUBSCRIPTION_ID)
    .replace("<resourceGroupName>", DEFAULT_RESOURCE_GROUP)
    .replace(/<\w+>$/, name);
}

/** Returns the part that all ids of sources of one type, and their format, have in common. */
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
