import { RingmainError } from "../core/errors.ts";
import type { TopicResource } from "../core/resources.ts";
import type { EpochMs } from "../core/time.ts";
import { isAccessKey, isBase64 } from "./access-key.ts";
import { checkSasToken, type SasCheck } from "./sas-token.ts";

/** What of a request authentication looks at. */
export interface PublisherRequest {
  /** A header's value, by its name in lower case. */
  header(name: string): string | undefined;
  readonly query: URLSearchParams;
  /** The `Host` header. */
  readonly host: string;
  /** Without query. */
  readonly path: string;
}

/** Why a token is refused, for the publisher; no part of the token. */
const REASONS: Readonly<Record<Exclude<SasCheck, "valid">, string>> = {
  malformed: "The shared access signature is not of the form r=<resource>&e=<expiry>&s=<signature>.",
  "wrong-signature": "The signature does not match.",
  expired: "The shared access signature has expired.",
  "other-resource": "The shared access signature is for another resource.",
};

/**
 * Lets a publisher pass who proves to hold one of the topic's keys, or throws `unauthorized` or `invalid_sas`. One
 * valid credential is enough; of several that are not, the first one's error is answered.
 * Source: [EG-AUTH-KEY], [EG-SAS-CARRIER]
 */
export function authenticatePublisher(request: PublisherRequest, topic: TopicResource, now: EpochMs): void {
  const enabled = topic.properties.disableLocalAuth !== true;
  // What nearly every publisher sends: nothing else is looked for where it is right.
  const key = request.header("aeg-sas-key");
  if (enabled && key !== undefined && isAccessKey(key.trim(), topic.keys)) return;
  const credentials = presented(request);
  const [first] = credentials;
  if (first === undefined) throw missingCredential(request);
  // [EG-AUTH-DISABLED]
  if (!enabled) {
    throw new RingmainError(
      "unauthorized",
      `${refusal(request)} This is due to the reason: Access keys and shared access signatures are disabled for this topic.`,
    );
  }
  let error: RingmainError | undefined;
  for (const credential of credentials) {
    const problem = check(credential, request, topic, now);
    if (problem === undefined) return;
    error ??= problem;
  }
  if (error !== undefined) throw error;
}

interface Credential {
  readonly kind: "key" | "token";
  readonly text: string;
}

/** The credentials of a request, from every place that may carry one. [EG-AUTH-KEY] [EG-SAS-CARRIER] */
function presented(request: PublisherRequest): Credential[] {
  // A raw plus sign of a Base64 key has become a space on its way through the query.
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
  topic: TopicResource,
  now: EpochMs,
): RingmainError | undefined {
  // [EG-AUTH-EMPTY]
  if (text === "") {
    return new RingmainError("invalid_sas", `The ${kind === "key" ? "aeg-sas-key" : "aeg-sas-token"} is empty.`);
  }
  if (kind === "key") return isAccessKey(text, topic.keys) ? undefined : wrongKey(text, request);
  const { host, path } = request;
  const outcome = checkSasToken(text, topic.keys, { host, path, topicName: topic.name }, now);
  if (outcome === "valid") return undefined;
  return new RingmainError("unauthorized", `${refusal(request)} This is due to the reason: ${REASONS[outcome]}`);
}

/** [EG-AUTH-WRONG-KEY] */
function wrongKey(text: string, request: PublisherRequest): RingmainError {
  const reason =
    "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding " +
    "characters, or an illegal character among the padding characters.";
  const because = isBase64(text) ? "" : ` This is due to the reason: ${reason}`;
  return new RingmainError("unauthorized", refusal(request) + because);
}

function missingCredential(request: PublisherRequest): RingmainError {
  // [EG-AUTH-ENTRA]
  if (/^Bearer(?:\s|$)/i.test(request.header("authorization")?.trim() ?? "")) {
    return new RingmainError(
      "unauthorized",
      "Microsoft Entra tokens are not supported yet. Use one of the following: aeg-sas-token, aeg-sas-key.",
    );
  }
  // [EG-AUTH-NONE]
  return new RingmainError(
    "unauthorized",
    "Request must contain one of the following authorization signature: aeg-sas-token, aeg-sas-key.",
  );
}

/** [EG-AUTH-WRONG-KEY] */
function refusal({ host }: PublisherRequest): string {
  return `The request authorization key is not authorized for ${host.toUpperCase()}.`;
}
