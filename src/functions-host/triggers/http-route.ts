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

/** Patterns of parameter values, by constraint. */
const CONSTRAINTS: Readonly<Record<string, string>> = {
  int: String.raw`-?\d+`,
  long: String.raw`-?\d+`,
  decimal: String.raw`-?\d+(?:\.\d+)?`,
  double: String.raw`-?\d+(?:\.\d+)?`,
  float: String.raw`-?\d+(?:\.\d+)?`,
  bool: "true|false",
  alpha: "[a-z]*",
  guid: "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
};

interface Parameter {
  readonly name: string;
  readonly pattern: string;
  readonly optional: boolean;
  readonly catchAll: boolean;
  readonly fallback: string | undefined;
  readonly unchecked: readonly string[];
}

/**
 * Compiles a route template. Supports literals, `{name}`, `{name?}`, `{name=default}`, `{*rest}` and `{name:int}`,
 * also several of them in one segment. Ignores case. [EG-FUNC-HTTP-ROUTE]
 */
export function compileRoute(template: string): HttpRoute {
  const parameters: Parameter[] = [];
  let source = "";
  let rank = "";
  for (const segment of template.split("/").filter((part) => part !== "")) {
    const compiled = compileSegment(segment, parameters.length);
    parameters.push(...compiled.parameters);
    source += compiled.source;
    rank += compiled.rank;
  }
  const expression = new RegExp(`^${source}/?$`, "i");
  return {
    template,
    rank,
    unchecked: parameters.flatMap(({ unchecked }) => unchecked),
    match: (path) => {
      const found = expression.exec(path);
      if (found === null) return undefined;
      const values = parameters.flatMap(({ name, fallback }, at) => {
        const value = found[at + 1] ?? fallback;
        return value === undefined || value === "" ? [] : [[name, decoded(value)] as const];
      });
      return Object.fromEntries(values);
    },
  };
}

function compileSegment(segment: string, before: number): { source: string; rank: string; parameters: Parameter[] } {
  const parts = segment.split(/(\{[^}]*\})/).filter((part) => part !== "");
  const parameters = parts.filter((part) => part.startsWith("{")).map((part, at) => parseParameter(part, before + at));
  const [only] = parameters;
  if (parts.length === 1 && only !== undefined) {
    if (only.catchAll) return { source: `(?:/(.*))?`, rank: "4", parameters };
    const group = `/(${only.pattern})`;
    const open = only.optional || only.fallback !== undefined;
    return { source: open ? `(?:${group})?` : group, rank: only.pattern === ANY ? "3" : "2", parameters };
  }
  let at = 0;
  const source = parts
    .map((part) => {
      if (!part.startsWith("{")) return part.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
      const parameter = parameters[at];
      at += 1;
      return `(${parameter?.pattern ?? ANY})`;
    })
    .join("");
  return { source: `/${source}`, rank: parameters.length === 0 ? "0" : "1", parameters };
}

const ANY = "[^/]+";

function parseParameter(text: string, index: number): Parameter {
  const inner = text.slice(1, -1);
  const catchAll = inner.startsWith("*");
  const [declared = "", fallback] = inner.replace(/^\*{1,2}/, "").split("=", 2);
  const optional = declared.endsWith("?");
  const [name = "", ...constraints] = (optional ? declared.slice(0, -1) : declared).split(":");
  const known = constraints.map((constraint) => CONSTRAINTS[constraint.toLowerCase()]);
  return {
    name: name === "" ? `parameter${index}` : name,
    pattern: known.find((pattern) => pattern !== undefined) ?? ANY,
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
