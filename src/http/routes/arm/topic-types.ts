import { TOPIC_TYPES, type CataloguedEventType, type CataloguedTopicType } from "../../../codec/arm/topic-types.ts";
import { topicTypeOfSource } from "../../../codec/arm/arm-id.ts";
import { RingmainError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { ok, type ArmAnswer, type ArmCall } from "./arm-call.ts";
import { wholeList } from "./list-page.ts";

/** `topicTypes`, `topicTypes/{name}` and `topicTypes/{name}/eventTypes`, which belong to no subscription. */
export function topicTypes({ path }: ArmCall): ArmAnswer {
  const [name] = path.names;
  if (name === undefined) return wholeList(TOPIC_TYPES.map(readTopicType));
  const topicType = TOPIC_TYPES.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (topicType === undefined) throw new RingmainError("not_found", `The topic type '${name}' was not found.`);
  if (path.types.length === 1) return ok(readTopicType(topicType));
  return wholeList(topicType.eventTypes.map((eventType) => readEventType(topicType, eventType)));
}

/** `{resource}/providers/Microsoft.EventGrid/eventTypes`: what a source raises. */
export function eventTypesOf({ path }: ArmCall): ArmAnswer {
  const wanted = topicTypeOfSource(path.scope).toLowerCase();
  const topicType = TOPIC_TYPES.find((each) => each.name.toLowerCase() === wanted);
  return wholeList((topicType?.eventTypes ?? []).map((each) => readEventType(topicType, each)));
}

/** The id of a topic type has no leading slash. [ARM-TOPIC-TYPES] */
function idOf(name: string): string {
  return `providers/Microsoft.EventGrid/topicTypes/${name}`;
}

function readTopicType(topicType: CataloguedTopicType): JsonObject {
  const { name, displayName, description, resourceRegionType, sourceResourceFormat } = topicType;
  return {
    id: idOf(name),
    name,
    type: "Microsoft.EventGrid/topicTypes",
    properties: {
      provider: name.slice(0, name.lastIndexOf(".")),
      displayName,
      description,
      resourceRegionType,
      provisioningState: "Succeeded",
      supportedLocations: [],
      sourceResourceFormat: sourceResourceFormat ?? null,
      supportedScopesForSource: topicType.supportedScopesForSource,
      areRegionalAndGlobalSourcesSupported: false,
    },
  };
}

function readEventType(topicType: CataloguedTopicType | undefined, eventType: CataloguedEventType): JsonObject {
  const { name, description, isInDefaultSet } = eventType;
  return {
    id: `${idOf(topicType?.name ?? "")}/eventTypes/${name}`,
    name,
    type: "Microsoft.EventGrid/topicTypes/eventTypes",
    properties: { displayName: name.slice(name.lastIndexOf(".") + 1), description, schemaUrl: null, isInDefaultSet },
  };
}
