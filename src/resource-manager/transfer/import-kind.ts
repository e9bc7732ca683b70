import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { withNames } from "../with-names.ts";

/** What a file holds. */
export type ImportedFile =
  | { readonly kind: "template"; readonly template: JsonObject }
  /** Resources as `az` prints them. */
  | { readonly kind: "resources"; readonly resources: JsonArray }
  | { readonly kind: "config" };

const NAMES = ["$schema", "contentVersion", "resources", "id", "value"];

/** Tells a template, printed resources and a configuration apart by what only the one has. */
export function importedFile(content: JsonValue): ImportedFile | undefined {
  if (Array.isArray(content)) return { kind: "resources", resources: content as JsonArray };
  if (!isJsonObject(content)) return undefined;
  const { $schema, contentVersion, resources, id, value } = withNames(content, NAMES);
  const isTemplate =
    typeof contentVersion === "string" || /deploymentTemplate\.json/i.test(JSON.stringify($schema ?? ""));
  if (isTemplate && resources !== undefined) return { kind: "template", template: content };
  if (typeof id === "string") return { kind: "resources", resources: [content] };
  if (Array.isArray(value)) return { kind: "resources", resources: value as JsonArray };
  return { kind: "config" };
}
