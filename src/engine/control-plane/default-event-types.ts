import { topicTypeByName, topicTypesOfSource, type TopicType } from "../../core/catalogue/topic-types.ts";
import type { DesiredEventSubscription } from "../../core/resources/resources.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";

/** Topic type of a subscription without a system topic, for a source that could have several topic types. */
const USUAL_OF_SEVERAL = "Microsoft.Resources.Subscriptions";

/**
 * Returns the subscription with the default event types of its source's topic type, if it has a system source and
 * names no event types. They are stored with the subscription, as Azure shows them. Other subscriptions are returned
 * as they are.
 * Source: [EG-DEFAULT-EVENT-TYPES]
 */
export function withDefaultEventTypes(
  directory: ResourceDirectory,
  desired: DesiredEventSubscription,
): DesiredEventSubscription {
  const { filter, topic } = desired.properties;
  // Some clients send null instead of an empty list.
  const named = (filter.includedEventTypes ?? []).length > 0;
  const topicTypes = named ? [] : topicTypesAt(directory, topic);
  if (topicTypes.length === 0) return desired;
  const includedEventTypes = [...new Set(topicTypes.flatMap(({ defaultEventTypes }) => defaultEventTypes))];
  return { ...desired, properties: { ...desired.properties, filter: { ...filter, includedEventTypes } } };
}

/** Returns the topic type of a source's system topic if no one is declared, or `undefined` for a source without one. */
export function usualTopicType(sourceId: string): TopicType | undefined {
  const possible = topicTypesOfSource(sourceId);
  return possible.length < 2 ? possible[0] : possible.find(({ name }) => name === USUAL_OF_SEVERAL);
}

function topicTypesAt(directory: ResourceDirectory, sourceId: string): readonly TopicType[] {
  const declared = directory
    .systemTopicsOf(sourceId)
    .flatMap(({ properties }) => topicTypeByName(properties.topicType) ?? []);
  return declared.length > 0 ? declared : [usualTopicType(sourceId) ?? []].flat();
}
