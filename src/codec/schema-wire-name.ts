import type { InputSchema } from "../core/event.ts";

/**
 * Names of input schemas in error texts and in the `aeg-input-event-schema` header. The control plane uses other
 * names for the same three schemas. Source: [EG-SCHEMA-WIRE-NAME]
 */
export const SCHEMA_WIRE_NAMES: Readonly<Record<InputSchema, string>> = {
  EventGridSchema: "EventGridEvent",
  CloudEventSchemaV1_0: "CloudEventV10",
  CustomEventSchema: "CustomInputEvent",
};
