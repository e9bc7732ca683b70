import type { JsonObject } from "../../core/json.ts";
import type { EventTypeInfo } from "../../core/resources/resources.ts";
import { mapOf, object, oneOf, text, type Member } from "./members.ts";

const MEMBERS = object({
  kind: oneOf(["Inline"]),
  inlineEventTypes: mapOf(
    object({ description: text, displayName: text, documentationUrl: text, dataSchemaUrl: text }),
  ),
});

/** Description of the events of a topic. */
export const EVENT_TYPE_INFO: Member<EventTypeInfo> = {
  read(value, at, notes) {
    const { kind = "Inline", inlineEventTypes = {} } = MEMBERS.read(value, at, notes);
    return { kind, inlineEventTypes };
  },
};

export function readEventTypeInfo(info: EventTypeInfo | undefined): JsonObject | null {
  return info === undefined ? null : { kind: info.kind, inlineEventTypes: { ...info.inlineEventTypes } };
}
