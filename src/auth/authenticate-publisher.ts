import { RingmainError } from "../core/errors.ts";
import type { Keyed, PublisherAccess } from "../core/resources/resources.ts";
import type { EpochMs } from "../core/time.ts";
import { isAccessKey, isBase64 } from "./access-key.ts";
import type { EntraTokens } from "./entra-token.ts";
import { checkInbound } from "./inbound-rules.ts";
import type { RoleAssignments } from "./role-assignments.ts";
import { checkSasToken, type SasCheck } from "./sas-token.ts";

/** The parts of an HTTP request that authentication reads. */
export interface PublisherRequest {
  /** Returns a header's value by its lower-case name. */
  readonly header: (name: string) => string | undefined;
  readonly query: URLSearchParams;
  /** The `Host` header. */
  readonly host: string;
  /** The path without query. */
  readonly path: string;
  /** The client's IP address. */
  readonly remoteAddress: string;
}

/** The topic, domain or other resource that events are published to. */
export interface PublisherResource extends Keyed {
  /** ARM id. */
  readonly id: string;
  readonly name: string;
  readonly properties: PublisherAccess;
}

/** Tokens of Microsoft Entra, and the roles that allow their holders to publish. */
export interface TokenAccess {
  readonly tokens: EntraTokens;
  readonly roles: RoleAssignments;
}

/** Reasons for refusing a token, as shown to the publisher. They repeat no part of the token. */
const REASONS: Readonly<Record<Exclude<SasCheck, "valid">, string>> = {
  malformed: "The shared access signature is not of the form r=<resource>&e=<expiry>&s=<signature>.",
  "wrong-signature": "The signature does not match.",
  expired: "The shared access signature has expired.",
  "other-resource": "The shared access signature is for another resource.",
};

/**
 * Authenticates a publisher that has one of the resource's keys, or a token whose holder may send to the resource.
 * Throws `forbidden`, `unauthorized`, `invalid_sas` or `issuer_unavailable`. One valid credential is enough. If
 * none is valid, the error is that of the access token, or else that of the first credential. Returns a promise
 * only if it has to check an access token.
 * Source: [EG-AUTH-KEY], [EG-SAS-CARRIER], [EG-ENTRA-CARRIER]
 */
export function authenticatePublisher(
  request: PublisherRequest,
  resource: PublisherResource,
  now: EpochMs,
  access: TokenAccess,
): void | Promise<void> {
  checkInbound(resource, request.remoteAddress);
  const enabled = resource.properties.disableLocalAuth !== true;
  // Fast path: nearly every publisher sends a valid key in this header.
  const key = request.header("aeg-sas-key");
  if (enabled && key !== undefined && isAccessKey(key.trim(), resource.keys)) return;
  const credentials = presented(request);
  const token = bearerToken(request);
  let error: RingmainError | undefined;
  for (const credential of credentials) {
    const problem = enabled ? check(credential, request, resource, now) : disabled(request);
    if (problem === undefined) return;
    error ??= problem;
  }
  if (token === undefined) throw error ?? missingCredential();
  return checkToken(token, resource, now, access);
}

/** Returns the error for a request without credentials. [EG-AUTH-NONE] */
function missingCredential(): RingmainError {
  return new RingmainError(
    "unauthorized",
    "Request must contain one of the following authorization signature: aeg-sas-token, aeg-sas-key.",
  );
}

/** Returns the error for a key or signature where these are disabled. [EG-AUTH-DISABLED] */
function disabled(request: PublisherRequest): RingmainError {
  return new RingmainError(
    "unauthorized",
    `${refusal(request)} This is due to the reason: Access keys and shared access signatures are disabled for this topic.`,
  );
}

/** Returns the access token in the `Authorization` header. [EG-ENTRA-CARRIER] */
function bearerToken(request: PublisherRequest): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.header("authorization")?.trim() ?? "")?.[1];
}

/** Throws `unauthorized` unless a token's holder may send to the resource. [EG-ENTRA-ROLE] */
async function checkToken(
  token: string,
  resource: PublisherResource,
  now: EpochMs,
  { tokens, roles }: TokenAccess,
): Promise<void> {
  const principal = await tokens.verify(token, now);
  if (roles.allows(principal, "send", resource.id)) return;
  throw new RingmainError(
    "unauthorized",
    "The principal associated with access token presented with the incoming request does not have permission to send " +
      `data to ${resource.id}.`,
  );
}

interface Credential {
  readonly kind: "key" | "token";
  readonly text: string;
}

/** Returns the keys and signatures of a request, from every place that may carry one. [EG-AUTH-KEY] [EG-SAS-CARRIER] */
function presented(request: PublisherRequest): Credential[] {
  // URLSearchParams decodes a raw plus sign, which a Base64 key may have, as a space.
  const inQuery = request.query.get("aeg-sas-key")?.replaceAll(" ", "+");
  const signature = /^SharedAccessSignature(?:\s+(.*))?$/i.exec(request.header("authorization")?.trim() ?? "");
  const places: [Credential["kind"], string | undefined][] = [
    ["key", request.header("aeg-sas-key")],
    ["key", inQuery],
    ["token", request.header("aeg-sas-token")],
    ["token", signature === null ? undefined : (signature[1] ?? "")],
  ];
  return places.flatMap(([kind, text]) => (text === undefined ? [] : [{ kind, text: text.trim() }]));
}

function check(
  { kind, text }: Credential,
  request: PublisherRequest,
  resource: PublisherResource,
  now: EpochMs,
): RingmainError | undefined {
  // [EG-AUTH-EMPTY]
  if (text === "") {
    return new RingmainError("invalid_sas", `The ${kind === "key" ? "aeg-sas-key" : "aeg-sas-token"} is empty.`);
  }
  if (kind === "key") return isAccessKey(text, resource.keys) ? undefined : wrongKey(text, request);
  const { host, path } = request;
  const outcome = checkSasToken(text, resource.keys, { host, path, topicName: resource.name }, now);
  if (outcome === "valid") return undefined;
  return new RingmainError("unauthorized", `${refusal(request)} This is due to the reason: ${REASONS[outcome]}`);
}

/** Returns the error for a wrong key. [EG-AUTH-WRONG-KEY] */
function wrongKey(text: string, request: PublisherRequest): RingmainError {
  const reason =
    "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding " +
    "characters, or an illegal character among the padding characters.";
  const because = isBase64(text) ? "" : ` This is due to the reason: ${reason}`;
  return new RingmainError("unauthorized", refusal(request) + because);
}

/** Returns the sentence that begins each refusal of a key or signature. [EG-AUTH-WRONG-KEY] */
function refusal({ host }: PublisherRequest): string {
  return `The request authorization key is not authorized for ${host.toUpperCase()}.`;
}
