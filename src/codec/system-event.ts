import { Buffer } from "node:buffer";
import type { PublishedEvent, SystemEvent } from "../core/event.ts";
import { type EpochMs, formatTime } from "../core/time.ts";

/**
 * Encodes events that a source raised in the Event Grid schema. Their `topic` is the ARM id of the resource that
 * they report on, not of a system topic. Their time has seven fractional digits.
 * Source: [EG-SYSTEM-EVENT]
 */
export function encodeSystemEvents(
  sourceId: string,
  events: readonly SystemEvent[],
  context: { readonly now: EpochMs; readonly newId: () => string },
): PublishedEvent[] {
  return events.map((event) => {
    const { id, subject, eventType, data, dataVersion } = event;
    const eventTime = formatTime(event.eventTime);
    const body = {
      topic: sourceId,
      subject,
      eventType,
      eventTime,
      id,
      data,
      dataVersion,
      metadataVersion: "1",
    };
    return {
      body,
      envelope: {
        systemId: context.newId(),
        schema: "EventGridSchema",
        topic: sourceId,
        id,
        type: eventType,
        subject,
        time: eventTime,
        dataVersion,
        publishedAt: context.now,
        json: Buffer.from(JSON.stringify(body)),
      },
    };
  });
}
