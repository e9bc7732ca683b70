import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RingmainError, toError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";

/** Environment variables of a process by name. */
export type Environment = Record<string, string | undefined>;

/**
 * Copies `Values` of `local.settings.json` into the environment, as Core Tools does. Variables that are set already
 * keep their values; their names are returned. Rejects with `invalid_request` if the file cannot be used.
 */
export async function applyLocalSettings(appFolder: string, environment: Environment): Promise<readonly string[]> {
  const file = join(appFolder, "local.settings.json");
  const settings = await readJsonFile(file);
  if (settings?.["IsEncrypted"] === true) {
    throw new RingmainError("invalid_request", `${file} is encrypted; run "func settings decrypt" first`);
  }
  const values = settings?.["Values"];
  if (!isJsonObject(values)) return [];
  const kept: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (environment[name] !== undefined) kept.push(name);
    else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      environment[name] = String(value);
    }
  }
  return kept;
}

/** Replaces each `%NAME%` by the app setting of that name. Throws `invalid_request` if a setting is missing. */
export function resolveSettings(text: string, environment: Environment): string {
  return text.replaceAll(/%([^%]+)%/g, (_, name: string) => {
    const value = environment[name];
    if (value === undefined) {
      throw new RingmainError("invalid_request", `"${text}" needs the app setting ${name}, which is not set`);
    }
    return value;
  });
}

/**
 * Reads a JSON object from a file. Resolves with `undefined` if the file does not exist. Rejects with
 * `invalid_request`, which names the file.
 */
export async function readJsonFile(file: string): Promise<JsonObject | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    // The file does not exist. Both files that are read here are optional.
    return undefined;
  }
  try {
    const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    if (isJsonObject(content)) return content;
    throw new Error("it is not a JSON object");
  } catch (thrown) {
    throw new RingmainError("invalid_request", `Cannot use ${file}: ${toError(thrown).message}`, { cause: thrown });
  }
}
