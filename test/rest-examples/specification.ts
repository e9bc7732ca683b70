import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
/** A JSON object. */
export interface JsonMap {
  readonly [name: string]: Json | undefined;
}

/** An example of the specification, with its operation. */
export interface Example {
  /** Name of the file without `.json`. */
  readonly name: string;
  /** For example `Topics_CreateOrUpdate`. The part before the underscore is the group. */
  readonly operationId: string;
  readonly method: string;
  /** The path with its parameters filled in, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
  /** Statuses that the operation documents as success. */
  readonly statuses: readonly number[];
  /** Documented bodies by status; `undefined` if the response has none. */
  readonly responses: ReadonlyMap<number, Json | undefined>;
}

/** Returns whether JSON is an object. */
export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns a member that is an object, or an empty object if there is none. */
export function mapAt(map: JsonMap, name: string): JsonMap {
  const value = map[name];
  return isMap(value) ? value : {};
}

/** Returns whether JSON is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * Reads all examples that the OpenAPI files in a folder refer to, sorted by name. Skips common types, which have none.
 */
export async function readExamples(folder: string): Promise<Example[]> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith(".json") && !name.includes("examples"));
  const found = await Promise.all(files.map((name) => examplesOf(join(folder, name))));
  return found.flat().toSorted((one, other) => one.name.localeCompare(other.name));
}

async function examplesOf(file: string): Promise<Example[]> {
  const document = await readMap(file);
  const examples: Promise<Example>[] = [];
  for (const [path, methods] of Object.entries(mapAt(document, "paths"))) {
    for (const [method, operation] of Object.entries(isMap(methods) ? methods : {})) {
      if (!isMap(operation)) continue;
      for (const reference of Object.values(mapAt(operation, "x-ms-examples"))) {
        const target = isMap(reference) ? reference["$ref"] : undefined;
        if (typeof target === "string") examples.push(readExample(file, document, operation, method, path, target));
      }
    }
  }
  return Promise.all(examples);
}

async function readExample(
  file: string,
  document: JsonMap,
  operation: JsonMap,
  method: string,
  template: string,
  target: string,
): Promise<Example> {
  const example = await readMap(resolve(dirname(file), target));
  const values = mapAt(example, "parameters");
  const declared = operation["parameters"];
  const parameters = await Promise.all(
    (isList(declared) ? declared : []).map((each) => dereference(file, document, isMap(each) ? each : {})),
  );
  const query = new URLSearchParams({ "api-version": text(values["api-version"]) });
  for (const { name, in: place } of parameters) {
    const value = values[text(name)];
    if (place === "query" && value !== undefined) query.set(text(name), text(value));
  }
  const bodyName = text(parameters.find(({ in: place }) => place === "body")?.["name"]);
  const responses = Object.entries(mapAt(example, "responses")).map(
    ([status, answer]) => [Number(status), isMap(answer) ? answer["body"] : undefined] as const,
  );
  return {
    name: target.replace(/^.*\//, "").replace(/\.json$/, ""),
    operationId: text(operation["operationId"]),
    method: method.toUpperCase(),
    path: template.replaceAll(/\{(\w+)\}/g, (_, name: string) => text(values[name])),
    query,
    body: values[bodyName],
    statuses: Object.keys(mapAt(operation, "responses")).map(Number).filter(Number.isInteger),
    responses: new Map(responses),
  };
}

/** Returns a parameter, after resolving a reference in this file or to another one. */
async function dereference(file: string, document: JsonMap, parameter: JsonMap): Promise<JsonMap> {
  const reference = parameter["$ref"];
  if (typeof reference !== "string") return parameter;
  const [path = "", pointer = ""] = reference.split("#");
  const from = path === "" ? document : await readMap(resolve(dirname(file), path));
  return pointer.split("/").slice(1).reduce(mapAt, from);
}

async function readMap(file: string): Promise<JsonMap> {
  const value = JSON.parse((await readFile(file, "utf8")).replace(/^\uFEFF/, "")) as Json;
  if (!isMap(value)) throw new Error(`${file} holds no object`);
  return value;
}

function text(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
