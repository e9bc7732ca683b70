/** Returns whether a text names one of a set of audiences, in any spelling. */
export type AudienceCheck = (audience: string) => boolean;

/** Prefixes under which one application is named. `spn:` may precede a GUID or a URL. */
const SCHEME = /^(?:spn:)?(?:[a-z][a-z\d+.-]*:[\\/]+|(?:api|appid|urn):)?/;
/** Suffix that turns a resource into a scope. */
const SCOPE = "/.default";

/**
 * Returns a check for audiences. It accepts the spellings of an application that authorities understand: any case,
 * `api://` before a GUID, a default port, slashes at the end.
 * Source: [EG-ENTRA-OWN-AUDIENCE]
 */
export function createAudienceCheck(audiences: readonly string[]): AudienceCheck {
  const known = new Set(audiences.map(plainAudience));
  return (audience) => known.has(plainAudience(audience));
}

/** Returns the host, port and path that all spellings of an audience share. */
function plainAudience(audience: string): string {
  const bare = withoutScope(audience.trim().toLowerCase().replace(SCHEME, ""));
  // Normalizes the host as clients do: percent-encoding, Unicode dots, short IP addresses.
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

/** Removes all repetitions of a character from the end of a text, in linear time. */
function withoutEnd(text: string, char: string): string {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === char) end -= 1;
  return text.slice(0, end);
}
