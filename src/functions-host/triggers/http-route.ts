import { foldCase } from "../../core/filter/fold-case.ts";
import { matchGaps } from "./match-gaps.ts";

/** The compiled route template of an HTTP function. */
export interface HttpRoute {
  /** The template as it appears in URLs, for example `api/products/{id?}`. */
  readonly template: string;
  /** Returns the decoded values of the route's parameters, or `undefined` if the path does not match. */
  match(path: string): Readonly<Record<string, string>> | undefined;
  /** Sort key, one digit for each segment. More specific routes sort first. */
  readonly rank: string;
  /** Constraints that this host does not check. */
  readonly unchecked: readonly string[];
}

/** Patterns of parameter values, by constraint. All of them match in linear time. */
const CONSTRAINTS: ReadonlyMap<string, RegExp> = new Map([
  ["int", /^-?\d+$/],
  ["long", /^-?\d+$/],
  ["decimal", /^-?\d+(?:\.\d+)?$/],
  ["double", /^-?\d+(?:\.\d+)?$/],
  ["float", /^-?\d+(?:\.\d+)?$/],
  ["bool", /^(?:true|false)$/i],
  ["alpha", /^[a-z]*$/i],
  ["guid", /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i],
]);

interface Parameter {
  readonly name: string;
  /** Pattern of the first known constraint. Without one, any value matches. */
  readonly form: RegExp | undefined;
  readonly optional: boolean;
  readonly catchAll: boolean;
  readonly fallback: string | undefined;
  readonly unchecked: readonly string[];
}

/** A segment of a template: fixed parts in upper case, separated by parameters. */
interface Segment {
  readonly fixed: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly rank: string;
  /** The catch-all parameter, if it is the whole segment. */
  readonly rest: Parameter | undefined;
  /** The optional parameter, if it is the whole segment. */
  readonly open: Parameter | undefined;
}

/** A parameter and its value. */
type Bound = readonly [parameter: Parameter, value: string | undefined];

/**
 * Compiles a route template. Supports literals, `{name}`, `{name?}`, `{name=default}`, `{*rest}` and `{name:int}`,
 * also several of them in one segment. Ignores case. Matches in linear time. [EG-FUNC-HTTP-ROUTE]
 */
export function compileRoute(template: string): HttpRoute {
  const segments: Segment[] = [];
  for (const text of template.split("/").filter((part) => part !== "")) {
    const before = segments.reduce((sum, { parameters }) => sum + parameters.length, 0);
    segments.push(compileSegment(text, before));
  }
  return {
    template,
    rank: segments.map(({ rank }) => rank).join(""),
    unchecked: segments.flatMap(({ parameters }) => parameters.flatMap(({ unchecked }) => unchecked)),
    match: (path) => {
      const values = matchSegments(segments, path);
      return values && Object.fromEntries(values.flatMap(shown));
    },
  };
}

function compileSegment(text: string, before: number): Segment {
  const parts = text.split(/(\{[^}]*\})/);
  const parameters = parts.filter((_, at) => at % 2 === 1).map((part, at) => parseParameter(part, before + at));
  const fixed = parts.filter((_, at) => at % 2 === 0).map(foldCase);
  const [only] = parameters;
  if (only === undefined || parameters.length > 1 || fixed.some((part) => part !== "")) {
    return { fixed, parameters, rank: only === undefined ? "0" : "1", rest: undefined, open: undefined };
  }
  const rank = only.catchAll ? "4" : only.form === undefined ? "3" : "2";
  const mayBeMissing = only.optional || only.fallback !== undefined;
  return {
    fixed,
    parameters,
    rank,
    rest: only.catchAll ? only : undefined,
    open: mayBeMissing ? only : undefined,
  };
}

function matchSegments(segments: readonly Segment[], path: string): readonly Bound[] | undefined {
  const [before, ...sent] = path.split("/");
  if (before !== "") return undefined;
  /** Number of segments. A trailing slash does not begin another one. */
  const length = sent.at(-1) === "" ? sent.length - 1 : sent.length;
  const values: Bound[] = [];
  let at = 0;
  for (const segment of segments) {
    const text = at < length ? sent[at] : undefined;
    if (segment.rest !== undefined) {
      values.push([segment.rest, sent.slice(at).join("/")]);
      at = length;
    } else if (text !== undefined) {
      const found = matchSegment(segment, text);
      if (found === undefined) return undefined;
      values.push(...found);
      at += 1;
    } else if (segment.open === undefined) return undefined;
    else values.push([segment.open, undefined]);
  }
  return at === length ? values : undefined;
}

/** Like ASP.NET, finds the parameters by the fixed parts first, then checks their constraints. */
function matchSegment({ fixed, parameters }: Segment, text: string): readonly Bound[] | undefined {
  const found = matchGaps(foldCase(text), fixed, 1);
  if (found === undefined) return undefined;
  const values: Bound[] = [];
  let at = 0;
  for (const [index, parameter] of parameters.entries()) {
    at += fixed[index]?.length ?? 0;
    const end = at + (found[index]?.length ?? 0);
    const value = text.slice(at, end);
    if (parameter.form?.test(value) === false) return undefined;
    values.push([parameter, value]);
    at = end;
  }
  return values;
}

function shown([{ name, fallback }, sent]: Bound): readonly (readonly [string, string])[] {
  const value = sent ?? fallback;
  return value === undefined || value === "" ? [] : [[name, decoded(value)]];
}

function parseParameter(text: string, index: number): Parameter {
  const inner = text.slice(1, -1);
  const catchAll = inner.startsWith("*");
  const [declared = "", fallback] = inner.replace(/^\*{1,2}/, "").split("=", 2);
  const optional = declared.endsWith("?");
  const [name = "", ...constraints] = (optional ? declared.slice(0, -1) : declared).split(":");
  const known = constraints.map((constraint) => CONSTRAINTS.get(constraint.toLowerCase()));
  return {
    name: name === "" ? `parameter${index}` : name,
    form: known.find((form) => form !== undefined),
    optional,
    catchAll,
    fallback,
    unchecked: constraints.filter((_, at) => known[at] === undefined),
  };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // Keeps the text: it has a lone percent sign.
    return value;
  }
}
