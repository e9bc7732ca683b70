import { invalid, isGiven, outside, type ResourceProblem } from "../rules/problem.ts";
import { RINGMAIN_KIND, type DestinationKind } from "./destination-kind.ts";

export interface FileProperties {
  /** Relative to the data folder unless absolute. */
  readonly path: string;
  /** Beyond it the file becomes `{path}.1` and a new one begins; unset means 100. */
  readonly maxFileMegabytes?: number;
}

const MAX_FILE_MEGABYTES = 10_000;

/** A file of JSON lines. Source: [EG-FILE] */
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
  // One append to the file, and one flush of it.
  fixedBatching: { maxEvents: 100, preferredBytes: 1_000_000 },
  rules: (properties, { field, declared }) => fileRules(properties, declared, field),
  endpoint: { words: "a file", read: (path) => ({ path }), shownBy: ["path"] },
};

/** A path is for the author of the configuration file, never for a caller of the server. */
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
