import type { JWTPayload, JWTVerifyGetKey } from "jose";
import { RingmainError } from "../core/errors.ts";
import type { EpochMs } from "../core/time.ts";
import type { Principal } from "./role-assignments.ts";

/** An authority whose tokens are taken. */
export interface TrustedIssuer {
  /** Returns whether a token's `iss` is this issuer. */
  isIssuer(issuer: string): boolean;
  /** The key that a token says it is signed with. */
  readonly key: JWTVerifyGetKey;
  /** Returns what the holder of a token of this issuer is here. */
  principal(payload: JWTPayload): Principal;
}

export interface EntraTokensOptions {
  readonly issuers: readonly TrustedIssuer[];
  /** A token must be for one of these, with or without a slash at its end. */
  readonly audiences: readonly string[];
}

/** The principal that a token is about, and what else it says. */
export interface TokenHolder extends Principal {
  /** Claims that name issuer, audience, holder and lifetime; nothing that could be used in the token's place. */
  readonly claims: Readonly<Record<string, string>>;
}

const TOLD = ["aud", "iss", "iat", "nbf", "exp", "appid", "azp", "idtyp", "name", "oid", "sub", "tid", "upn", "ver"];
const CLAIM_CHARS = 256;
/** Longer ones are refused unread. */
const MAX_TOKEN_CHARS = 12_288;
/** Seconds by which the clocks of issuer and receiver may differ; what Microsoft's own libraries allow. */
const CLOCK_SKEW_SECONDS = 300;
/** The one algorithm that Entra signs with. A token does not get to choose. */
const ALGORITHMS = ["RS256"];

/** Checks access tokens of Microsoft Entra, or of issuers like it. */
export class EntraTokens {
  readonly #options: EntraTokensOptions;

  constructor(options: EntraTokensOptions) {
    this.#options = options;
  }

  /**
   * Returns who a token is about. Signature, issuer, audience and lifetime must all hold.
   * Errors: `unauthorized`, which says what does not hold; `issuer_unavailable`.
   * Source: [EG-ENTRA-TOKEN], [EG-ENTRA-AUDIENCE], [EG-ENTRA-LIFETIME]
   */
  async verify(token: string, now: EpochMs): Promise<TokenHolder> {
    if (token.length > MAX_TOKEN_CHARS) throw refused(`The token is longer than ${MAX_TOKEN_CHARS} characters.`);
    const { decodeJwt, jwtVerify, errors } = await import("jose");
    try {
      const { iss } = decodeJwt(token);
      const issuer = this.#options.issuers.find((one) => typeof iss === "string" && one.isIssuer(iss));
      if (iss === undefined || issuer === undefined) throw refused("Its issuer is not one that is trusted here.");
      const { payload } = await jwtVerify(token, issuer.key, {
        algorithms: ALGORITHMS,
        issuer: iss,
        audience: this.#options.audiences.flatMap((audience) => [audience, `${audience}/`]),
        requiredClaims: ["exp"],
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: new Date(now),
      });
      return { ...issuer.principal(payload), claims: shownClaims(payload) };
    } catch (thrown) {
      if (thrown instanceof RingmainError) throw thrown;
      if (thrown instanceof errors.JWTExpired) throw refused("It has expired.");
      if (thrown instanceof errors.JWTClaimValidationFailed) throw refused(CLAIMS[thrown.claim] ?? "A claim is wrong.");
      if (thrown instanceof errors.JOSEError) throw refused(SIGNATURES[thrown.code] ?? "It is not a JSON Web Token.");
      throw thrown;
    }
  }
}

/** Reasons for publishers; no part of the token. */
const CLAIMS: Readonly<Record<string, string>> = {
  aud: "Its audience is not this service.",
  nbf: "It is not valid yet.",
  exp: "It does not say when it expires.",
};
const SIGNATURES: Readonly<Record<string, string>> = {
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "Its signature does not match.",
  ERR_JWKS_NO_MATCHING_KEY: "It is signed with a key that its issuer does not have.",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "It does not say which of its issuer's keys it is signed with.",
  ERR_JOSE_ALG_NOT_ALLOWED: `It is signed with another algorithm than ${ALGORITHMS.join()}.`,
};

/** [EG-ENTRA-TOKEN] */
function refused(reason: string): RingmainError {
  return new RingmainError(
    "unauthorized",
    `The access token presented with the incoming request is not valid. This is due to the reason: ${reason}`,
  );
}

/**
 * Returns who a token of another authority is about, by the object ids in it. Roles in it are not taken: what a
 * principal may do here is said here. Source: [EG-ENTRA-ROLE]
 */
export function principalByObjectId({ oid, groups }: JWTPayload): Principal {
  return { ids: [...texts([oid]), ...texts(groups)], roles: [] };
}

function shownClaims(payload: JWTPayload): Readonly<Record<string, string>> {
  const claims = TOLD.flatMap((name) => {
    const value = payload[name];
    const isPlain = typeof value === "string" || typeof value === "number";
    return isPlain ? [[name, String(value).slice(0, CLAIM_CHARS)] as const] : [];
  });
  return Object.fromEntries(claims);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
