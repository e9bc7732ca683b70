import { createHash } from "node:crypto";
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from "jose";
import { DEFAULT_TENANT_ID } from "../../core/resources/resource-id.ts";
import { SECOND_MS, type EpochMs } from "../../core/time.ts";
import { sameSecret } from "../access-key.ts";
import type { TrustedIssuer } from "../entra-token.ts";
import type { Principal } from "../role-assignments.ts";
import { openSigningKey, type SigningKey } from "./signing-key.ts";
import { TokenError } from "./token-error.ts";
import type { TokenRequest, TokenVersion } from "./token-request.ts";

/** An application that is listed in the configuration. */
export interface RegisteredClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Object id of its service principal. */
  readonly objectId?: string;
  /** Roles in its tokens. */
  readonly roles: readonly string[];
}

export interface LocalIssuerOptions {
  /** A GUID that identifies this authority in the issuer claim of its tokens. */
  readonly instance: string;
  /** Returns the private key of this instance as PEM. */
  readonly privateKey: () => Promise<string>;
  readonly clients: readonly RegisteredClient[];
  /** Roles in the tokens of unregistered applications; `undefined` if these get no tokens. */
  readonly strangersRoles: readonly string[] | undefined;
  readonly now: () => EpochMs;
  readonly newId: () => string;
}

/** An access token and its details for the client. */
export interface IssuedToken {
  readonly token: string;
  readonly clientId: string;
  readonly notBefore: number;
  /** Seconds since 1970. */
  readonly expiresOn: number;
  readonly expiresIn: number;
}

/** The application or identity that a token identifies. */
export interface TokenSubject {
  readonly clientId: string;
  readonly objectId: string;
  readonly roles: readonly string[];
  /** How it proved its identity. The certificate of a managed identity is kept by the platform. */
  readonly proof: "none" | "secret" | "certificate";
}

/** The endpoint at which a token is requested. */
export interface TokenPlace {
  /** The origin under which the client reaches this server, such as `https://localhost:6500`. */
  readonly origin: string;
  /** A GUID, or a word such as `common` that stands for the only tenant. */
  readonly tenant: string;
  readonly version: TokenVersion;
}

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const LOCAL_ISSUER = /^https?:\/\/[^/]+\/([0-9a-f-]{36})\/[0-9a-f-]{36}\/(?:v2\.0)?$/;
/** Values of the claims `appidacr` and `azpacr`: how the application proved its identity. */
const PROOF_CLAIMS: Readonly<Record<TokenSubject["proof"], string>> = { none: "0", secret: "1", certificate: "2" };
/** A day minus one second. Clients use that second to distinguish the lifetime from a day. */
const LIFETIME_SECONDS = 86_399;

/** Returns whether a text can identify an authority: a GUID in lower case, as it is compared with issuers. */
export function isInstance(text: string): boolean {
  return GUID.test(text) && text === text.toLowerCase();
}

/**
 * Issues access tokens like those of Entra, for development and for small installations. Accepts only tokens of its own
 * instance, which have the instance in the issuer and are signed with its key. The rights of a token's holder follow
 * from how the application proved its identity and from the current configuration, not from the roles in the token.
 * Source: [EG-ISSUER-TOKEN], [EG-ISSUER-CLIENTS], [EG-ISSUER-INSTANCE]
 */
export class LocalIssuer implements TrustedIssuer {
  readonly #options: LocalIssuerOptions;
  #key: Promise<SigningKey> | undefined;

  constructor(options: LocalIssuerOptions) {
    this.#options = options;
  }

  /** The GUID that identifies this authority. */
  get instance(): string {
    return this.#options.instance;
  }

  /** Returns whether an application is registered and must show its secret. */
  isRegistered(clientId: string): boolean {
    return this.#clientNamed(clientId) !== undefined;
  }

  /** Roles of unregistered applications. */
  get strangersRoles(): readonly string[] {
    return this.#options.strangersRoles ?? [];
  }

  /** Returns whether a token's `iss` names this instance, on any host: one server may have several host names. */
  isIssuer(issuer: string): boolean {
    return LOCAL_ISSUER.exec(issuer)?.[1] === this.#options.instance;
  }

  /**
   * Returns the principal that a token's holder is. Only a registered application that has shown its secret is the
   * principal it claims to be. Unregistered applications, if these get tokens, all have the same roles, whichever
   * names they chose.
   * Source: [EG-ISSUER-CLIENTS]
   */
  principal({ appid, appidacr }: JWTPayload): Principal {
    if (appidacr === PROOF_CLAIMS.none) return { ids: [], roles: this.strangersRoles };
    const client = appidacr === PROOF_CLAIMS.secret ? this.#clientNamed(String(appid)) : undefined;
    return client === undefined ? { ids: [], roles: [] } : { ids: [principalIdOf(client)], roles: client.roles };
  }

  readonly key: JWTVerifyGetKey = async () => (await this.#signingKey()).publicKey;

  /** Returns the public keys, with which others check tokens. */
  async keys(): Promise<JSONWebKeySet> {
    return { keys: [(await this.#signingKey()).jwk] };
  }

  /** Issues a token to the application that requested it. Rejects with {@link TokenError}. */
  async issueTo(request: TokenRequest, place: TokenPlace): Promise<IssuedToken> {
    return this.issue(this.#subjectOf(request), request.audience, place);
  }

  /** Issues a token for a subject that the caller has checked. */
  async issue(subject: TokenSubject, audience: string, place: TokenPlace): Promise<IssuedToken> {
    const { clientId, objectId, roles, proof } = subject;
    const { instance, newId, now } = this.#options;
    const { id, privateKey } = await this.#signingKey();
    const tenantId = tenantIdOf(place.tenant);
    const notBefore = Math.floor(now() / SECOND_MS);
    const expiresOn = notBefore + LIFETIME_SECONDS;
    const { SignJWT } = await import("jose");
    const claims = {
      aud: audience,
      iss: issuerUrl(instance, place),
      iat: notBefore,
      nbf: notBefore,
      exp: expiresOn,
      appid: clientId,
      appidacr: PROOF_CLAIMS[proof],
      azp: clientId,
      azpacr: PROOF_CLAIMS[proof],
      idp: issuerUrl(instance, { ...place, version: "1.0" }),
      idtyp: "app",
      oid: objectId,
      sub: objectId,
      tid: tenantId,
      uti: newId(),
      ver: place.version,
      ...(roles.length === 0 ? {} : { roles: [...roles] }),
    };
    const token = await new SignJWT(claims).setProtectedHeader({ typ: "JWT", alg: "RS256", kid: id }).sign(privateKey);
    return { token, clientId, notBefore, expiresOn, expiresIn: LIFETIME_SECONDS };
  }

  /** Returns the subject of an unregistered application or identity, which proves nothing. */
  stranger(clientId: string): TokenSubject {
    return { clientId, objectId: objectIdOf(clientId), roles: this.strangersRoles, proof: "none" };
  }

  #subjectOf({ clientId, proof }: TokenRequest): TokenSubject {
    const { strangersRoles } = this.#options;
    const client = this.#clientNamed(clientId);
    if (client === undefined && strangersRoles === undefined) {
      const shown = clientId.slice(0, 128);
      throw new TokenError("unknown_client", `Application with identifier '${shown}' was not found in the directory.`);
    }
    if (proof === undefined || proof.text === "") {
      const message = "'client_assertion' or 'client_secret' is required for the 'client_credentials' grant type.";
      throw new TokenError("missing_secret", message);
    }
    if (client === undefined) return this.stranger(clientId);
    if (proof.kind !== "secret" || !sameSecret(proof.text, client.clientSecret)) {
      throw new TokenError("wrong_secret", `Invalid client secret provided for the app '${client.clientId}'.`);
    }
    return { clientId: client.clientId, objectId: principalIdOf(client), roles: client.roles, proof: "secret" };
  }

  #clientNamed(clientId: string): RegisteredClient | undefined {
    return this.#options.clients.find((one) => one.clientId.toLowerCase() === clientId.toLowerCase());
  }

  #signingKey(): Promise<SigningKey> {
    if (this.#key === undefined) {
      this.#key = openSigningKey(this.#options.privateKey);
      // Tries again on the next call: a store that could not be written may be writable by then.
      this.#key.catch(() => (this.#key = undefined));
    }
    return this.#key;
  }
}

/** Returns the `iss` of an instance's tokens for a version. [EG-ISSUER-METADATA] [EG-ISSUER-INSTANCE] */
export function issuerUrl(instance: string, { origin, tenant, version }: TokenPlace): string {
  return `${origin}/${instance}/${tenantIdOf(tenant)}/${version === "2.0" ? "v2.0" : ""}`;
}

/** Returns the id of a tenant: the GUID itself, or the id of the only tenant for `common`, `adfs` and domain names. */
function tenantIdOf(tenant: string): string {
  return GUID.test(tenant) ? tenant.toLowerCase() : DEFAULT_TENANT_ID;
}

function principalIdOf({ clientId, objectId = objectIdOf(clientId) }: RegisteredClient): string {
  return objectId;
}

/**
 * Returns the object id of an application's service principal: the client id if it is a GUID, else a GUID derived
 * from it.
 */
export function objectIdOf(clientId: string): string {
  return GUID.test(clientId) ? clientId.toLowerCase() : guidOf(clientId);
}

/** Derives a GUID from a text, ignoring case. A client cannot choose the GUID. */
export function guidOf(text: string): string {
  const hex = createHash("sha256").update(text.toLowerCase()).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
