import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { withNames } from "../../resource-manager/with-names.ts";
import { ExitError } from "../exit-error.ts";
import { readJson } from "../running-server.ts";

/**
 * The parameters of a deployment, `{name: {value}}`, from files and `name=value` as `az deployment` takes them; later
 * ones win. A value is JSON where it can be, else text.
 */
export function collectParameters(given: readonly string[]): JsonObject {
  return Object.assign({}, ...given.map(one)) as JsonObject;
}

function one(text: string): JsonObject {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return { [name]: { value: jsonOrText(value) } };
  const content = readJson(text.replace(/^@/, ""));
  const { parameters } = isJsonObject(content) ? withNames(content, ["parameters"]) : {};
  const inner = isJsonObject(parameters) ? parameters : content;
  if (isJsonObject(inner)) return inner;
  throw new ExitError(2, [`--parameters: ${text} must contain a JSON object with parameters.`]);
}

/** Text that reads as a number, a flag, an object or a list is one; a parameter of type string takes it in quotes. */
function jsonOrText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
