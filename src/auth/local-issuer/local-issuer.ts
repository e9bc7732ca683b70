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

/** An application that is known by name. */
export interface RegisteredClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Object id of its service principal. */
  readonly objectId?: string;
  /** Roles that its tokens name. */
  readonly roles: readonly string[];
}

export interface LocalIssuerOptions {
  /** A GUID that names this authority among all others, in the issuer of its tokens. */
  readonly instance: string;
  /** Returns the private key of this instance, PEM. */
  readonly privateKey: () => Promise<string>;
  readonly clients: readonly RegisteredClient[];
  /** Roles in the tokens of applications that are not known; `undefined` when those get none at all. */
  readonly strangersRoles: readonly string[] | undefined;
  readonly now: () => EpochMs;
  readonly newId: () => string;
}

/** An access token, and what a client is told about it. */
export interface IssuedToken {
  readonly token: string;
  readonly clientId: string;
  readonly notBefore: number;
  /** Seconds since 1970. */
  readonly expiresOn: number;
  readonly expiresIn: number;
}

/** The application or identity that a token is about. */
export interface TokenSubject {
  readonly clientId: string;
  readonly objectId: string;
  readonly roles: readonly string[];
  /** How it proved that it is this one. A managed identity has a certificate that the platform keeps. */
  readonly proof: "none" | "secret" | "certificate";
}

/** The address at which a token is asked for. */
export interface TokenPlace {
  /** How the client reaches this server: `https://localhost:6500`. */
  readonly origin: string;
  /** A GUID, or a word that stands for the one tenant there is. */
  readonly tenant: string;
  readonly version: TokenVersion;
}

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const LOCAL_ISSUER = /^https?:\/\/[^/]+\/([0-9a-f-]{36})\/[0-9a-f-]{36}\/(?:v2\.0)?$/;
/** The claim `appidacr` (`azpacr`) by what the application proved itself with. */
const PROOF_CLAIMS: Readonly<Record<TokenSubject["proof"], string>> = { none: "0", secret: "1", certificate: "2" };
/** A day, less the second by which clients tell it from one. */
const LIFETIME_SECONDS = 86_399;

/**
 * Issues access tokens like Entra's, for development and for small installations of one's own, and takes those of its
 * own instance alone: its name is in the issuer, and its key signs. What a token's holder may do follows from how the
 * application proved itself and from the configuration of now, not from the roles in the token.
 * Source: [EG-ISSUER-TOKEN], [EG-ISSUER-CLIENTS], [EG-ISSUER-INSTANCE]
 */
export class LocalIssuer implements TrustedIssuer {
  readonly #options: LocalIssuerOptions;
  #key: Promise<SigningKey> | undefined;

  constructor(options: LocalIssuerOptions) {
    this.#options = options;
  }

  /** The GUID that names this authority. */
  get instance(): string {
    return this.#options.instance;
  }

  /** Returns whether an application is configured, and has to show its secret. */
  isRegistered(clientId: string): boolean {
    return this.#clientNamed(clientId) !== undefined;
  }

  /** Roles of applications that are not known. */
  get strangersRoles(): readonly string[] {
    return this.#options.strangersRoles ?? [];
  }

  /** Returns whether a token's `iss` names this instance, on any host: one server is reached by several names. */
  isIssuer(issuer: string): boolean {
    return LOCAL_ISSUER.exec(issuer)?.[1] === this.#options.instance;
  }

  /**
   * Returns what a token's holder is here. Only an application of the configuration that has shown its secret is the
   * principal it says it is; where others get tokens they have the same roles, whichever names they took.
   * Source: [EG-ISSUER-CLIENTS]
   */
  principal({ appid, appidacr }: JWTPayload): Principal {
    if (appidacr === PROOF_CLAIMS.none) return { ids: [], roles: this.strangersRoles };
    const client = appidacr === PROOF_CLAIMS.secret ? this.#clientNamed(String(appid)) : undefined;
    return client === undefined ? { ids: [], roles: [] } : { ids: [principalIdOf(client)], roles: client.roles };
  }

  readonly key: JWTVerifyGetKey = async () => (await this.#signingKey()).publicKey;

  /** The public keys, for whoever checks a token. */
  async keys(): Promise<JSONWebKeySet> {
    return { keys: [(await this.#signingKey()).jwk] };
  }

  /** Returns a token for an application that asks for one. Rejects with {@link TokenError}. */
  async issueTo(request: TokenRequest, place: TokenPlace): Promise<IssuedToken> {
    return this.issue(this.#subjectOf(request), request.audience, place);
  }

  /** Returns a token about a subject, which the caller has checked. */
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

  /** Returns an application or identity that is not known and proves nothing. */
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
      // A store that could not be written may be writable again.
      this.#key.catch(() => (this.#key = undefined));
    }
    return this.#key;
  }
}

/** Returns the `iss` of an instance's tokens, by version. [EG-ISSUER-METADATA] [EG-ISSUER-INSTANCE] */
export function issuerUrl(instance: string, { origin, tenant, version }: TokenPlace): string {
  return `${origin}/${instance}/${tenantIdOf(tenant)}/${version === "2.0" ? "v2.0" : ""}`;
}

/** Returns the id of a tenant: a GUID is its own; `common`, `adfs` or a domain name the one tenant there is. */
function tenantIdOf(tenant: string): string {
  return GUID.test(tenant) ? tenant.toLowerCase() : DEFAULT_TENANT_ID;
}

function principalIdOf({ clientId, objectId = objectIdOf(clientId) }: RegisteredClient): string {
  return objectId;
}

/** Returns the object id of an application's service principal: a client id that is a GUID, else a GUID made of it. */
export function objectIdOf(clientId: string): string {
  return GUID.test(clientId) ? clientId.toLowerCase() : guidOf(clientId);
}

/** Returns a GUID made of a text, always the same one, whatever the text's case; not one that a client chooses. */
export function guidOf(text: string): string {
  const hex = createHash("sha256").update(text.toLowerCase()).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
