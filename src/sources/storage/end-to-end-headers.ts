/** Headers that speak of one connection only. */
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
/** Never dropped, whatever a `Connection` header says: without them a message is another message. */
const ESSENTIAL = new Set(["content-length", "host"]);

/**
 * Leaves out the headers that end at a proxy, and those that `Connection` declares so. All others keep their order,
 * their spelling and their number: signatures and the service's host check depend on it.
 * Source: [EG-STORAGE-PROXY]
 *
 * @param raw names and values in turn, as `rawHeaders` has them; so is the answer
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

/** Names and values in turn, as pairs. */
export function headerPairs(raw: readonly string[]): [string, string][] {
  return Array.from(pairs(raw), ([name, value]) => [name, value]);
}
