import type { JsonObject } from "../json.ts";

/** Display texts of a topic type, with a sample of each of its event types. */
export interface TopicTypeDetails {
  readonly displayName: string;
  readonly description: string;
  /** Event types by their name without the topic type's prefix. */
  readonly eventTypes: Readonly<Record<string, EventTypeDetails>>;
}

/** Description and sample of an event type. */
export interface EventTypeDetails {
  /** One sentence about when the event is raised. */
  readonly description: string;
  readonly sample: EventSample;
}

/**
 * The parts of an event that depend on its type. Texts have placeholders for values that depend on the source and the
 * time: `<source>` (its full id), `<name>` (its last segment), `<subscriptionId>`, `<resourceGroupName>` and `<time>`.
 */
export interface EventSample {
  readonly subject: string;
  readonly dataVersion: string;
  readonly data: JsonObject;
}

/** Creates an entry of {@link TopicTypeDetails.eventTypes}. */
export function event(description: string, dataVersion: string, subject: string, data: JsonObject): EventTypeDetails {
  return { description, sample: { subject, dataVersion, data } };
}
