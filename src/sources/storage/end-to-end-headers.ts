/** Headers that apply to one connection only. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);
/** Headers that are always kept, even if a `Connection` header names them: they define the message. */
const ESSENTIAL = new Set(["content-length", "host"]);

/**
 * Removes the headers that end at a proxy, and those that `Connection` names. All others keep their order, spelling
 * and number: signatures and the service's host check depend on it.
 * Source: [EG-STORAGE-PROXY]
 *
 * @param raw alternating names and values, as in `rawHeaders`. The result has the same form.
 */
export function endToEndHeaders(raw: readonly string[]): string[] {
  const dropped = new Set(HOP_BY_HOP);
  for (const [name, value] of pairs(raw)) {
    if (name.toLowerCase() !== "connection") continue;
    for (const named of value.split(",")) dropped.add(named.trim().toLowerCase());
  }
  const kept: string[] = [];
  for (const [name, value] of pairs(raw)) {
    const lower = name.toLowerCase();
    if (!dropped.has(lower) || ESSENTIAL.has(lower)) kept.push(name, value);
  }
  return kept;
}

function* pairs(raw: readonly string[]): Generator<readonly [string, string]> {
  for (let index = 0; index + 1 < raw.length; index += 2) yield [raw[index] ?? "", raw[index + 1] ?? ""];
}

/** Converts alternating names and values to pairs. */
export function headerPairs(raw: readonly string[]): [string, string][] {
  return Array.from(pairs(raw), ([name, value]) => [name, value]);
}
