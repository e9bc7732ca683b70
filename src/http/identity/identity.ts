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
import { readBytes, type BodyBudget } from "../read-body.ts";

export interface IdentityDependencies {
  readonly issuer: LocalIssuer;
  /**
   * Set in development, where programs on this machine get tokens without credentials, also as managed identities.
   * Requests are then refused if they name this server by anything but an address, `localhost` or one of these
   * names, or if a page of another origin sent them.
   */
  readonly anybody: { readonly names: readonly string[] } | undefined;
  readonly bodies: BodyBudget;
  readonly clock: Clock;
  readonly random: Random;
}

/** Maximum size of a token request. A request has a few hundred bytes, or a few thousand with an assertion. */
const MAX_FORM_BYTES = 65_536;
/** The identity whose token is requested if the request names none. */
const SYSTEM_IDENTITY = "00000000-0000-0000-0000-000000000002";
const VERSIONS: readonly (readonly [version: TokenVersion, path: string])[] = [
  ["1.0", ""],
  ["2.0", "/v2.0"],
];

/**
 * Returns the routes of a token authority like Microsoft Entra, at `/{tenant}` and, for clients that take it for an
 * on-premises authority, at `/adfs`. Also returns the endpoints at which programs request tokens of managed identities.
 * Source: [EG-ISSUER-METADATA], [EG-ISSUER-TOKEN], [EG-ISSUER-MANAGED]
 */
export function identityRoutes(dependencies: IdentityDependencies): Hono {
  const routes = new Hono();
  const guarded = (handle: (context: Context) => Promise<Response> | Response) => (context: Context) => {
    refuseForeign(dependencies, context);
    return handle(context);
  };
  for (const [version, path] of VERSIONS) {
    // Clients that know the issuer of a token look here. [EG-ISSUER-INSTANCE]
    routes.get(
      `/${dependencies.issuer.instance}/:tenant${path}/.well-known/openid-configuration`,
      guarded((context) => context.json(metadata(dependencies, context, version))),
    );
  }
  for (const authority of ["/:tenant", "/adfs/:tenant"]) {
    for (const [version, path] of VERSIONS) {
      routes.get(
        `${authority}${path}/.well-known/openid-configuration`,
        guarded((context) => context.json(metadata(dependencies, context, version))),
      );
      routes.get(
        `${authority}/discovery${path}/keys`,
        guarded(async (context) => context.json(await dependencies.issuer.keys())),
      );
      routes.post(
        `${authority}/oauth2${path}/token`,
        guarded((context) => handleTokenRequest(dependencies, context, version)),
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
  if (dependencies.anybody !== undefined) {
    const handle = guarded((context) => handleManagedIdentity(dependencies, context));
    for (const path of ["/metadata/identity/oauth2/token", "/msi/token"]) {
      // Some clients add a slash at the end.
      routes.on(["GET", "POST"], [path, `${path}/`], handle);
    }
  }
  return routes;
}

/** Throws `forbidden` in development for a request that a page of another origin may have sent. [EG-ACCESS-LOCAL] */
function refuseForeign({ anybody }: IdentityDependencies, context: Context): void {
  if (anybody === undefined) return;
  const problem = whyForeign(requesterOf(context), anybody.names);
  if (problem === undefined) return;
  const remedy = "Use one of its known names, or add the name to 'tls.names' (RINGMAIN_TLS_NAMES).";
  throw new RingmainError(
    "forbidden",
    `The authority refuses requests from pages of other origins: ${problem}. ${remedy}`,
  );
}

/** Throws `forbidden` in development unless a program on this machine sent the request. [EG-ACCESS-LOCAL] */
function refuseUnlessLocal({ anybody }: IdentityDependencies, context: Context): void {
  if (anybody === undefined) return;
  const problem = whyNotLocal(requesterOf(context), anybody.names);
  if (problem === undefined) return;
  const remedy = "Declare the application in 'clients', and send its secret.";
  throw new RingmainError("forbidden", onlyLocal("Requests for a token", problem, remedy));
}

function originOf(context: Context): string {
  return new URL(context.req.url).origin;
}

/** Returns the address of this authority as the client wrote it. */
function authorityOf(context: Context): { readonly origin: string; readonly tenant: string; readonly base: string } {
  const origin = originOf(context);
  const tenant = context.req.param("tenant") ?? "common";
  const onPremises = context.req.path.toLowerCase().startsWith("/adfs/") && tenant.toLowerCase() !== "adfs";
  return { origin, tenant, base: `${origin}${onPremises ? "/adfs" : ""}/${tenant}` };
}

/** Returns the OpenID metadata of this authority. [EG-ISSUER-METADATA] */
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

/** Returns the aliases of this authority: it has none. */
function instance(context: Context): Record<string, unknown> {
  const origin = originOf(context);
  const { host } = new URL(origin);
  const requested = context.req.query("authorization_endpoint") ?? "";
  const tenant = (URL.canParse(requested) ? new URL(requested).pathname.split("/")[1] : undefined) ?? "common";
  return {
    tenant_discovery_endpoint: `${origin}/${tenant}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

/** Handles a token request. [EG-ISSUER-TOKEN] */
async function handleTokenRequest(
  dependencies: IdentityDependencies,
  context: Context,
  version: TokenVersion,
): Promise<Response> {
  context.header("cache-control", "no-store");
  try {
    const form = await readForm(dependencies, context);
    const { origin, tenant } = authorityOf(context);
    const request = readTokenRequest(form, version);
    if (!dependencies.issuer.isRegistered(request.clientId)) refuseUnlessLocal(dependencies, context);
    const issued = await dependencies.issuer.issueTo(request, { origin, tenant, version });
    // An on-premises authority has the paths of version 1, but returns numbers as numbers: az calculates with them.
    if (version === "1.0" && tenant.toLowerCase() !== "adfs")
      return context.json(versionOneResponse(issued, request.audience));
    const { token, expiresIn } = issued;
    return context.json({
      token_type: "Bearer",
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      access_token: token,
    });
  } catch (thrown) {
    if (!(thrown instanceof TokenError)) throw thrown;
    return context.json(describeError(dependencies, context, thrown), thrown.status);
  }
}

/** Reads a body as a form; empty if there is none. Rejects as {@link readBytes} does. */
async function readForm({ bodies }: IdentityDependencies, { req }: Context): Promise<URLSearchParams> {
  const bytes = await readBytes(req.raw, {
    budget: bodies,
    limitBytes: MAX_FORM_BYTES,
    tooLarge: `A token request must have at most ${MAX_FORM_BYTES} bytes.`,
  });
  return new URLSearchParams(new TextDecoder().decode(bytes));
}

/** Returns a token response of version 1, also used for managed identities: numbers are text. */
function versionOneResponse(
  { token, clientId, notBefore, expiresOn, expiresIn }: IssuedToken,
  resource: string,
): object {
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

/** Returns the error response of the token endpoint. [EG-ISSUER-ERROR] */
function describeError({ clock, random }: IdentityDependencies, context: Context, error: TokenError): object {
  const trace = random.uuid();
  const requested = context.req.header("client-request-id") ?? "";
  const correlation = /^[0-9a-f-]{36}$/i.test(requested) ? requested : random.uuid();
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
 * Handles a request for a managed identity's token, as the endpoints of virtual machines and of App Service do. One
 * of three headers is required, because no page can make a browser send them here.
 * Source: [EG-ISSUER-MANAGED]
 */
async function handleManagedIdentity(dependencies: IdentityDependencies, context: Context): Promise<Response> {
  refuseUnlessLocal(dependencies, context);
  const { issuer } = dependencies;
  const { req } = context;
  context.header("cache-control", "no-store");
  const hasSecret = [req.header("x-identity-header"), req.header("secret")].some(
    (value) => value !== undefined && value !== "",
  );
  if (!hasSecret && req.header("metadata")?.toLowerCase() !== "true") {
    return refuseManaged(context, "Required metadata header not specified");
  }
  const form = await readForm(dependencies, context);
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
  return context.json(versionOneResponse(await issuer.issue(issuer.stranger(identity), resource, place), resource));
}

function refuseManaged(context: Context, description: string): Response {
  return context.json({ error: "invalid_request", error_description: description }, 400);
}
