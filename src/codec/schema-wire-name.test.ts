import { expect, it } from "vitest";
import { SCHEMA_WIRE_NAMES } from "./schema-wire-name.ts";

it("[EG-SCHEMA-WIRE-NAME] names each input schema as the service's messages do", () => {
  expect(SCHEMA_WIRE_NAMES).toEqual({
    EventGridSchema: "EventGridEvent",
    CustomEventSchema: "CustomInputEvent",
    CloudEventSchemaV1_0: "CloudEventV10",
  });
});
