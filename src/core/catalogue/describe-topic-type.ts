import { loadDetails } from "./load-details.ts";
import type { TopicType } from "./topic-types.ts";

/** A topic type as Azure's `topicTypes` tell of one: the `properties` of the resource, and its event types. */
export interface TopicTypeDescription {
  readonly provider: string;
  readonly displayName: string;
  readonly description: string;
  readonly resourceRegionType: "RegionalResource" | "GlobalResource";
  readonly supportedLocations: readonly string[];
  readonly sourceResourceFormat: string | undefined;
  readonly supportedScopesForSource: readonly string[];
  readonly eventTypes: readonly EventTypeDescription[];
}

/** An event type as Azure's `eventTypes` tell of one. */
export interface EventTypeDescription {
  /** The whole name. */
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly schemaUrl: string;
  /** Source: [EG-DEFAULT-EVENT-TYPES] */
  readonly isInDefaultSet: boolean;
}

/** Where Azure publishes the data models of its system events; all but the agricultural ones. */
const SCHEMA_URL =
  "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/main/specification/eventgrid/data-plane/EventGridSystemEvents/stable/2018-01-01/GeneratedSystemEvents.json";

/** The regions of Azure's public cloud, as display names. A topic type may leave some out; which changes often. */
const LOCATIONS: readonly string[] = [
  "Australia Central",
  "Australia East",
  "Australia Southeast",
  "Brazil South",
  "Canada Central",
  "Canada East",
  "Central India",
  "Central US",
  "East Asia",
  "East US",
  "East US 2",
  "France Central",
  "Germany West Central",
  "Israel Central",
  "Italy North",
  "Japan East",
  "Japan West",
  "Korea Central",
  "Korea South",
  "Mexico Central",
  "North Central US",
  "North Europe",
  "Norway East",
  "Poland Central",
  "Qatar Central",
  "South Africa North",
  "South Central US",
  "South India",
  "Southeast Asia",
  "Spain Central",
  "Sweden Central",
  "Switzerland North",
  "UAE North",
  "UK South",
  "UK West",
  "West Central US",
  "West Europe",
  "West India",
  "West US",
  "West US 2",
  "West US 3",
];

/** Everything that Azure tells of a topic type. */
export async function describeTopicType(topicType: TopicType): Promise<TopicTypeDescription> {
  const { name, prefix, resourceRegionType, sourceResourceFormat, supportedScopesForSource } = topicType;
  const { displayName, description, eventTypes } = await loadDetails(topicType);
  const inDefaultSet = new Set(topicType.defaultEventTypes);
  return {
    provider: name.split(".").slice(0, 2).join("."),
    displayName,
    description,
    resourceRegionType,
    supportedLocations: resourceRegionType === "GlobalResource" ? [] : LOCATIONS,
    sourceResourceFormat,
    supportedScopesForSource,
    eventTypes: topicType.eventTypes.map((eventType) => {
      const short = eventType.slice(prefix.length + 1);
      return {
        name: eventType,
        displayName: inWords(short),
        description: eventTypes[short]?.description ?? "",
        schemaUrl: SCHEMA_URL,
        isInDefaultSet: inDefaultSet.has(eventType),
      };
    }),
  };
}

/** `MQTTClientDeleted` becomes `MQTT Client Deleted`. */
function inWords(name: string): string {
  return name
    .replaceAll(".", " ")
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2");
}
