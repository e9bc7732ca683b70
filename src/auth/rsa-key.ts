import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

/** Makes a private key, PEM. */
export type NewKey = () => Promise<string>;

/** Makes an RSA key, because every client of every age takes it. Takes a good part of a second. */
export const newRsaKey: NewKey = async () => {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return privateKey;
};
