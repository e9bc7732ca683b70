import { createHmac } from "node:crypto";

/** A request to a storage account that is about to be sent. */
export interface SharedKeyRequest {
  readonly account: string;
  /** The account's key, Base64. */
  readonly key: string;
  readonly method: string;
  /** The whole URL, with its path percent-encoded as it will be sent. */
  readonly url: URL;
  /** Headers by lower-case name. Must include `x-ms-date` and `x-ms-version`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Standard headers that are signed by position. */
const SIGNED_HEADERS = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-md5",
  "content-type",
  "date",
  "if-modified-since",
  "if-match",
  "if-none-match",
  "if-unmodified-since",
  "range",
];

/**
 * Returns the `Authorization` header of a request to Blob storage, `SharedKey {account}:{signature}`. The signature
 * is HMAC-SHA-256 over the method, eleven standard headers, all `x-ms-*` headers and the resource with its query.
 * Source: [EG-STORAGE-SHAREDKEY]
 */
export function sharedKeyAuthorization(request: SharedKeyRequest): string {
  const { account, key, method, headers } = request;
  const standard = SIGNED_HEADERS.map((name) => {
    const value = headers[name] ?? "";
    return name === "content-length" && value === "0" ? "" : value;
  });
  const text = [method, ...standard, ...msHeaders(headers)].join("\n") + `\n${resource(request)}`;
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest("base64");
  return `SharedKey ${account}:${signature}`;
}

function msHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers)
    .filter(([name]) => name.startsWith("x-ms-"))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}`);
}

function resource({ account, url }: SharedKeyRequest): string {
  const values = new Map<string, string[]>();
  for (const [name, value] of url.searchParams) {
    values.set(name.toLowerCase(), [...(values.get(name.toLowerCase()) ?? []), value]);
  }
  const query = [...values]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, list]) => `\n${name}:${list.toSorted().join(",")}`);
  return `/${account}${url.pathname}${query.join("")}`;
}
