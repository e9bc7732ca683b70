import type { SystemEvent } from "../event.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { DEFAULT_RESOURCE_GROUP, DEFAULT_SUBSCRIPTION_ID, resourceName } from "../resources/resource-id.ts";
import { formatTime, type EpochMs } from "../time.ts";
import { loadDetails } from "./load-details.ts";
import type { EventSample } from "./topic-type-details.ts";
import type { TopicType } from "./topic-types.ts";

/** Changes to a sample. */
export interface SampleChanges {
  readonly subject?: string | undefined;
  /** Replaces the sample's data. */
  readonly data?: JsonObject | undefined;
  /** Members of `data` by their path without `data.`, for example `target.tag`. */
  readonly set?: Readonly<Record<string, JsonValue>> | undefined;
}

/**
 * Returns an event as the service would send it, for a source and a time.
 *
 * @param eventType one of the topic type's event types, in its exact spelling
 */
export async function sampleEvent(
  topicType: TopicType,
  eventType: string,
  { source, time, changes = {} }: { readonly source: string; readonly time: EpochMs; readonly changes?: SampleChanges },
): Promise<Omit<SystemEvent, "id">> {
  const { eventTypes } = await loadDetails(topicType);
  const sample = eventTypes[eventType.slice(topicType.prefix.length + 1)]?.sample;
  if (sample === undefined) throw new Error(`No sample of ${eventType}`);
  const { subject, data } = fillPlaces(sample, source, time);
  return {
    eventType,
    subject: changes.subject ?? subject,
    dataVersion: sample.dataVersion,
    eventTime: time,
    data: withMembers(changes.data ?? data, changes.set ?? {}),
  };
}

function fillPlaces(sample: EventSample, source: string, time: EpochMs): { subject: string; data: JsonObject } {
  const places: Readonly<Record<string, string>> = {
    source,
    name: resourceName(source),
    subscriptionId: /^\/subscriptions\/([^/]+)/i.exec(source)?.[1] ?? DEFAULT_SUBSCRIPTION_ID,
    resourceGroupName: /\/resourceGroups\/([^/]+)/i.exec(source)?.[1] ?? DEFAULT_RESOURCE_GROUP,
    time: formatTime(time),
  };
  const inText = (text: string): string => text.replaceAll(/<(\w+)>/g, (place, name: string) => places[name] ?? place);
  const inValue = (value: JsonValue | undefined): JsonValue => {
    if (typeof value === "string") return inText(value);
    if (Array.isArray(value)) return value.map(inValue);
    return isJsonObject(value) ? inObject(value) : (value ?? null);
  };
  const inObject = (value: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, inValue(inner)]));
  return { subject: inText(sample.subject), data: inObject(sample.data) };
}

function withMembers(data: JsonObject, set: Readonly<Record<string, JsonValue>>): JsonObject {
  return Object.entries(set).reduce((all, [path, value]) => withMember(all, path.split("."), value), data);
}

/** Sets a member at any depth. Values on the path that are not objects are replaced by objects. */
function withMember(data: JsonObject, [first = "", ...rest]: readonly string[], value: JsonValue): JsonObject {
  const inner = data[first];
  const next = rest.length === 0 ? value : withMember(isJsonObject(inner) ? inner : {}, rest, value);
  return { ...data, [first]: next };
}
