import type { JsonObject } from "../../core/json.ts";
import type { DeliveryAttributeMapping } from "../../core/destinations/destination-property.ts";
import { flag, json, arrayOf, object, oneOf, secret, text, type Member } from "./members.ts";

/** The text shown in place of a secret. [ARM-SECRET] */
export const HIDDEN = "Hidden";

/** A mapping in a body: the value of a secret may be missing. */
export type SentMapping =
  | {
      readonly name: string;
      readonly type: "Static";
      readonly properties: { readonly value?: string; readonly isSecret: boolean };
    }
  | Extract<DeliveryAttributeMapping, { readonly type: "Dynamic" }>;

const MAPPING = object({ name: text, type: oneOf(["Static", "Dynamic"]), properties: json });
const STATIC = object({ value: secret, isSecret: flag });
const DYNAMIC = object({ sourceField: text });

const SENT_MAPPING: Member<SentMapping> = {
  read(value, at, notes) {
    const { name = "", type = "Static", properties: sent = {} } = MAPPING.read(value, at, notes);
    const path = `${at}.properties`;
    if (type === "Dynamic") return { name, type, properties: { sourceField: "", ...DYNAMIC.read(sent, path, notes) } };
    return { name, type, properties: { isSecret: false, ...STATIC.read(sent, path, notes) } };
  },
};

/** The member `deliveryAttributeMappings` of a destination. */
export const MAPPINGS: Member<readonly SentMapping[]> = arrayOf(SENT_MAPPING);

/** Returns mappings as clients see them, with secret values hidden. */
export function readMappings(mappings: readonly DeliveryAttributeMapping[] | undefined): readonly JsonObject[] | null {
  return (
    mappings?.map((mapping) => {
      const shown = showMapping(mapping);
      if (mapping.type !== "Static" || mapping.properties.isSecret !== true) return shown;
      return { ...shown, properties: { value: HIDDEN, isSecret: true } };
    }) ?? null
  );
}

/** Returns a mapping with its value, even a secret one: for `getDeliveryAttributes` only. */
export function showMapping({ name, type, properties }: DeliveryAttributeMapping): JsonObject {
  return { name, type, properties: { ...(type === "Static" ? { isSecret: false } : {}), ...properties } };
}

/** Returns the mappings that a body describes. A secret that is hidden or missing keeps its stored value. */
export function writeMappings(
  sent: readonly SentMapping[] | undefined,
  before: readonly DeliveryAttributeMapping[] | undefined,
): readonly DeliveryAttributeMapping[] | undefined {
  return sent?.map((mapping): DeliveryAttributeMapping => {
    if (mapping.type === "Dynamic") return mapping;
    const { name, type, properties } = mapping;
    const { value, isSecret } = properties;
    const kept = isSecret && (value === undefined || value === HIDDEN) ? secretOf(before, name) : undefined;
    return { name, type, properties: { value: kept ?? value ?? "", isSecret } };
  });
}

function secretOf(mappings: readonly DeliveryAttributeMapping[] | undefined, name: string): string | undefined {
  const known = mappings?.find((mapping) => mapping.name.toLowerCase() === name.toLowerCase());
  return known?.type === "Static" && known.properties.isSecret === true ? known.properties.value : undefined;
}
