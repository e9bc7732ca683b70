/** Where a request goes. */
export interface HttpTarget {
  /** For example `https://example.org:8443`. */
  readonly origin: string;
  /** Path and query: may hold secrets. */
  readonly path: string;
  /** For messages: origin and path, without query and user information. */
  readonly shown: string;
}

/** Takes a URL apart; `undefined` when it is none of HTTP or HTTPS. */
export function httpTarget(url: string): HttpTarget | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, origin, pathname, search } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  return { origin, path: pathname + search, shown: origin + pathname };
}
