import type { WebHookProperties } from "../resources/resources.ts";
import { invalid, isGiven, quote, type ResourceProblem } from "./problem.ts";

/** Ringmain's own bound; the service does not tell one. Source: [EG-ENDPOINT-URL] */
const ENDPOINT_URL_CHARS = 4_096;
/** Scheme, user information, host (a name, an IPv4 address, or an IPv6 address in brackets), port, and the rest. */
const HTTP_URL =
  /^https?:\/\/(?<user>[^/?#@]*@)?(?<host>[^\s/?#@:[\]\\<>^|%"`{}]+|\[[\da-f:.]+\])(?::(?<port>\d{0,5}))?(?:[/?#].*)?$/i;

/** Returns what is wrong with a webhook. */
export function webhookRules(
  { endpointUrl, azureActiveDirectoryApplicationIdOrUri: audience }: WebHookProperties,
  field: string,
  isOwnAudience: (audience: string) => boolean = () => false,
): readonly ResourceProblem[] {
  return [
    ...urlRules(endpointUrl, `${field}.endpointUrl`),
    ...audienceRules(audience, `${field}.azureActiveDirectoryApplicationIdOrUri`, isOwnAudience),
  ];
}

/**
 * A webhook's URL may hold secrets: no message repeats it. Plain HTTP is allowed, other than on the service, because
 * receivers on the same machine have no certificate.
 *
 * Source: [EG-ENDPOINT-URL]
 */
function urlRules(url: unknown, field: string): readonly ResourceProblem[] {
  if (typeof url === "string" && url.length > ENDPOINT_URL_CHARS) {
    const message = `Supplied URL is invalid. It has ${url.length} characters; at most ${ENDPOINT_URL_CHARS} are allowed.`;
    return [invalid(field, message)];
  }
  const parts = typeof url === "string" && !hasBlanks(url) ? HTTP_URL.exec(url)?.groups : undefined;
  if (parts === undefined || Number(parts["port"] ?? 0) > 65_535) {
    const message =
      "Supplied URL is invalid. It cannot be null or empty and should be a proper HTTP or HTTPS URL like https://www.example.com.";
    return [invalid(field, message)];
  }
  if (parts["user"] === undefined) return [];
  return [invalid(field, "Supplied URL is invalid. It must not hold a user name or password.")];
}

/**
 * A token for this server, in a webhook's hands, would be good here. White space would begin another scope of the
 * request for the token. An empty text counts as none. Source: [EG-ENTRA-OWN-AUDIENCE]
 */
function audienceRules(
  audience: unknown,
  field: string,
  isOwnAudience: (audience: string) => boolean,
): readonly ResourceProblem[] {
  if (!isGiven(audience) || audience === "") return [];
  if (typeof audience !== "string" || hasBlanks(audience)) {
    const message = `azureActiveDirectoryApplicationIdOrUri must be the id or URI of an application, without white space, not ${quote(audience)}.`;
    return [invalid(field, message)];
  }
  if (!isOwnAudience(audience)) return [];
  const message = `azureActiveDirectoryApplicationIdOrUri must name the application that protects the webhook: tokens for ${quote(audience)} are good at this server itself.`;
  return [invalid(field, message)];
}

/** White space and control characters anywhere: URLs escape them. */
function hasBlanks(text: string): boolean {
  return Array.from(text).some((character) => character <= " " || character === "\u007F" || character.trim() === "");
}
