import { isIP } from "node:net";
import { matchGaps } from "./match-gaps.ts";

/** Where a blob is, within its account. */
export interface BlobAddress {
  readonly container: string;
  /** Decoded; may hold slashes. */
  readonly blob: string;
}

/** The ports of storage emulators, whose addresses have the account as first segment whatever the host is called. */
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
 * Takes a blob's URL apart as Azure's clients do: the container is the first segment, but the second where the host is
 * an IP address, `localhost` or an emulator's port. Nothing when it names no blob.
 */
export function parseBlobUrl(text: string): BlobAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const segments = url.pathname.slice(1).split("/");
  const inPathForm = isIP(url.hostname) !== 0 || url.hostname === "localhost" || EMULATOR_PORTS.has(url.port);
  const [container, ...blob] = inPathForm ? segments.slice(1) : segments;
  if (container === undefined || container === "") return undefined;
  // A blob of the root container is addressed without it.
  const names = blob.length === 0 ? { container: "$root", blob: container } : { container, blob: blob.join("/") };
  try {
    return { container: decodeURIComponent(names.container), blob: decodeURIComponent(names.blob) };
  } catch {
    // A lone percent sign: no client writes such an address.
    return undefined;
  }
}

/**
 * The values of a trigger path's names, for example `{name}` of `images/{name}.png`, in a blob's address; nothing when
 * it does not fit. A name takes as much as it can, slashes too. [EG-FUNC-BLOB-METADATA]
 */
export function matchBlobPath(path: string, address: BlobAddress): Readonly<Record<string, string>> | undefined {
  const whole = path.replace(/^\//, "");
  const pattern = whole.includes("/") ? whole : `${whole}/{}`;
  const parts = pattern.split(/(\{[^}]*\})/);
  const names = parts.filter((_, at) => at % 2 === 1).map((part) => part.slice(1, -1));
  const fixed = parts.filter((_, at) => at % 2 === 0);
  const values = matchGaps(`${address.container}/${address.blob}`, fixed, 0);
  if (values === undefined) return undefined;
  return Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""]).filter(([name]) => name !== ""));
}
