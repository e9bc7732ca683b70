import type { InputSchema } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import type {
  InputProperties,
  InputSchemaMapping,
  MappedField,
  MappedFieldWithDefault,
} from "../../core/resources/resources.ts";
import { given } from "./given.ts";
import type { JsonReader } from "./json-reader.ts";

const INPUT_SCHEMAS: readonly InputSchema[] = ["EventGridSchema", "CustomEventSchema", "CloudEventSchemaV1_0"];

/** What publishers send; the Event Grid schema unless a body says otherwise. */
export function writeInputSchema(properties: JsonReader): InputProperties {
  const mapping = properties.child("inputSchemaMapping");
  return given({
    inputSchema: properties.oneOf("inputSchema", INPUT_SCHEMAS) ?? "EventGridSchema",
    inputSchemaMapping: mapping && writeMapping(mapping),
  });
}

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

function writeMapping(mapping: JsonReader): InputSchemaMapping {
  const properties = mapping.child("properties");
  const plain = (name: string): MappedField | undefined => {
    const field = properties?.child(name);
    return field && given({ sourceField: field.text("sourceField") });
  };
  const withDefault = (name: string): MappedFieldWithDefault | undefined => {
    const field = properties?.child(name);
    return field && given({ sourceField: field.text("sourceField"), defaultValue: field.text("defaultValue") });
  };
  const fields = {
    id: plain("id"),
    topic: plain("topic"),
    eventTime: plain("eventTime"),
    eventType: withDefault("eventType"),
    subject: withDefault("subject"),
    dataVersion: withDefault("dataVersion"),
  };
  return {
    inputSchemaMappingType: mapping.oneOf("inputSchemaMappingType", ["Json"] as const) ?? "Json",
    properties: given(fields),
  };
}
