import { z } from "zod";
import { DEAD_LETTER_KINDS, DEAD_LETTER_TYPES, type DeadLetterType } from "../../core/destinations/dead-letter.ts";
import { propertyTable } from "../../core/destinations/destination-facts.ts";
import type { DestinationProperty } from "../../core/destinations/destination-property.ts";
import { ENDPOINT_TYPES, type EndpointType } from "../../core/destinations/index.ts";
import { assertNever } from "../../core/errors.ts";

/** Schemas of destinations in a configuration file, created from the tables in `core/destinations`. */

const attributeMappings = z.array(
  z.discriminatedUnion("type", [
    z.strictObject({
      name: z.string(),
      type: z.literal("Static"),
      properties: z.strictObject({ value: z.string(), isSecret: z.boolean().optional() }),
    }),
    z.strictObject({
      name: z.string(),
      type: z.literal("Dynamic"),
      properties: z.strictObject({ sourceField: z.string() }),
    }),
  ]),
);

/** Schema of a destination. */
export const destination = z.discriminatedUnion(
  "endpointType",
  atLeastOne(ENDPOINT_TYPES.map((type: EndpointType) => destinationOf(type, propertyTable(type)))),
);

/** Schema of a dead-letter destination. */
export const deadLetterDestination = z.discriminatedUnion(
  "endpointType",
  atLeastOne(DEAD_LETTER_TYPES.map((type: DeadLetterType) => destinationOf(type, DEAD_LETTER_KINDS[type].properties))),
);

function destinationOf<Type extends string>(type: Type, table: Readonly<Record<string, DestinationProperty>>) {
  const properties = Object.entries(table)
    .filter(([, { notInFile }]) => notInFile !== true)
    .map(([name, property]) => [name, propertySchema(property)] as const);
  return z.strictObject({
    endpointType: z.literal(type),
    properties: z.strictObject(Object.fromEntries(properties)),
  });
}

function propertySchema(property: DestinationProperty): z.ZodType {
  const { required, description } = property;
  const schema = required === true ? valueSchema(property) : valueSchema(property).optional();
  return description === undefined ? schema : schema.describe(description);
}

function valueSchema(property: DestinationProperty): z.ZodType {
  switch (property.form) {
    case "text": {
      const { values, notEmpty, pattern } = property;
      if (values !== undefined) return z.enum(values);
      if (pattern !== undefined) return z.string().regex(pattern.expression, pattern.message);
      return notEmpty === true ? z.string().min(1) : z.string();
    }
    case "number":
      return z.number();
    case "flag":
      return z.boolean();
    case "texts":
      return z.array(z.string());
    case "attributes":
      return attributeMappings;
    default:
      return assertNever(property);
  }
}

/** Returns the list with a type that says that it is not empty. */
function atLeastOne<Item>([first, ...rest]: readonly Item[]): [Item, ...Item[]] {
  if (first === undefined) throw new RangeError("A table of destinations is empty.");
  return [first, ...rest];
}
