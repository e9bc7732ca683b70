import { expect, it } from "vitest";
import { SCHEMA_WIRE_NAMES } from "./schema-wire-name.ts";

it("[EG-SCHEMA-WIRE-NAME] has the name of each input schema in the service's messages", () => {
  expect(SCHEMA_WIRE_NAMES).toEqual({
    EventGridSchema: "EventGridEvent",
    CustomEventSchema: "CustomInputEvent",
    CloudEventSchemaV1_0: "CloudEventV10",
  });
});
