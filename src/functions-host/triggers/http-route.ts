/** The template of an HTTP function's route, compiled. */
export interface HttpRoute {
  /** As it appears in addresses, for example `api/products/{id?}`. */
  readonly template: string;
  /** The values of the route's parameters, decoded; nothing when the path does not fit. */
  match(path: string): Readonly<Record<string, string>> | undefined;
  /** Sorts before routes that match more: one digit per segment. */
  readonly rank: string;
  /** Constraints that are not checked. */
  readonly unchecked: readonly string[];
}

/** What a parameter's value must look like, by constraint. */
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
 * Compiles a route template: literals, `{name}`, `{name?}`, `{name=default}`, `{*rest}` and `{name:int}`, several in one
 * segment too. Letters' case does not matter. [EG-FUNC-HTTP-ROUTE]
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
    // A lone percent sign is itself.
    return value;
  }
}
