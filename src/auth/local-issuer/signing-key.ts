import { createPublicKey } from "node:crypto";
import { join } from "node:path";
import type { CryptoKey, JWK } from "jose";
import { readOrMake } from "../kept-file.ts";
import type { NewKey } from "../rsa-key.ts";

/** What tokens are signed with. */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** The public key, for others. */
  readonly jwk: JWK;
}

const FILE = "token-key.pem";
const ALGORITHM = "RS256";

/** The key in a folder; made, for its owner's eyes only, when it is not there. Tokens outlive a restart by it. */
export async function openSigningKey(folder: string, newKey: NewKey): Promise<SigningKey> {
  const pem = await readOrMake(join(folder, FILE), newKey);
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
