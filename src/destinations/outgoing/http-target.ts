/** Target of a request. */
export interface HttpTarget {
  /** Origin, for example `https://example.org:8443`. */
  readonly origin: string;
  /** Path and query, which may contain secrets. */
  readonly path: string;
  /** Origin and path for messages, without query and user information. */
  readonly shown: string;
}

/** Parses a URL. Returns `undefined` for a URL other than HTTP or HTTPS. */
export function httpTarget(url: string): HttpTarget | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, origin, pathname, search } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  return { origin, path: pathname + search, shown: origin + pathname };
}
