import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { withNames } from "../../resource-manager/with-names.ts";
import { ExitError } from "../exit-error.ts";
import { readJson } from "../running-server.ts";

/**
 * Returns the parameters of a deployment as `{name: {value}}`. `args` are files or `name=value`, as in `az deployment`; a
 * later one overrides earlier ones. A value that is valid JSON is parsed, any other value is text.
 */
export function collectParameters(args: readonly string[]): JsonObject {
  return Object.assign({}, ...args.map(parseParameters)) as JsonObject;
}

function parseParameters(text: string): JsonObject {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return { [name]: { value: jsonOrText(value) } };
  const content = readJson(text.replace(/^@/, ""));
  const { parameters } = isJsonObject(content) ? withNames(content, ["parameters"]) : {};
  const inner = isJsonObject(parameters) ? parameters : content;
  if (isJsonObject(inner)) return inner;
  throw new ExitError(2, [`--parameters: ${text} must contain a JSON object with parameters.`]);
}

/** Parses text as JSON if it is valid. For a string parameter, text such as `12` or `true` must be in double quotes. */
function jsonOrText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
