import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

/** Generates a private key in PEM. */
export type NewKey = () => Promise<string>;

/** Generates an RSA key, which clients of any age accept. Takes a good part of a second. */
export const newRsaKey: NewKey = async () => {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return privateKey;
};
