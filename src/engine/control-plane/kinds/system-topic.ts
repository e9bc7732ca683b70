import { RingmainError } from "../../../core/errors.ts";
import { resourceKey } from "../../../core/resources/resource-id.ts";
import type { DesiredSystemTopic } from "../../../core/resources/resources.ts";
import { dropResource } from "../drop-resource.ts";
import { UNRELATED, type BehaviourOf } from "./kind.ts";

/**
 * Behaviour of system topics. A source has one system topic; an Azure subscription can have one for each of several
 * topic types.
 */
export const managedSystemTopic: BehaviourOf<"Microsoft.EventGrid/systemTopics"> = {
  ...UNRELATED,
  complete: (desired, _before, { uid }) => ({ ...desired, uid }),
  claims: ({ properties }) => [`source ${resourceKey(properties.source)}`],
  // [EG-SYSTEM-TOPIC-SOURCE] A system topic that the configuration declares may replace one that a subscription
  // created.
  checkRelations: (desired, { directory }) => {
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
  },
  // [EG-SYSTEM-TOPIC-SOURCE] Deletes the topic that a subscription had created and this one replaces.
  attach: async (resource, { dependencies }) => {
    if (resource.implicit === true) return;
    for (const other of dependencies.directory.systemTopicsOf(resource.properties.source)) {
      if (other.implicit === true && sameTopicType(other, resource)) await dropResource(dependencies, other.id);
    }
  },
  ownsSubscriptions: ({ properties }, directory) => directory.systemTopicsOf(properties.source).length < 2,
};

function sameTopicType(
  one: Pick<DesiredSystemTopic, "properties">,
  other: Pick<DesiredSystemTopic, "properties">,
): boolean {
  return one.properties.topicType.toLowerCase() === other.properties.topicType.toLowerCase();
}
