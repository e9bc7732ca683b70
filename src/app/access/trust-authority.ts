import { X509Certificate } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { LoadedConfig } from "../config/load-config.ts";
import { identityFolder, openCertificateFolder } from "./certificates.ts";
import { systemClock } from "../system/system-clock.ts";

/** What one needs to trust Ringmain's HTTPS. */
export interface TrustReport {
  /** The authority's certificate, PEM. */
  readonly authority: string;
  /** The same with all authorities that this machine trusts, for programs that take one file instead of theirs. */
  readonly bundle: string;
  /** ISO 8601. */
  readonly validTo: string;
}

/** Where operating systems keep the authorities they trust as one file. */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** Makes the authority, if there is none, and the files to trust it with. Errors: `invalid_request` (the folder). */
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
      // The next one, then: systems differ.
    }
  }
  return rootCertificates.join("\n");
}
