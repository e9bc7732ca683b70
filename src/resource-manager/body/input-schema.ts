import type { InputSchema } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import type { InputProperties, InputSchemaMapping } from "../../core/resources/resources.ts";
import { object, oneOf, text, type Member, type TableOf } from "./members.ts";

const INPUT_SCHEMAS: readonly InputSchema[] = ["EventGridSchema", "CustomEventSchema", "CloudEventSchemaV1_0"];
const FIELD = object({ sourceField: text });
const FIELD_WITH_DEFAULT = object({ sourceField: text, defaultValue: text });
const MAPPING = object({
  inputSchemaMappingType: oneOf(["Json"]),
  properties: object({
    id: FIELD,
    topic: FIELD,
    eventTime: FIELD,
    eventType: FIELD_WITH_DEFAULT,
    subject: FIELD_WITH_DEFAULT,
    dataVersion: FIELD_WITH_DEFAULT,
  }),
});

const INPUT_SCHEMA_MAPPING: Member<InputSchemaMapping> = {
  read(value, at, notes) {
    const { inputSchemaMappingType = "Json", properties = {} } = MAPPING.read(value, at, notes);
    return { inputSchemaMappingType, properties };
  },
};

/** Members that describe the schema of published events. */
export const INPUT_SCHEMA: TableOf<InputProperties> = {
  inputSchema: oneOf(INPUT_SCHEMAS),
  inputSchemaMapping: INPUT_SCHEMA_MAPPING,
};

export function readInputSchema({ inputSchema, inputSchemaMapping: mapping }: InputProperties): JsonObject {
  if (mapping === undefined) return { inputSchema, inputSchemaMapping: null };
  const fields = Object.entries(mapping.properties).map(([name, field]) => [name, { ...field }]);
  return {
    inputSchema,
    inputSchemaMapping: {
      inputSchemaMappingType: mapping.inputSchemaMappingType,
      properties: Object.fromEntries(fields) as JsonObject,
    },
  };
}
