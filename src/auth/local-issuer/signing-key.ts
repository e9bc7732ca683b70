import { createPrivateKey, createPublicKey } from "node:crypto";
import type { CryptoKey, JWK } from "jose";

/** A key pair that signs tokens. */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** The public key in the form that is published. */
  readonly jwk: JWK;
}

const ALGORITHM = "RS256";

const MIN_BITS = 2_048;

/** Returns whether a text is a key that can sign tokens: a private RSA key in PEM, in the format PKCS #8. */
export function isSigningKey(pem: string): boolean {
  if (!pem.startsWith("-----BEGIN PRIVATE KEY-----")) return false;
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
    return asymmetricKeyType === "rsa" && (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_BITS;
  } catch {
    return false;
  }
}

/** Returns the signing key for a private key in PEM. */
export async function openSigningKey(privateKey: () => Promise<string>): Promise<SigningKey> {
  const pem = await privateKey();
  const { calculateJwkThumbprint, exportJWK, importPKCS8, importSPKI } = await import("jose");
  const spki = createPublicKey(pem).export({ type: "spki", format: "pem" }).toString();
  const publicKey = await importSPKI(spki, ALGORITHM, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const id = await calculateJwkThumbprint(jwk);
  return {
    id,
    privateKey: await importPKCS8(pem, ALGORITHM),
    publicKey,
    jwk: { ...jwk, kid: id, use: "sig", alg: ALGORITHM },
  };
}
