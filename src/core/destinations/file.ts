import { invalid, isGiven, outside, type ResourceProblem } from "../rules/problem.ts";
import { RINGMAIN_KIND, type DestinationKind } from "./destination-kind.ts";

/** Properties of a file destination. */
export interface FileProperties {
  /** Path of the file, absolute or relative to the data folder. */
  readonly path: string;
  /** Maximum size. A larger file is renamed to `{path}.1`, and a new one begins. Default: 100. */
  readonly maxFileMegabytes?: number;
}

const MAX_FILE_MEGABYTES = 10_000;

/** Destination: a file of JSON lines. Source: [EG-FILE] */
export const FILE: DestinationKind<FileProperties> = {
  ...RINGMAIN_KIND,
  called: "a file of JSON lines",
  properties: {
    path: { form: "text", required: true, description: "Path, relative to this file unless absolute." },
    maxFileMegabytes: {
      form: "number",
      description: "Maximum size of the file. A full file is renamed to '{path}.1'. Unless set, 100.",
    },
  },
  // A batch is one append to the file and one flush.
  fixedBatching: { maxEvents: 100, preferredBytes: 1_000_000 },
  rules: (properties, { field, declared }) => fileRules(properties, declared, field),
  endpoint: { words: "a file", read: (path) => ({ path }), shownBy: ["path"] },
};

/**
 * Returns a problem unless the configuration file declares the destination: callers of the server must not choose
 * paths.
 */
function fileRules(
  { path, maxFileMegabytes: megabytes }: FileProperties,
  declared: boolean,
  field: string,
): readonly ResourceProblem[] {
  const problems: ResourceProblem[] = [];
  if (!declared) {
    const message = "Destinations of type File are declared in the configuration file only.";
    problems.push(invalid("properties.destination.endpointType", message));
  }
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    problems.push(invalid(`${field}.path`, "A file needs a path."));
  }
  if (!isGiven(megabytes)) return problems;
  return [...problems, ...outside(`${field}.maxFileMegabytes`, megabytes, 1, MAX_FILE_MEGABYTES)];
}
