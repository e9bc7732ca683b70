import { isIP } from "node:net";
import { matchGaps } from "./match-gaps.ts";

/** Location of a blob in its account. */
export interface BlobLocation {
  readonly container: string;
  /** The decoded name, which may contain slashes. */
  readonly blob: string;
}

/** Ports of storage emulators. In their addresses the first segment is the account, whatever the host name. */
const EMULATOR_PORTS = new Set([
  "10000",
  "10001",
  "10002",
  "10003",
  "10004",
  "10100",
  "10101",
  "10102",
  "10103",
  "10104",
]);

/**
 * Parses a blob's URL as Azure's clients do: the container is the first segment, or the second if the host is an IP
 * address, `localhost` or has an emulator's port. Returns `undefined` if the URL names no blob.
 */
export function parseBlobUrl(text: string): BlobLocation | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const segments = url.pathname.slice(1).split("/");
  const inPathForm = isIP(url.hostname) !== 0 || url.hostname === "localhost" || EMULATOR_PORTS.has(url.port);
  const [container, ...blob] = inPathForm ? segments.slice(1) : segments;
  if (container === undefined || container === "") return undefined;
  // Blobs of the root container are addressed without it.
  const names = blob.length === 0 ? { container: "$root", blob: container } : { container, blob: blob.join("/") };
  try {
    return { container: decodeURIComponent(names.container), blob: decodeURIComponent(names.blob) };
  } catch {
    // A lone percent sign. No client writes such a URL.
    return undefined;
  }
}

/**
 * Returns the values of the names in a trigger path, for example `{name}` of `images/{name}.png`, for a blob.
 * Returns `undefined` if the blob does not match the path. A name matches as much as possible, including slashes.
 * [EG-FUNC-BLOB-METADATA]
 */
export function matchBlobPath(path: string, address: BlobLocation): Readonly<Record<string, string>> | undefined {
  const whole = path.replace(/^\//, "");
  const pattern = whole.includes("/") ? whole : `${whole}/{}`;
  const parts = pattern.split(/(\{[^}]*\})/);
  const names = parts.filter((_, at) => at % 2 === 1).map((part) => part.slice(1, -1));
  const fixed = parts.filter((_, at) => at % 2 === 0);
  const values = matchGaps(`${address.container}/${address.blob}`, fixed, 0);
  if (values === undefined) return undefined;
  return Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""]).filter(([name]) => name !== ""));
}
