import { encodeSystemEvents } from "../../codec/system-event.ts";
import type { SystemEvent } from "../../core/event.ts";

/** Returns an event of an Azure service as a server would raise it now, in the Event Grid schema. */
export function previewSystemEvent(sourceId: string, event: SystemEvent): unknown {
  const { id, eventTime: now } = event;
  const [encoded] = encodeSystemEvents(sourceId, [event], { now, newId: () => id });
  return encoded?.body;
}
