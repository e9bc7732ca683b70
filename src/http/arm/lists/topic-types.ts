import {
  describeTopicType,
  type EventTypeDescription,
  type TopicTypeDescription,
} from "../../../core/catalogue/describe-topic-type.ts";
import {
  TOPIC_TYPES,
  topicTypeByName,
  topicTypesOfSource,
  type TopicType,
} from "../../../core/catalogue/topic-types.ts";
import { RingmainError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { ok, type ArmAnswer, type ArmCall } from "../arm-call.ts";
import { wholeList } from "./list-page.ts";

/** Handles `topicTypes`, `topicTypes/{name}` and `topicTypes/{name}/eventTypes`, which belong to no subscription. */
export async function topicTypes({ path }: ArmCall): Promise<ArmAnswer> {
  const [name] = path.names;
  if (name === undefined) return wholeList(await Promise.all(TOPIC_TYPES.map(readTopicType)));
  const topicType = topicTypeByName(name);
  if (topicType === undefined) throw new RingmainError("not_found", `The topic type '${name}' was not found.`);
  return path.types.length === 1 ? ok(await readTopicType(topicType)) : wholeList(await readEventTypes(topicType));
}

/** Handles `{resource}/providers/Microsoft.EventGrid/eventTypes`: lists the event types that a source raises. */
export async function eventTypesOf({ path }: ArmCall): Promise<ArmAnswer> {
  const lists = await Promise.all(topicTypesOfSource(path.scope).map(readEventTypes));
  return wholeList(lists.flat());
}

/** Returns the id of a topic type, which has no leading slash. [ARM-TOPIC-TYPES] */
function idOf({ name }: TopicType): string {
  return `providers/Microsoft.EventGrid/topicTypes/${name}`;
}

async function readTopicType(topicType: TopicType): Promise<JsonObject> {
  const described = await describeTopicType(topicType);
  return {
    id: idOf(topicType),
    name: topicType.name,
    type: "Microsoft.EventGrid/topicTypes",
    properties: propertiesOf(described),
  };
}

function propertiesOf({ eventTypes: _apart, ...described }: TopicTypeDescription): JsonObject {
  return {
    ...described,
    provisioningState: "Succeeded",
    sourceResourceFormat: described.sourceResourceFormat ?? null,
    areRegionalAndGlobalSourcesSupported: false,
  };
}

async function readEventTypes(topicType: TopicType): Promise<JsonObject[]> {
  const { eventTypes } = await describeTopicType(topicType);
  return eventTypes.map((eventType) => readEventType(topicType, eventType));
}

function readEventType(topicType: TopicType, { name, ...properties }: EventTypeDescription): JsonObject {
  return {
    id: `${idOf(topicType)}/eventTypes/${name}`,
    name,
    type: "Microsoft.EventGrid/topicTypes/eventTypes",
    properties,
  };
}
