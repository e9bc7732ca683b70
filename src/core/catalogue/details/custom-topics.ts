import type { TopicTypeDetails } from "../topic-type-details.ts";

/** `Microsoft.EventGrid.Topics`: listed by Azure among the topic types, without event types. */
export const customTopics: TopicTypeDetails = {
  displayName: "Event Grid Topics",
  description: "Whatever is published to a custom topic.",
  eventTypes: {},
};

/** `Microsoft.EventGrid.Domains`, likewise. */
export const domainDetails: TopicTypeDetails = {
  displayName: "Event Grid Domains",
  description: "Whatever is published to a domain.",
  eventTypes: {},
};
