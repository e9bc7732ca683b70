import { closeNames } from "../core/catalogue/choose-event.ts";
import { describeTopicType } from "../core/catalogue/describe-topic-type.ts";
import { TOPIC_TYPES, topicTypeByName, type TopicType } from "../core/catalogue/topic-types.ts";
import { ExitError } from "./exit-error.ts";
import type { Output } from "./output.ts";

/** Prints all topic types, or the event types of the topic type with this name. */
export async function listCatalogue(name: string | undefined, output: Output): Promise<void> {
  if (name === undefined) return listTopicTypes(output);
  const topicType = topicTypeByName(name);
  if (topicType === undefined) {
    const names = systemTopicTypes().map((known) => known.name);
    throw new ExitError(2, [`'${name}' is not a topic type.${closeNames(name, names)}`]);
  }
  await listEventTypes(topicType, output);
}

function systemTopicTypes(): readonly TopicType[] {
  return TOPIC_TYPES.filter(({ sourceResourceFormat }) => sourceResourceFormat !== undefined);
}

async function listTopicTypes(output: Output): Promise<void> {
  const width = Math.max(...TOPIC_TYPES.map(({ name }) => name.length));
  for (const topicType of systemTopicTypes()) {
    const { name, sourceResourceFormat } = topicType;
    const { displayName, description, eventTypes } = await describeTopicType(topicType);
    const count = eventTypes.length;
    output.report(
      "topic_type",
      { name, displayName, description, sourceResourceFormat, eventTypes: count },
      `${name.padEnd(width)} ${String(count).padStart(3)}  ${description}`,
    );
  }
}

async function listEventTypes(topicType: TopicType, output: Output): Promise<void> {
  const { eventTypes } = await describeTopicType(topicType);
  const width = Math.max(...eventTypes.map(({ name }) => name.length));
  for (const { name, displayName, description, isInDefaultSet } of eventTypes) {
    const mark = isInDefaultSet ? "" : " Only for subscriptions that include it by name.";
    output.report(
      "event_type",
      { name, displayName, description, isInDefaultSet },
      `${name.padEnd(width)}  ${description}${mark}`,
    );
  }
}
