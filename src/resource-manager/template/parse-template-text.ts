import JSON5 from "json5";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { TemplateError } from "./template-error.ts";

/**
 * Reads what clients send as a deployment or keep in a template file: JSON with comments, trailing commas, unquoted
 * member names and line breaks within strings. `az` sends such a body, with the template file's own text in it.
 * Throws `InvalidRequestContent` for anything else.
 *
 * Source: [ARM-TEMPLATE-TEXT]
 */
export function parseTemplateText(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON5.parse(escapeLineBreaks(text));
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message.replace(/^JSON5: /, "") : "";
    throw new TemplateError(
      "InvalidRequestContent",
      `The request content was invalid and could not be deserialized: '${detail}'.`,
      { cause: thrown },
    );
  }
  if (isJsonObject(value)) return value;
  throw new TemplateError(
    "InvalidRequestContent",
    "The request content was invalid and could not be deserialized: 'The content must be a JSON object.'.",
  );
}

/** One comment or one string, whichever comes first: a quote within a comment opens nothing. */
const COMMENT_OR_STRING = /\/\/[^\n]*|\/\*[^]*?\*\/|"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'/g;

/** Within strings, a line break becomes its escape: templates may hold them, JSON5 does not. */
function escapeLineBreaks(text: string): string {
  return text.replaceAll(COMMENT_OR_STRING, (part) =>
    part.startsWith("/") ? part : part.replaceAll("\r", String.raw`\r`).replaceAll("\n", String.raw`\n`),
  );
}
