import { Hono, type Context } from "hono";
import { issuerUrl, type IssuedToken, type LocalIssuer } from "../../auth/local-issuer/local-issuer.ts";
import { TokenError } from "../../auth/local-issuer/token-error.ts";
import { readTokenRequest, type TokenVersion } from "../../auth/local-issuer/token-request.ts";
import { RingmainError } from "../../core/errors.ts";
import { formatTime } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { cloudMetadata } from "./cloud-metadata.ts";
import { onlyLocal } from "../access/admin-only.ts";
import { requesterOf, whyForeign, whyNotLocal } from "../access/local-caller.ts";

export interface IdentityDependencies {
  readonly issuer: LocalIssuer;
  /**
   * Set in development: programs of this machine get tokens for the asking, managed identities among them. Then no
   * request is served that names this server otherwise than by an address, `localhost` or one of these names, or that a
   * page of another origin sent.
   */
  readonly anybody: { readonly names: readonly string[] } | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** A token request is a few hundred bytes, or a few thousand with an assertion. */
const MAX_FORM_BYTES = 65_536;
/** The resource whose identity is asked for where no other is named. */
const SYSTEM_IDENTITY = "00000000-0000-0000-0000-000000000002";
const VERSIONS: readonly (readonly [version: TokenVersion, path: string])[] = [
  ["1.0", ""],
  ["2.0", "/v2.0"],
];

/**
 * What clients of Microsoft Entra ask of an authority, at `/{tenant}` and, for those that take it for an on-premises
 * one, at `/adfs`; and what they ask of the machine they run on for a managed identity.
 * Source: [EG-ISSUER-METADATA], [EG-ISSUER-TOKEN], [EG-ISSUER-MANAGED]
 */
export function identityRoutes(deps: IdentityDependencies): Hono {
  const routes = new Hono();
  const guarded = (answer: (context: Context) => Promise<Response> | Response) => (context: Context) => {
    refuseForeign(deps, context);
    return answer(context);
  };
  for (const [version, path] of VERSIONS) {
    // Where clients look that know the issuer of a token. [EG-ISSUER-INSTANCE]
    routes.get(
      `/${deps.issuer.instance}/:tenant${path}/.well-known/openid-configuration`,
      guarded((context) => context.json(metadata(deps, context, version))),
    );
  }
  for (const authority of ["/:tenant", "/adfs/:tenant"]) {
    for (const [version, path] of VERSIONS) {
      routes.get(
        `${authority}${path}/.well-known/openid-configuration`,
        guarded((context) => context.json(metadata(deps, context, version))),
      );
      routes.get(
        `${authority}/discovery${path}/keys`,
        guarded(async (context) => context.json(await deps.issuer.keys())),
      );
      routes.post(
        `${authority}/oauth2${path}/token`,
        guarded((context) => answerToken(deps, context, version)),
      );
    }
    routes.get(
      `${authority}/discovery/instance`,
      guarded((context) => context.json(instance(context))),
    );
  }
  routes.get(
    "/metadata/endpoints",
    guarded((context) => {
      const metadataOfCloud = cloudMetadata(context.req.query("api-version") ?? "", originOf(context));
      return context.json(metadataOfCloud as object);
    }),
  );
  if (deps.anybody !== undefined) {
    const answer = guarded((context) => answerManaged(deps, context));
    for (const path of ["/metadata/identity/oauth2/token", "/msi/token"]) {
      // Some clients put a slash at the end.
      routes.on(["GET", "POST"], [path, `${path}/`], answer);
    }
  }
  return routes;
}

/** Throws `forbidden` in development for a request that a page of another origin may have sent. [EG-ACCESS-LOCAL] */
function refuseForeign({ anybody }: IdentityDependencies, context: Context): void {
  if (anybody === undefined) return;
  const problem = whyForeign(requesterOf(context), anybody.names);
  if (problem === undefined) return;
  const remedy = "Name it as it is known, or add the name to 'tls.names' (RINGMAIN_TLS_NAMES).";
  throw new RingmainError("forbidden", `The authority serves no pages of other origins; ${problem}. ${remedy}`);
}

/** Throws `forbidden` in development unless a program of this machine asks. [EG-ACCESS-LOCAL] */
function refuseUnlessLocal({ anybody }: IdentityDependencies, context: Context): void {
  if (anybody === undefined) return;
  const problem = whyNotLocal(requesterOf(context), anybody.names);
  if (problem === undefined) return;
  const remedy = "Configure the application in 'clients', and ask with its secret.";
  throw new RingmainError("forbidden", onlyLocal("Requests for a token", problem, remedy));
}

function originOf(context: Context): string {
  return new URL(context.req.url).origin;
}

/** Where this authority is, as the client spelt it. */
function authorityOf(context: Context): { readonly origin: string; readonly tenant: string; readonly base: string } {
  const origin = originOf(context);
  const tenant = context.req.param("tenant") ?? "common";
  const onPremises = context.req.path.toLowerCase().startsWith("/adfs/") && tenant.toLowerCase() !== "adfs";
  return { origin, tenant, base: `${origin}${onPremises ? "/adfs" : ""}/${tenant}` };
}

/** [EG-ISSUER-METADATA] */
function metadata({ issuer }: IdentityDependencies, context: Context, version: TokenVersion): Record<string, unknown> {
  const { origin, tenant, base } = authorityOf(context);
  const path = version === "2.0" ? "/v2.0" : "";
  return {
    issuer: issuerUrl(issuer.instance, { origin, tenant, version }),
    authorization_endpoint: `${base}/oauth2${path}/authorize`,
    token_endpoint: `${base}/oauth2${path}/token`,
    device_authorization_endpoint: `${base}/oauth2${path}/devicecode`,
    end_session_endpoint: `${base}/oauth2${path}/logout`,
    jwks_uri: `${base}/discovery${path}/keys`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    grant_types_supported: ["client_credentials"],
    response_modes_supported: ["query", "fragment", "form_post"],
    response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid"],
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "nbf", "appid", "azp", "oid", "tid", "roles", "ver"],
    tenant_region_scope: null,
    cloud_instance_name: new URL(origin).host,
  };
}

/** Which authorities are one and the same: this server is only itself. */
function instance(context: Context): Record<string, unknown> {
  const origin = originOf(context);
  const { host } = new URL(origin);
  const asked = context.req.query("authorization_endpoint") ?? "";
  const tenant = (URL.canParse(asked) ? new URL(asked).pathname.split("/")[1] : undefined) ?? "common";
  return {
    tenant_discovery_endpoint: `${origin}/${tenant}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

/** [EG-ISSUER-TOKEN] */
async function answerToken(deps: IdentityDependencies, context: Context, version: TokenVersion): Promise<Response> {
  context.header("cache-control", "no-store");
  try {
    const form = await readForm(context);
    const { origin, tenant } = authorityOf(context);
    const request = readTokenRequest(form, version);
    if (!deps.issuer.isRegistered(request.clientId)) refuseUnlessLocal(deps, context);
    const issued = await deps.issuer.issueTo(request, { origin, tenant, version });
    // An on-premises authority has version 1's paths, but numbers are numbers: az computes with them.
    if (version === "1.0" && tenant.toLowerCase() !== "adfs") return context.json(firstForm(issued, request.audience));
    const { token, expiresIn } = issued;
    return context.json({
      token_type: "Bearer",
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      access_token: token,
    });
  } catch (thrown) {
    if (!(thrown instanceof TokenError)) throw thrown;
    return context.json(describeError(deps, context, thrown), thrown.status);
  }
}

/** What a body holds, as a form; empty where there is none. Errors: `payload_too_large`. */
async function readForm({ req }: Context): Promise<URLSearchParams> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of req.raw.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_FORM_BYTES) {
      throw new RingmainError("payload_too_large", `A token request is at most ${MAX_FORM_BYTES} bytes.`);
    }
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

/** How version 1 and managed identities tell of a token: numbers are text. */
function firstForm({ token, clientId, notBefore, expiresOn, expiresIn }: IssuedToken, resource: string): object {
  return {
    token_type: "Bearer",
    expires_in: String(expiresIn),
    ext_expires_in: String(expiresIn),
    expires_on: String(expiresOn),
    not_before: String(notBefore),
    resource,
    client_id: clientId,
    access_token: token,
  };
}

/** [EG-ISSUER-ERROR] */
function describeError({ clock, random }: IdentityDependencies, context: Context, error: TokenError): object {
  const trace = random.uuid();
  const asked = context.req.header("client-request-id") ?? "";
  const correlation = /^[0-9a-f-]{36}$/i.test(asked) ? asked : random.uuid();
  const timestamp = formatTime(clock.now())
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
  const ids = `Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`;
  return {
    error: error.error,
    error_description: `AADSTS${error.number}: ${error.message} ${ids}`,
    error_codes: [error.number],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
  };
}

/**
 * A managed identity's token, from the endpoint of virtual machines or that of App Service. One of three headers must
 * be there: no page can make a browser send them here.
 * Source: [EG-ISSUER-MANAGED]
 */
async function answerManaged(deps: IdentityDependencies, context: Context): Promise<Response> {
  refuseUnlessLocal(deps, context);
  const { issuer } = deps;
  const { req } = context;
  context.header("cache-control", "no-store");
  const proven = [req.header("x-identity-header"), req.header("secret")].some(
    (value) => value !== undefined && value !== "",
  );
  if (!proven && req.header("metadata")?.toLowerCase() !== "true") {
    return refuseManaged(context, "Required metadata header not specified");
  }
  const form = await readForm(context);
  const parameter = (name: string): string | undefined => req.query(name) ?? form.get(name) ?? undefined;
  const resource = parameter("resource");
  if (resource === undefined || resource === "") return refuseManaged(context, "Missing required parameter 'resource'");
  const identity =
    parameter("client_id") ??
    parameter("clientid") ??
    parameter("object_id") ??
    parameter("principal_id") ??
    parameter("msi_res_id") ??
    parameter("mi_res_id") ??
    SYSTEM_IDENTITY;
  const place = { origin: originOf(context), tenant: "common", version: "1.0" } as const;
  return context.json(firstForm(await issuer.issue(issuer.stranger(identity), resource, place), resource));
}

function refuseManaged(context: Context, description: string): Response {
  return context.json({ error: "invalid_request", error_description: description }, 400);
}
