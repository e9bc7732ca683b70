import { X509Certificate } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { LoadedConfig } from "../config/load-config.ts";
import { identityFolder, openCertificateFolder } from "./certificates.ts";
import { systemClock } from "../system/system-clock.ts";

/** The files that clients need to trust Ringmain's HTTPS. */
export interface TrustReport {
  /** File with the authority's certificate, PEM. */
  readonly authority: string;
  /** File with this certificate and all authorities that the machine trusts, for programs that read a single file. */
  readonly bundle: string;
  /** End of the certificate's validity, ISO 8601. */
  readonly validTo: string;
}

/** Files in which operating systems keep all trusted authorities. */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * Creates the authority, if there is none, and the files to trust it with. Rejects with `invalid_request` about the
 * folder.
 */
export async function trustAuthority({ config, folder }: LoadedConfig): Promise<TrustReport> {
  const certificates = openCertificateFolder(config, folder, () => systemClock.now());
  const { cert } = await certificates.authority();
  await certificates.current();
  const bundle = join(identityFolder(config, folder), "ca-bundle.pem");
  await writeFile(bundle, `${(await systemBundle()).trim()}\n${cert}`);
  const validTo = new Date(new X509Certificate(cert).validTo).toISOString();
  return { authority: certificates.authorityFile, bundle, validTo };
}

async function systemBundle(): Promise<string> {
  for (const file of SYSTEM_BUNDLES) {
    try {
      return await readFile(file, "utf8");
    } catch {
      // Try the next one: the file depends on the operating system.
    }
  }
  return rootCertificates.join("\n");
}
