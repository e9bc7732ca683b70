import { encodeSystemEvents } from "../../codec/system-event.ts";
import type { SystemEvent } from "../../core/event.ts";

/** Returns an event of an Azure service in the Event Grid schema, as a server would raise it now. */
export function previewSystemEvent(sourceId: string, event: SystemEvent): unknown {
  const { id, eventTime: now } = event;
  const [encoded] = encodeSystemEvents(sourceId, [event], { now, newId: () => id });
  return encoded?.body;
}
