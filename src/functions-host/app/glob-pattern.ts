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
 * Converts a glob over `/`-separated paths into a regular expression. Supports `*`, `?`, `**` as a whole segment,
 * `[abc]`, `[!abc]` and `{one,two}`, which may be nested. As in a shell, a wildcard does not match a leading dot.
 */
export function globToRegExp(glob: string): RegExp {
  let source = "";
  let depth = 0;
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob.charAt(at);
    const atStart = at === 0 || glob.charAt(at - 1) === "/";
    const noDot = atStart ? String.raw`(?!\.)` : "";
    if (glob.startsWith("**/", at) && atStart) {
      source += String.raw`(?:(?!\.)[^/]+/)*`;
      at += 2;
    } else if (glob.startsWith("**", at) && atStart && at + 2 === glob.length) {
      source += String.raw`(?:(?!\.)[^/]+(?:/|$))*`;
      at += 1;
    } else if (char === "*") source += `${noDot}[^/]*`;
    else if (char === "?") source += `${noDot}[^/]`;
    else if (char === "[" && glob.includes("]", at + 2)) {
      const end = glob.indexOf("]", at + 2);
      source += characterClass(glob.slice(at + 1, end));
      at = end;
    } else if (char === "{") {
      depth += 1;
      source += "(?:";
    } else if (char === "}" && depth > 0) {
      depth -= 1;
      source += ")";
    } else if (char === "," && depth > 0) source += "|";
    else source += char.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  }
  return new RegExp(`^${source}${")".repeat(depth)}$`);
}

function characterClass(content: string): string {
  const negated = content.startsWith("!") || content.startsWith("^");
  const members = (negated ? content.slice(1) : content).replaceAll(/[\\\]^[]/g, String.raw`\$&`);
  return negated ? `[^/${members}]` : `[${members}]`;
}
