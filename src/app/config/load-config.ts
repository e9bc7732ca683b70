import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { toError } from "../../core/errors.ts";
import { describeIssue } from "./describe-issue.ts";
import { nearestName } from "../../core/nearest-name.ts";
import { resolveReferences } from "./resolve-references.ts";
import { configSchema, type Config } from "./schema.ts";
import { isPath, PATH_SETTINGS } from "./settings-schema.ts";
import { SETTING_PATHS, type SettingPath } from "./setting-paths.ts";

/** The configuration file that is read unless the caller names another one. */
export const DEFAULT_CONFIG_FILE = "ringmain.config.json";

/** The origin of a setting's value. */
export type Origin = "flag" | "environment" | "file" | "default";

export interface LoadOptions {
  /** The configuration file. Unless set, the default file, which does not have to exist. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Values from the command line, by the setting's path, joined with dots. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Working folder: base of the default file, and of relative paths in flags and environment variables. */
  readonly folder: string;
}

/** A valid configuration, with its origin. */
export interface LoadedConfig {
  readonly config: Config;
  /** The origin of each setting, by the setting's path, joined with dots. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** The file that was read; `undefined` if there was none. */
  readonly file: string | undefined;
  /** Content of the file. */
  readonly text: string | undefined;
  /** Base of relative paths in the configuration. */
  readonly folder: string;
  /** Probable mistakes that do not make the configuration invalid, one line each. */
  readonly warnings: readonly string[];
}

export type LoadResult =
  | { readonly kind: "loaded"; readonly loaded: LoadedConfig }
  /** Problems of an invalid configuration, one line each. */
  | { readonly kind: "problems"; readonly problems: readonly string[] };

/** Reads and validates the configuration. Flags take precedence over environment variables, the file and defaults. */
export function loadConfig(options: LoadOptions): LoadResult {
  const read = readFile(options);
  if (read.kind === "problems") return read;
  const { values, file, text: content } = read;
  const problems: string[] = [];
  const origins = new Map<string, Origin>();
  for (const setting of SETTING_PATHS) {
    const name = setting.path.join(".");
    const text = options.environment[setting.variable];
    origins.set(name, has(values, setting.path) ? "file" : "default");
    if (text !== undefined && text !== "") {
      const value = parseVariable(setting, text);
      if (value === undefined) problems.push(`${setting.variable}: '${text}' is not a valid ${setting.kind}`);
      else set(values, setting.path, value);
      origins.set(name, "environment");
    }
    if (options.flags[name] !== undefined) {
      set(values, setting.path, options.flags[name]);
      origins.set(name, "flag");
    }
  }
  const folder = file === undefined ? options.folder : dirname(resolve(options.folder, file));
  resolvePaths(values, origins, { folder, workingFolder: options.folder });
  const parsed = configSchema.safeParse(values);
  if (!parsed.success) {
    const label = file === undefined ? "" : `${file}: `;
    for (const issue of parsed.error.issues) {
      for (const line of describeIssue(configSchema, values, issue)) problems.push(`${label}${line}`);
    }
  }
  if (problems.length > 0 || parsed.data === undefined) return { kind: "problems", problems };
  const warnings = unknownVariables(options.environment);
  const data = resolve(options.folder, parsed.data.data);
  const found = resolveReferences(parsed.data, options.environment);
  if (found.kind === "problems") return found;
  const { connections, clients, functionApps } = found;
  const config = { ...parsed.data, data, connections, clients, functionApps };
  return { kind: "loaded", loaded: { config, origins, file, text: content, folder, warnings } };
}

type Tree = Record<string, unknown>;
type FileResult =
  | {
      readonly kind: "read";
      readonly values: Tree;
      readonly file: string | undefined;
      readonly text: string | undefined;
    }
  | ProblemResult;
type ProblemResult = { readonly kind: "problems"; readonly problems: readonly string[] };

function readFile({ file, folder, environment }: LoadOptions): FileResult {
  const named = file ?? environment["RINGMAIN_CONFIG"];
  const name = named ?? DEFAULT_CONFIG_FILE;
  let text: string;
  try {
    text = readFileSync(resolve(folder, name), "utf8");
  } catch (thrown) {
    if (named === undefined) return { kind: "read", values: {}, file: undefined, text: undefined };
    return { kind: "problems", problems: [`${name}: cannot read the file: ${toError(thrown).message}`] };
  }
  try {
    const values: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    if (typeof values === "object" && values !== null && !Array.isArray(values)) {
      return { kind: "read", values: values as Tree, file: name, text };
    }
    return { kind: "problems", problems: [`${name}: must contain one JSON object`] };
  } catch (thrown) {
    return { kind: "problems", problems: [`${name}${position(text, toError(thrown).message)}: is not valid JSON`] };
  }
}

/** Returns `:line:column` of a JSON error; empty if the message contains no offset. */
function position(text: string, message: string): string {
  const offset = /position (\d+)/.exec(message)?.[1];
  if (offset === undefined) return "";
  const before = text.slice(0, Number(offset)).split("\n");
  return `:${before.length}:${(before.at(-1) ?? "").length + 1}`;
}

function parseVariable({ kind }: SettingPath, text: string): unknown {
  switch (kind) {
    case "string":
      return text;
    case "number":
      return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
    case "boolean":
      if (text === "true" || text === "1") return true;
      return text === "false" || text === "0" ? false : undefined;
    case "list":
      return text.split(",").map((part) => part.trim());
    default:
      return kind satisfies never;
  }
}

/**
 * Returns warnings about variables that look like a misspelled setting. Other RINGMAIN_ variables may be the user's
 * own.
 */
function unknownVariables(environment: LoadOptions["environment"]): string[] {
  const known = ["RINGMAIN_CONFIG", ...SETTING_PATHS.map(({ variable }) => variable)];
  return Object.keys(environment)
    .filter((name) => name.startsWith("RINGMAIN_") && !known.includes(name))
    .flatMap((name) => {
      const nearest = nearestName(
        name.slice(9),
        known.map((candidate) => candidate.slice(9)),
      );
      return nearest === undefined ? [] : [`${name} is not a known variable; did you mean RINGMAIN_${nearest}?`];
    });
}

/** Makes paths absolute. A path in the file is relative to the file, any other path to the working folder. */
function resolvePaths(
  values: Tree,
  origins: ReadonlyMap<string, Origin>,
  { folder, workingFolder }: { readonly folder: string; readonly workingFolder: string },
): void {
  for (const name of PATH_SETTINGS) {
    const path = name.split(".");
    const value = get(values, path);
    // A hyphen is standard output. The schema reports a value that is not a path.
    if (typeof value !== "string" || value === "-" || !isPath(value)) continue;
    set(values, path, resolve(origins.get(name) === "file" ? folder : workingFolder, value));
  }
}

function has(tree: Tree, path: readonly string[]): boolean {
  return get(tree, path) !== undefined;
}

function get(tree: Tree, path: readonly string[]): unknown {
  let current: unknown = tree;
  for (const part of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Tree)[part];
  }
  return current;
}

function set(tree: Tree, path: readonly string[], value: unknown): void {
  let current = tree;
  for (const part of path.slice(0, -1)) {
    const next = current[part];
    current = typeof next === "object" && next !== null ? (next as Tree) : (current[part] = {} as Tree);
  }
  current[path.at(-1) ?? ""] = value;
}
