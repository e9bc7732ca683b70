import { loadDetails } from "./load-details.ts";
import type { TopicType } from "./topic-types.ts";

/** A topic type as Azure's `topicTypes` describe it: the `properties` of the resource, and its event types. */
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

/** An event type as Azure's `eventTypes` describe it. */
export interface EventTypeDescription {
  /** The full name. */
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly schemaUrl: string;
  /** Source: [EG-DEFAULT-EVENT-TYPES] */
  readonly isInDefaultSet: boolean;
}

/** URL at which Azure publishes the data models of its system events, except those of agriculture. */
const SCHEMA_URL =
  "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/main/specification/eventgrid/data-plane/EventGridSystemEvents/stable/2018-01-01/GeneratedSystemEvents.json";

/**
 * Display names of the regions in Azure's public cloud. A topic type may not be available in all of them; that
 * changes often.
 */
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

/** Returns Azure's description of a topic type. */
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

/** Splits a name into words: `MQTTClientDeleted` becomes `MQTT Client Deleted`. */
function inWords(name: string): string {
  return name
    .replaceAll(".", " ")
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2");
}
