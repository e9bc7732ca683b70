import type { Budget } from "../../core/budget.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { parseRelaxedJson, RelaxedJsonError } from "../../core/relaxed-json.ts";
import { TemplateError } from "./template-error.ts";

/**
 * Parses the text of a deployment's body or a template file: JSON with comments, trailing commas, unquoted member names
 * and line breaks in strings. `az` sends such a body, because it copies the text of the template file. Throws
 * `InvalidRequestContent` for other texts.
 *
 * Source: [ARM-TEMPLATE-TEXT]
 */
export function parseTemplateText(text: string, budget: Budget): JsonObject {
  const value = parse(text, budget);
  if (isJsonObject(value)) return value;
  throw notDeserialized("The content must be a JSON object.");
}

function parse(text: string, budget: Budget): unknown {
  try {
    return parseRelaxedJson(text, budget);
  } catch (thrown) {
    if (thrown instanceof RelaxedJsonError) throw notDeserialized(thrown.message);
    throw thrown;
  }
}

function notDeserialized(detail: string): TemplateError {
  return new TemplateError(
    "InvalidRequestContent",
    `The request content was invalid and could not be deserialized: '${detail}'.`,
  );
}
