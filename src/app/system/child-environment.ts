/** Environment variables, as a process has them. */
export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Variables that programs need on a machine rather than from an operator, in capitals: where programs, home and temporary
 * files are, the language and time zone, and how to reach the network. Those of Windows, below, are needed to start at all.
 */
const NEEDED: ReadonlySet<string> = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TMPDIR",
  "LD_LIBRARY_PATH",
  "NODE_ENV",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "SYSTEMROOT",
  "SYSTEMDRIVE",
  "WINDIR",
  "COMSPEC",
  "PATHEXT",
  "TEMP",
  "TMP",
  "USERPROFILE",
  "USERNAME",
  "HOMEDRIVE",
  "HOMEPATH",
  "APPDATA",
  "LOCALAPPDATA",
  "PROGRAMDATA",
  "PROGRAMFILES",
]);

/** Begins the names of Ringmain's own variables, secrets such as the admin key among them. */
const OWN = /^RINGMAIN_/i;

/**
 * Returns the environment of a program that Ringmain runs beside itself. In production that is a list of what programs
 * need, since what else is there was meant for Ringmain: keys, connection strings, secrets of clients. In development it is
 * the user's own, without Ringmain's variables.
 */
export function childEnvironment(mode: "dev" | "production", environment: ProcessEnvironment): ProcessEnvironment {
  return mode === "dev" ? withoutOwnVariables(environment) : chosen(environment, isNeeded);
}

/** Returns an environment without Ringmain's own variables. */
export function withoutOwnVariables(environment: ProcessEnvironment): ProcessEnvironment {
  return chosen(environment, (name) => !OWN.test(name));
}

function isNeeded(name: string): boolean {
  const upper = name.toUpperCase();
  return NEEDED.has(upper) || upper.startsWith("LC_");
}

function chosen(environment: ProcessEnvironment, isWanted: (name: string) => boolean): ProcessEnvironment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isWanted(name)));
}
