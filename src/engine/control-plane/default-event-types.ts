import { topicTypeByName, topicTypesOfSource, type TopicType } from "../../core/catalogue/topic-types.ts";
import type { DesiredEventSubscription } from "../../core/resources/resources.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";

/** What a subscription beside any system topic listens to, where its source could be one of several types. */
const USUAL_OF_SEVERAL = "Microsoft.Resources.Subscriptions";

/**
 * A subscription to a system source that names no event types is given the default set of the source's topic type,
 * which from then on stands in it, as Azure shows it. Others stay as they are.
 * Source: [EG-DEFAULT-EVENT-TYPES]
 */
export function withDefaultEventTypes(
  directory: ResourceDirectory,
  desired: DesiredEventSubscription,
): DesiredEventSubscription {
  const { filter, topic } = desired.properties;
  // Some clients send null for nothing.
  const named = (filter.includedEventTypes ?? []).length > 0;
  const topicTypes = named ? [] : topicTypesAt(directory, topic);
  if (topicTypes.length === 0) return desired;
  const includedEventTypes = [...new Set(topicTypes.flatMap(({ defaultEventTypes }) => defaultEventTypes))];
  return { ...desired, properties: { ...desired.properties, filter: { ...filter, includedEventTypes } } };
}

/** The topic type of a source's system topic where nobody says which; `undefined` for what has none. */
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
