import type { InputSchema } from "../core/event.ts";

/**
 * A topic's input schema by the name that error texts and the `aeg-input-event-schema` header use; the control
 * plane has other names for the same three. Source: [EG-SCHEMA-WIRE-NAME]
 */
export const SCHEMA_WIRE_NAMES: Readonly<Record<InputSchema, string>> = {
  EventGridSchema: "EventGridEvent",
  CloudEventSchemaV1_0: "CloudEventV10",
  CustomEventSchema: "CustomInputEvent",
};
