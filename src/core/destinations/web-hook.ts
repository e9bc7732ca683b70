import { invalid, isGiven, quote, type ResourceProblem } from "../rules/problem.ts";
import { AZURE_KIND, type DestinationKind } from "./destination-kind.ts";
import { ATTRIBUTES, BATCHING, type AttributeProperties, type BatchingProperties } from "./destination-property.ts";

/** Properties of a webhook destination. */
export interface WebHookProperties extends BatchingProperties, AttributeProperties {
  /** Full URL including the query. It contains secrets: it is never logged and never returned. */
  readonly endpointUrl: string;
  /** Ringmain's own: key that signs every request, as `whsec_` and Base64. A secret. Source: [EG-WEBHOOK-SIGNATURE] */
  readonly signingSecret?: string;
  /** Entra tenant of the receiving application. Source: [EG-ENTRA-WEBHOOK] */
  readonly azureActiveDirectoryTenantId?: string;
  /** Id or URI of the receiving application. Every request has a token for it. */
  readonly azureActiveDirectoryApplicationIdOrUri?: string;
  /** Stored and returned, without any other effect. */
  readonly minimumTlsVersionAllowed?: string;
}

/** Ringmain's own limit; the service does not publish one. Source: [EG-ENDPOINT-URL] */
const ENDPOINT_URL_CHARS = 4_096;
/**
 * Matches scheme, user information, host (a name, an IPv4 address, or an IPv6 address in brackets), port, and the
 * rest.
 */
const HTTP_URL =
  /^https?:\/\/(?<user>[^/?#@]*@)?(?<host>[^\s/?#@:[\]\\<>^|%"`{}]+|\[[\da-f:.]+\])(?::(?<port>\d{0,5}))?(?:[/?#].*)?$/i;

/** Destination: an HTTP endpoint. */
export const WEB_HOOK: DestinationKind<WebHookProperties> = {
  ...AZURE_KIND,
  called: "an HTTP endpoint",
  azureResource: false,
  properties: {
    endpointUrl: { form: "text", required: true, secret: "url", description: "The whole URL, including the query." },
    ...BATCHING,
    signingSecret: {
      form: "text",
      secret: "hidden",
      ringmainOnly: true,
      pattern: {
        expression: /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/,
        message: "must be 'whsec_' and 24 to 64 bytes in Base64",
      },
      description: "Ringmain only: signs each request according to the Standard Webhooks specification.",
    },
    azureActiveDirectoryTenantId: {
      form: "text",
      notEmpty: true,
      description: "Entra tenant of the webhook's application.",
    },
    azureActiveDirectoryApplicationIdOrUri: {
      form: "text",
      notEmpty: true,
      description: "Id or URI of the webhook's application. Each request carries a token for it.",
    },
    minimumTlsVersionAllowed: { form: "text", notInFile: true },
    ...ATTRIBUTES,
  },
  consentOf: ({ endpointUrl }) => endpointUrl,
  takesAuthorization: true,
  rules: ({ endpointUrl, azureActiveDirectoryApplicationIdOrUri: audience }, { field, isOwnAudience }) => [
    ...urlRules(endpointUrl, `${field}.endpointUrl`),
    ...audienceRules(audience, `${field}.azureActiveDirectoryApplicationIdOrUri`, isOwnAudience),
  ],
  endpoint: { words: "a URL", read: (endpointUrl) => ({ endpointUrl }), shownBy: ["endpointUrl"] },
};

/**
 * Returns the problems of a webhook's URL. The URL may contain secrets, so no message repeats it. Plain HTTP is
 * allowed, unlike on the service, because receivers on the same machine have no certificate.
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
 * Returns the problems of the application id or URI. It must not be this server: the webhook could use its token here.
 * White space would add another scope to the token request. An empty text counts as unset. Source:
 * [EG-ENTRA-OWN-AUDIENCE]
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

/** Returns whether a text contains white space or control characters, which must be escaped in URLs. */
function hasBlanks(text: string): boolean {
  return Array.from(text).some((character) => character <= " " || character === "\u007F" || character.trim() === "");
}
