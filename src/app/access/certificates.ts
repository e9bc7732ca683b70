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

/** Names that every Ringmain answers to. Of topics in other regions each gets a certificate of its own when asked. */
const COMMON_NAMES = [
  "localhost",
  "*.localhost",
  "*.eventgrid.localhost",
  "*.local-1.eventgrid.localhost",
  "host.docker.internal",
  "127.0.0.1",
  "::1",
];

/** Returns the folder of the authority and certificates of this user's Ringmains. No token is trusted for being near it. */
export function identityFolder({ tls }: TlsConfig, folder: string): string {
  return tls.folder === undefined ? userFolder() : resolve(folder, tls.folder);
}

/** Where an application keeps what belongs to one user, by the operating system's own convention. */
function userFolder(): string {
  const { env, platform } = process;
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "Ringmain");
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "Ringmain");
  return join(env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "ringmain");
}

/** The folder of Ringmain's own authority. Nothing is made before somebody asks for it. */
export function openCertificateFolder(config: TlsConfig, folder: string, now: () => number): CertificateFolder {
  const everywhere = ["0.0.0.0", "::"].includes(config.host);
  // A wildcard address is reached by the machine's name as well.
  const names = new Set([...COMMON_NAMES, everywhere ? hostname() : config.host, ...config.tls.names]);
  return new CertificateFolder({ folder: identityFolder(config, folder), names: [...names], now, newKey: newRsaKey });
}

/** The certificates that HTTPS is served with. */
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
