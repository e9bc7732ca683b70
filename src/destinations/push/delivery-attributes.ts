import { attributeNameFault } from "../../core/rules/attribute-name.ts";
import type { LockedDelivery } from "../../core/delivery.ts";
import { isJsonObject, type JsonArray, type JsonValue } from "../../core/json.ts";
import { LIMITS } from "../../core/limits.ts";
import type { DeliveryAttributeMapping } from "../../core/destinations/destination-property.ts";
import { headerValue } from "./header-value.ts";

/** Headers that a subscription adds to its deliveries. */
export interface DeliveryAttributes {
  /** Headers that are the same for all events, as alternating names and values. */
  readonly fixed: readonly string[];
  /**
   * Returns the headers of one event, as alternating names and values. Parses the event only if an attribute needs it.
   */
  of(delivery: LockedDelivery): readonly string[];
}

type DynamicMapping = Extract<DeliveryAttributeMapping, { type: "Dynamic" }>;

const NONE: readonly string[] = [];

/**
 * Returns a subscription's attributes. A dynamic one is omitted if the event has no string, number or boolean there, or
 * one that is too long. Attributes with forbidden names are omitted, although the control plane refuses them already.
 *
 * @param write converts a value into its form in the protocol; by default that of an HTTP header
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

/**
 * Matches one step of a path: a name after a dot, a quoted name in brackets, which may contain dots, or an array index.
 */
const STEP = /\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]|([^.[\]]+)/g;

/** Parses a path such as `data.key1`, `$.data.key1`, `$.data['key.1']` or `data.lines[0].key1`. */
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

/** Returns a top-level field of an event by its name in any case: Azure offers `eventtype` and `dataversion`. */
function ignoringCase(body: Readonly<Record<string, JsonValue | undefined>>, name: string): JsonValue | undefined {
  const wanted = name.toLowerCase();
  const found = Object.keys(body).find((key) => key.toLowerCase() === wanted);
  return found === undefined ? undefined : body[found];
}
