import { createPublicKey, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import forge from "node-forge";
import { HOUR_MS, type EpochMs } from "../../core/time.ts";

/** A private key and its certificate, both PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 24 * HOUR_MS;
const AUTHORITY_DAYS = 3_650;
/** Longest lifetime that every client accepts from an authority that the user added. */
const SERVER_DAYS = 397;
/** Days before now at which validity starts: the clocks of containers and their hosts differ. */
const BACKDATED_DAYS = 1;

/** Creates a certificate authority for a private key. It may sign server certificates and nothing else. */
export function createAuthority(key: string, now: EpochMs): KeyAndCertificate {
  const certificate = draft(
    key,
    `Ringmain development authority ${randomBytes(4).toString("hex")}`,
    now,
    AUTHORITY_DAYS,
  );
  certificate.setIssuer(certificate.subject.attributes);
  certificate.setExtensions([
    { name: "basicConstraints", cA: true, pathLenConstraint: 0, critical: true },
    { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    { name: "subjectKeyIdentifier" },
  ]);
  return { key, cert: signed(certificate, key) };
}

/**
 * Issues a server certificate.
 * @param key the server's private key
 * @param names host names, which may have wildcards, and IP addresses
 */
export function issueServerCertificate(
  authority: KeyAndCertificate,
  key: string,
  names: readonly string[],
  now: EpochMs,
): KeyAndCertificate {
  const certificate = draft(key, "Ringmain", now, SERVER_DAYS);
  const { subject } = forge.pki.certificateFromPem(authority.cert);
  certificate.setIssuer(subject.attributes);
  certificate.setExtensions([
    { name: "basicConstraints", cA: false, critical: true },
    { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
    { name: "extKeyUsage", serverAuth: true },
    {
      name: "subjectAltName",
      altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
    },
    { name: "authorityKeyIdentifier", keyIdentifier: keyIdentifier(authority.cert) },
  ]);
  return { key, cert: signed(certificate, authority.key) };
}

function draft(key: string, commonName: string, now: EpochMs, days: number): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(
    createPublicKey(key).export({ type: "spki", format: "pem" }).toString(),
  );
  // The standard requires a positive number: the first bit must not be set.
  certificate.serialNumber = `0${randomBytes(16).toString("hex").slice(1)}`;
  certificate.validity.notBefore = new Date(now - BACKDATED_DAYS * DAY_MS);
  certificate.validity.notAfter = new Date(now + days * DAY_MS);
  certificate.setSubject([
    { name: "commonName", value: commonName },
    { name: "organizationName", value: "Ringmain" },
  ]);
  return certificate;
}

function keyIdentifier(cert: string): string {
  return forge.pki.certificateFromPem(cert).generateSubjectKeyIdentifier().getBytes();
}

/** Signs with Node's own cryptography: the library's JavaScript would block the event loop for a tenth of a second. */
function signed(certificate: forge.pki.Certificate, signingKey: string): string {
  const signer = {
    sign: (): string => {
      const content = forge.asn1.toDer((certificate as unknown as { tbsCertificate: forge.asn1.Asn1 }).tbsCertificate);
      return sign("sha256", Buffer.from(content.getBytes(), "binary"), signingKey).toString("binary");
    },
  };
  certificate.sign(signer as unknown as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate).replaceAll("\r\n", "\n");
}
