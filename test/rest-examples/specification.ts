import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** JSON of which nothing is known. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
/** An object of JSON. */
export interface JsonMap {
  readonly [name: string]: Json | undefined;
}

/** One example of the specification with the operation that it is of. */
export interface Example {
  /** The file's name without `.json`. */
  readonly name: string;
  /** As `Topics_CreateOrUpdate`; what is before the line is the group. */
  readonly operationId: string;
  readonly method: string;
  /** The path with its parameters filled in, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
  /** Statuses that the operation documents as success. */
  readonly statuses: readonly number[];
  /** Documented bodies by status; `undefined` where the answer has none. */
  readonly answers: ReadonlyMap<number, Json | undefined>;
}

/** Whether JSON is an object. */
export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that is an object; an empty one when it is not there. */
export function mapAt(map: JsonMap, name: string): JsonMap {
  const value = map[name];
  return isMap(value) ? value : {};
}

/** Whether JSON is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** All examples that the OpenAPI files below a folder name, ordered by name. Common types lie elsewhere: no examples. */
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
  const given = mapAt(example, "parameters");
  const declared = operation["parameters"];
  const parameters = await Promise.all(
    (isList(declared) ? declared : []).map((each) => dereference(file, document, isMap(each) ? each : {})),
  );
  const query = new URLSearchParams({ "api-version": text(given["api-version"]) });
  for (const { name, in: place } of parameters) {
    const value = given[text(name)];
    if (place === "query" && value !== undefined) query.set(text(name), text(value));
  }
  const bodyName = text(parameters.find(({ in: place }) => place === "body")?.["name"]);
  const answers = Object.entries(mapAt(example, "responses")).map(
    ([status, answer]) => [Number(status), isMap(answer) ? answer["body"] : undefined] as const,
  );
  return {
    name: target.replace(/^.*\//, "").replace(/\.json$/, ""),
    operationId: text(operation["operationId"]),
    method: method.toUpperCase(),
    path: template.replaceAll(/\{(\w+)\}/g, (_, name: string) => text(given[name])),
    query,
    body: given[bodyName],
    statuses: Object.keys(mapAt(operation, "responses")).map(Number).filter(Number.isInteger),
    answers: new Map(answers),
  };
}

/** A parameter as it is, or what it refers to, in this file or another one. */
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
