/** Returns whether a path contains glob characters. */
export function isGlob(path: string): boolean {
  return /[*?[\]{}]/.test(path);
}

/** Returns the folder that contains every match of a glob: the segments before the first one with a glob character. */
export function globBase(glob: string): string {
  const segments = glob.split("/");
  const first = segments.findIndex(isGlob);
  return segments.slice(0, first === -1 ? -1 : first).join("/");
}

/**
 * Returns a test for `/`-separated paths. Supports `*`, `?`, `**` as a whole segment, `[abc]`, `[!abc]` and `{one,two}`,
 * which may be nested. As in a shell, a wildcard does not match a leading dot. The test follows all possible matches at the
 * same time, so its time is proportional to the length of the path times the length of the glob.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const start = new GlobCompiler(glob).compile();
  return (path) => {
    let states: ReadonlySet<State> = reached([start], path[0]);
    for (let at = 0; at < path.length && states.size > 0; at += 1) {
      const char = path.charAt(at);
      const next: State[] = [];
      for (const state of states) if (state.kind === "char" && state.test(char)) next.push(state.next);
      states = reached(next, path[at + 1]);
    }
    return states.has(MATCHED);
  };
}

/** A position in a glob and the characters that may follow. */
type State =
  | { readonly kind: "matched" }
  | { readonly kind: "char"; readonly test: (char: string) => boolean; readonly next: State }
  /** Continues if the next character is not a dot. */
  | { readonly kind: "no-dot"; readonly next: State }
  /** Continues at the end of the path only. */
  | { readonly kind: "end"; readonly next: State }
  | { readonly kind: "either"; readonly ways: State[] };

const MATCHED: State = { kind: "matched" };

/** Returns the states that can be reached without reading a character. `following` is the next character. */
function reached(from: readonly State[], following: string | undefined): ReadonlySet<State> {
  const states = new Set<State>();
  const pending = [...from];
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    if (states.has(state)) continue;
    states.add(state);
    if (state.kind === "either") pending.push(...state.ways);
    else if (state.kind === "no-dot" && following !== ".") pending.push(state.next);
    else if (state.kind === "end" && following === undefined) pending.push(state.next);
  }
  return states;
}

/** Creates the states of a part of a glob. `next` is the state after the part. */
type Build = (next: State) => State;

class GlobCompiler {
  readonly #glob: string;
  #at = 0;

  constructor(glob: string) {
    this.#glob = glob;
  }

  compile(): State {
    return this.#sequence(0)(MATCHED);
  }

  /** @param depth number of enclosing braces; inside braces, a comma or a closing brace ends the sequence */
  #sequence(depth: number): Build {
    const builds: Build[] = [];
    while (this.#at < this.#glob.length) {
      const char = this.#glob.charAt(this.#at);
      if (depth > 0 && (char === "," || char === "}")) break;
      builds.push(this.#token(char, depth));
    }
    return (next) => builds.reduceRight((after, build) => build(after), next);
  }

  #token(char: string, depth: number): Build {
    const glob = this.#glob;
    const at = this.#at;
    const atStart = at === 0 || glob.charAt(at - 1) === "/";
    this.#at += 1;
    if (atStart && glob.startsWith("**/", at)) {
      this.#at = at + 3;
      return (next) => folders(next, (again) => one("/", again));
    }
    if (atStart && glob.startsWith("**", at) && at + 2 === glob.length) {
      this.#at = at + 2;
      return (next) =>
        folders(next, (again) => ({ kind: "either", ways: [one("/", again), { kind: "end", next: again }] }));
    }
    if (char === "*") return (next) => withoutDot(atStart, repeated(next));
    if (char === "?") return (next) => withoutDot(atStart, { kind: "char", test: isInName, next });
    if (char === "[" && glob.includes("]", at + 2)) {
      const end = glob.indexOf("]", at + 2);
      this.#at = end + 1;
      const pattern = new RegExp(characterClass(glob.slice(at + 1, end)));
      return (next) => ({ kind: "char", test: (each) => pattern.test(each), next });
    }
    if (char === "{") return this.#alternatives(depth + 1);
    return (next) => one(char, next);
  }

  /** Reads the alternatives after an opening brace. A missing closing brace is assumed at the end of the glob. */
  #alternatives(depth: number): Build {
    const ways = [this.#sequence(depth)];
    while (this.#glob.charAt(this.#at) === ",") {
      this.#at += 1;
      ways.push(this.#sequence(depth));
    }
    this.#at += 1;
    return (next) => ({ kind: "either", ways: ways.map((way) => way(next)) });
  }
}

function isInName(char: string): boolean {
  return char !== "/";
}

function one(wanted: string, next: State): State {
  return { kind: "char", test: (char) => char === wanted, next };
}

function withoutDot(applies: boolean, next: State): State {
  return applies ? { kind: "no-dot", next } : next;
}

/** Returns the state for any number of characters other than `/`. */
function repeated(next: State): State {
  const ways: State[] = [next];
  const loop: State = { kind: "either", ways };
  ways.push({ kind: "char", test: isInName, next: loop });
  return loop;
}

/** Returns the state for any number of whole segments that do not begin with a dot, each followed by `end`. */
function folders(next: State, end: Build): State {
  const ways: State[] = [next];
  const loop: State = { kind: "either", ways };
  ways.push({ kind: "no-dot", next: { kind: "char", test: isInName, next: repeated(end(loop)) } });
  return loop;
}

function characterClass(content: string): string {
  const negated = content.startsWith("!") || content.startsWith("^");
  const members = (negated ? content.slice(1) : content).replaceAll(/[\\\]^[]/g, String.raw`\$&`);
  return negated ? `[^/${members}]` : `[${members}]`;
}
