import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import { CertificateFiles } from "../../auth/certificates/certificate-files.ts";
import { CertificateFolder } from "../../auth/certificates/certificate-folder.ts";
import { newRsaKey } from "../../auth/rsa-key.ts";
import type { TlsSource } from "../../listen/intake.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Config } from "../config/schema.ts";

type TlsConfig = Pick<Config, "tls" | "host">;

/** Host names in the certificate of every Ringmain. Topics in other regions get separate certificates on demand. */
const COMMON_NAMES = [
  "localhost",
  "*.localhost",
  "*.eventgrid.localhost",
  "*.local-1.eventgrid.localhost",
  "host.docker.internal",
  "127.0.0.1",
  "::1",
];

/**
 * Returns the folder with the certificate authority and certificates of this user. It plays no role in trusting tokens.
 */
export function identityFolder({ tls }: TlsConfig, folder: string): string {
  return tls.folder === undefined ? userFolder() : resolve(folder, tls.folder);
}

/** Returns the folder for an application's data of one user, as the operating system's conventions define it. */
function userFolder(): string {
  const { env, platform } = process;
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "Ringmain");
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "Ringmain");
  return join(env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "ringmain");
}

/**
 * Opens the folder of Ringmain's own certificate authority. Keys and certificates are created only when they are
 * needed.
 */
export function openCertificateFolder(config: TlsConfig, folder: string, now: () => number): CertificateFolder {
  const everywhere = ["0.0.0.0", "::"].includes(config.host);
  // A server on a wildcard address can also be reached by the machine's name.
  const names = new Set([...COMMON_NAMES, everywhere ? hostname() : config.host, ...config.tls.names]);
  return new CertificateFolder({ folder: identityFolder(config, folder), names: [...names], now, newKey: newRsaKey });
}

/** Creates the source of certificates for HTTPS: the configured files, or else Ringmain's own authority. */
export function createTlsSource(config: TlsConfig, folder: string, clock: Clock, logger: Logger): TlsSource {
  const now = (): number => clock.now();
  const { certificate, key } = config.tls;
  if (certificate === undefined || key === undefined) return openCertificateFolder(config, folder, now);
  return new CertificateFiles({
    certificateFile: resolve(folder, certificate),
    keyFile: resolve(folder, key),
    now,
    onProblem: (error) => logger.error("certificate_refused", { error: error.message }),
  });
}
