import { invalid, isGiven, quote, type ResourceProblem } from "../rules/problem.ts";
import { AZURE_KIND, type DestinationKind } from "./destination-kind.ts";
import { ATTRIBUTES, BATCHING, type AttributeProperties, type BatchingProperties } from "./destination-property.ts";

export interface WebHookProperties extends BatchingProperties, AttributeProperties {
  /** The whole URL, query included. Holds secrets: never logged, never part of a read. */
  readonly endpointUrl: string;
  /** Ringmain's own: signs every request. `whsec_` and Base64. A secret. Source: [EG-WEBHOOK-SIGNATURE] */
  readonly signingSecret?: string;
  /** Entra tenant of the application that is called. Source: [EG-ENTRA-WEBHOOK] */
  readonly azureActiveDirectoryTenantId?: string;
  /** The application, by its id or its URI: every request carries a token for it. */
  readonly azureActiveDirectoryApplicationIdOrUri?: string;
  /** Kept and shown. */
  readonly minimumTlsVersionAllowed?: string;
}

/** Ringmain's own bound; the service publishes none. Source: [EG-ENDPOINT-URL] */
const ENDPOINT_URL_CHARS = 4_096;
/** Scheme, user information, host (a name, an IPv4 address, or an IPv6 address in brackets), port, and the rest. */
const HTTP_URL =
  /^https?:\/\/(?<user>[^/?#@]*@)?(?<host>[^\s/?#@:[\]\\<>^|%"`{}]+|\[[\da-f:.]+\])(?::(?<port>\d{0,5}))?(?:[/?#].*)?$/i;

/** Any HTTP endpoint. */
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

/** Returns whether there is white space or a control character anywhere: URLs escape them. */
function hasBlanks(text: string): boolean {
  return Array.from(text).some((character) => character <= " " || character === "\u007F" || character.trim() === "");
}
