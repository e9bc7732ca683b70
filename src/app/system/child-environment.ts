/** Environment variables of a process. */
export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Variables, in upper case, that programs need because of the machine they run on: the location of programs, home and
 * temporary files, the language and time zone, and the access to the network. Windows programs do not even start without
 * the variables of Windows, which are the second half.
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

/** Matches the names of Ringmain's own variables, which include secrets such as the admin key. */
const OWN = /^RINGMAIN_/i;

/**
 * Returns the environment for a child process. In production it contains only the variables that programs need, because
 * the others can be secrets meant for Ringmain: keys, connection strings, client secrets. In development it contains all
 * variables of the user except Ringmain's own.
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
