import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { withNames } from "../with-names.ts";

/** Content of a file to import. */
export type ImportedFile =
  | { readonly kind: "template"; readonly template: JsonObject }
  /** Resources in the output of `az`. */
  | { readonly kind: "resources"; readonly resources: JsonArray }
  | { readonly kind: "config" };

const NAMES = ["$schema", "contentVersion", "resources", "id", "value"];

/** Returns the kind of a file's content, recognized by members that only this kind has; `undefined` for no kind. */
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
