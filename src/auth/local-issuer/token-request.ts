import { TokenError } from "./token-error.ts";

/** Versions of Entra's endpoints and tokens. */
export type TokenVersion = "1.0" | "2.0";

/** A request for a token: the application and the requested audience. */
export interface TokenRequest {
  readonly clientId: string;
  /** Proof of the application's identity: a secret, or an assertion that another authority has signed. */
  readonly proof: { readonly kind: "secret" | "assertion"; readonly text: string } | undefined;
  readonly audience: string;
}

const DEFAULT_SCOPE = "/.default";

/**
 * Parses the form of a token request for client credentials, with `scope` (version 2) or `resource` (version 1).
 * Throws {@link TokenError}.
 * Source: [EG-ISSUER-TOKEN], [EG-ISSUER-ERROR]
 */
export function readTokenRequest(form: URLSearchParams, version: TokenVersion): TokenRequest {
  const grant = required(form, "grant_type");
  if (grant !== "client_credentials") {
    throw new TokenError(
      "unsupported_grant",
      `The app requested an unsupported grant type '${grant.slice(0, 64)}': only client_credentials is supported.`,
    );
  }
  const clientId = required(form, "client_id");
  const [secret, assertion] = [form.get("client_secret"), form.get("client_assertion")];
  const proof =
    secret !== null
      ? ({ kind: "secret", text: secret } as const)
      : assertion === null
        ? undefined
        : ({ kind: "assertion", text: assertion } as const);
  return { clientId, proof, audience: audienceOf(form, version) };
}

/** Returns the requested audience. On-premises clients send a scope to the version 1 endpoint as well. */
function audienceOf(form: URLSearchParams, version: TokenVersion): string {
  const resource = form.get("resource");
  if (version === "1.0" && resource !== null && resource !== "") return resource;
  const scopes = required(form, version === "1.0" && !form.has("scope") ? "resource" : "scope").split(/\s+/);
  const scope = scopes.find((one) => one.endsWith(DEFAULT_SCOPE) && one.length > DEFAULT_SCOPE.length);
  if (scope === undefined) {
    throw new TokenError(
      "invalid_scope",
      `The provided value for scope ${scopes.join(" ").slice(0, 256)} is not valid. Client credential flows must have ` +
        "a scope value with /.default suffixed to the resource identifier (application ID URI).",
    );
  }
  return scope.slice(0, -DEFAULT_SCOPE.length);
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value !== null && value !== "") return value;
  throw new TokenError("missing_parameter", `The request body must contain the following parameter: '${name}'.`);
}
