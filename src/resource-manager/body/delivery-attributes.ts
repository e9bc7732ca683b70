import type { JsonObject } from "../../core/json.ts";
import type { DeliveryAttributeMapping } from "../../core/resources/resources.ts";
import type { JsonReader } from "./json-reader.ts";

/** What is shown instead of a secret. [ARM-SECRET] */
export const HIDDEN = "Hidden";

/** Mappings as they are read: secret values are not. */
export function readMappings(mappings: readonly DeliveryAttributeMapping[] | undefined): readonly JsonObject[] | null {
  return (
    mappings?.map((mapping) => {
      const shown = showMapping(mapping);
      if (mapping.type !== "Static" || mapping.properties.isSecret !== true) return shown;
      return { ...shown, properties: { value: HIDDEN, isSecret: true } };
    }) ?? null
  );
}

/** A mapping with its value: for `getDeliveryAttributes` alone. */
export function showMapping({ name, type, properties }: DeliveryAttributeMapping): JsonObject {
  return { name, type, properties: { ...(type === "Static" ? { isSecret: false } : {}), ...properties } };
}

/** Mappings as a body gives them. A secret that comes back hidden, or not at all, stays what it was. */
export function writeMappings(
  destination: JsonReader,
  before: readonly DeliveryAttributeMapping[] | undefined,
): readonly DeliveryAttributeMapping[] | undefined {
  return destination.children("deliveryAttributeMappings")?.map((mapping): DeliveryAttributeMapping => {
    const name = mapping.text("name") ?? "";
    const type = mapping.oneOf("type", ["Static", "Dynamic"] as const) ?? "Static";
    const properties = mapping.child("properties");
    if (type === "Dynamic") return { name, type, properties: { sourceField: properties?.text("sourceField") ?? "" } };
    const isSecret = properties?.flag("isSecret") ?? false;
    const value = properties?.text("value");
    const kept = isSecret && (value === undefined || value === HIDDEN) ? secretOf(before, name) : undefined;
    return { name, type, properties: { value: kept ?? value ?? "", isSecret } };
  });
}

function secretOf(mappings: readonly DeliveryAttributeMapping[] | undefined, name: string): string | undefined {
  const known = mappings?.find((mapping) => mapping.name.toLowerCase() === name.toLowerCase());
  return known?.type === "Static" && known.properties.isSecret === true ? known.properties.value : undefined;
}
