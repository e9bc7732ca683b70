import { attributeNameFault } from "../../core/rules/attribute-name.ts";
import type { LockedDelivery } from "../../core/delivery.ts";
import { isJsonObject, type JsonArray, type JsonValue } from "../../core/json.ts";
import { LIMITS } from "../../core/limits.ts";
import type { DeliveryAttributeMapping } from "../../core/destinations/destination-property.ts";
import { headerValue } from "./header-value.ts";

/** Headers that a subscription adds to its deliveries. */
export interface DeliveryAttributes {
  /** Those that never change, name and value by turns. */
  readonly fixed: readonly string[];
  /** Those of one event, name and value by turns. Parses the event only when some attribute depends on it. */
  of(delivery: LockedDelivery): readonly string[];
}

type DynamicMapping = Extract<DeliveryAttributeMapping, { type: "Dynamic" }>;

const NONE: readonly string[] = [];

/**
 * Makes a subscription's attributes. A dynamic one is left out where the event has no string, number or boolean
 * there, or too long a one. Names that are not allowed are left out: the control plane has refused them.
 *
 * @param write a value as what carries it can hold it; unset, as a header
 * Source: [EG-ATTRIBUTES], [EG-ATTRIBUTES-DYNAMIC]
 */
export function deliveryAttributes(
  mappings: readonly DeliveryAttributeMapping[] = [],
  write: (text: string) => string = headerValue,
): DeliveryAttributes {
  const pair = (name: string, value: JsonValue | undefined): readonly string[] => pairOf(name, value, write);
  const usable = mappings
    .filter(({ name }) => attributeNameFault(name) === undefined)
    .slice(0, LIMITS.deliveryAttributes);
  const fixed = usable.flatMap((mapping) =>
    mapping.type === "Static" ? pair(mapping.name, mapping.properties.value) : [],
  );
  const dynamic = usable.filter((mapping): mapping is DynamicMapping => mapping.type === "Dynamic");
  if (dynamic.length === 0) return { fixed, of: () => NONE };
  const paths = dynamic.map(({ name, properties }) => ({ name, path: fieldPath(properties.sourceField) }));
  return {
    fixed,
    of: ({ event }) => {
      const body = JSON.parse(new TextDecoder().decode(event.json)) as JsonValue;
      return paths.flatMap(({ name, path }) => pair(name, valueAt(body, path)));
    },
  };
}

function pairOf(name: string, value: JsonValue | undefined, write: (text: string) => string): readonly string[] {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return NONE;
  const text = write(String(value));
  return Buffer.byteLength(text) > LIMITS.deliveryAttributeBytes ? NONE : [name, text];
}

/** A name after a dot, or in brackets: quoted, which may then hold dots, or a place in an array. */
const STEP = /\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]|([^.[\]]+)/g;

/** `data.key1`, `$.data.key1`, `$.data['key.1']`, `data.lines[0].key1`. */
function fieldPath(sourceField: string): readonly string[] {
  const steps = sourceField.replace(/^\$(?=[.[])/, "").matchAll(STEP);
  return Array.from(steps, ([, single, double, index, plain]) => single ?? double ?? index ?? plain ?? "");
}

function valueAt(body: JsonValue, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = body;
  for (const [depth, name] of path.entries()) {
    if (Array.isArray(value)) {
      value = (value as JsonArray)[Number(name)];
      continue;
    }
    if (!isJsonObject(value)) return undefined;
    value = Object.hasOwn(value, name) ? value[name] : depth === 0 ? ignoringCase(value, name) : undefined;
  }
  return value;
}

/** The event's own fields go by any case: Azure offers `eventtype` and `dataversion`. */
function ignoringCase(body: Readonly<Record<string, JsonValue | undefined>>, name: string): JsonValue | undefined {
  const wanted = name.toLowerCase();
  const found = Object.keys(body).find((key) => key.toLowerCase() === wanted);
  return found === undefined ? undefined : body[found];
}
