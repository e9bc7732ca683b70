import type { JsonObject } from "../json.ts";

/** What people read of a topic type, and a sample of each of its event types. */
export interface TopicTypeDetails {
  readonly displayName: string;
  readonly description: string;
  /** By the event type's name without the topic type's prefix. */
  readonly eventTypes: Readonly<Record<string, EventTypeDetails>>;
}

/** An event type in words, and as it looks. */
export interface EventTypeDetails {
  /** One sentence: when the event is raised. */
  readonly description: string;
  readonly sample: EventSample;
}

/**
 * An event's parts that depend on its type. Texts hold places for what depends on the source and the moment:
 * `<source>` (its whole id), `<name>` (its last segment), `<subscriptionId>`, `<resourceGroupName>` and `<time>`.
 */
export interface EventSample {
  readonly subject: string;
  readonly dataVersion: string;
  readonly data: JsonObject;
}

/** An entry of {@link TopicTypeDetails.eventTypes}. */
export function event(description: string, dataVersion: string, subject: string, data: JsonObject): EventTypeDetails {
  return { description, sample: { subject, dataVersion, data } };
}
