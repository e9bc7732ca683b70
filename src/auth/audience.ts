/** Returns whether a text names one of some audiences, however it spells it. */
export type AudienceCheck = (audience: string) => boolean;

/** Schemes under which one application is named; `spn` stands before a GUID or a URL. */
const SCHEME = /^(?:spn:)?(?:[a-z][a-z\d+.-]*:[\\/]+|(?:api|appid|urn):)?/;
/** The end that makes a scope of a resource. */
const SCOPE = "/.default";

/**
 * Returns a check for audiences. Authorities understand more spellings of an application than its tokens have: any case,
 * with and without slashes at the end or a default port, with `api://` before a GUID; so the check does.
 * Source: [EG-ENTRA-OWN-AUDIENCE]
 */
export function createAudienceCheck(audiences: readonly string[]): AudienceCheck {
  const known = new Set(audiences.map(plainAudience));
  return (audience) => known.has(plainAudience(audience));
}

/** Returns host, port and path of an audience as all its spellings have them. */
function plainAudience(audience: string): string {
  const bare = withoutScope(audience.trim().toLowerCase().replace(SCHEME, ""));
  // Reads a host as clients do: percent-encoded, with other dots, as a short IP address.
  const url = URL.canParse(`http://${bare}`) ? new URL(`http://${bare}`) : undefined;
  if (url === undefined) return withoutEnd(bare, "/");
  const port = url.port === "443" ? "" : url.port;
  return `${withoutEnd(url.hostname, ".")}:${port}${withoutEnd(url.pathname, "/")}`;
}

function withoutScope(text: string): string {
  let rest = text;
  while (rest.endsWith(SCOPE)) rest = withoutEnd(rest.slice(0, -SCOPE.length), "/");
  return rest;
}

/** Returns a text without a character at its end, however often that stands there, in time in proportion to the text. */
function withoutEnd(text: string, char: string): string {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === char) end -= 1;
  return text.slice(0, end);
}
