import { topicTypeByName, topicTypesOfSource, type TopicType } from "../core/catalogue/topic-types.ts";
import { resourceKey } from "../core/resource-id.ts";
import type { DesiredEventSubscription, SystemTopicResource } from "../core/resources.ts";
import type { ResourceDirectory } from "./resource-directory.ts";

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

/** The system topics that carry the events of a source: several only for an Azure subscription. */
export function systemTopicsOf(directory: ResourceDirectory, sourceId: string): readonly SystemTopicResource[] {
  const source = resourceKey(sourceId);
  return Array.from(directory.all(), ({ resource }) => resource).filter(
    (resource): resource is SystemTopicResource =>
      resource.type === "Microsoft.EventGrid/systemTopics" && resourceKey(resource.properties.source) === source,
  );
}

function topicTypesAt(directory: ResourceDirectory, sourceId: string): readonly TopicType[] {
  const possible = topicTypesOfSource(sourceId);
  if (possible.length < 2) return possible;
  const declared = systemTopicsOf(directory, sourceId).flatMap(
    ({ properties }) => topicTypeByName(properties.topicType) ?? [],
  );
  return declared.length > 0 ? declared : possible.filter(({ name }) => name === USUAL_OF_SEVERAL);
}
