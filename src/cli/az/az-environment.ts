import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { identityFolder } from "../../app/access/certificates.ts";
import type { LoadedConfig } from "../../app/config/load-config.ts";
import { managingClient, type ClientLogin } from "../../app/access/managing-client.ts";
import { withoutOwnVariables } from "../../app/system/child-environment.ts";
import { PACKAGE_FOLDER } from "../../app/package-folder.ts";
import { trustAuthority } from "../../app/access/trust-authority.ts";
import { ExitError } from "../exit-error.ts";
import { writeAzFiles } from "./az-files.ts";

/** Environment that connects az to a Ringmain. */
export interface AzEnvironment {
  /** Address of Resource Manager. */
  readonly origin: string;
  /** Configuration folder of az. Deleting it undoes the setup. */
  readonly folder: string;
  /** Environment variables to set for az. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Loopback and wildcard addresses. */
const LOCAL_ADDRESSES: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "0.0.0.0", "[::]"]);
/** Credentials for development servers, which accept any. */
const ANY_CLIENT: ClientLogin = { clientId: "ringmain", clientSecret: "ringmain" };
/** Folder of az's eventgrid commands in Debian's packages. Other packages of az contain their own Python and SDK. */
const DEBIAN_COMMANDS = "/usr/lib/python3/dist-packages/azure/cli/command_modules/eventgrid";

/**
 * Sets up az for the Ringmain at `url`: writes a configuration folder for each address and application to the user's
 * data, and a bundle of certificate authorities. Throws an {@link ExitError} if the configuration has no application that
 * az could log in as.
 *
 * @param options.anew whether to overwrite files that az has changed since they were written
 * @param options.issuer issuer of the tokens of this Ringmain, if it is known
 */
export async function prepareAz(
  loaded: LoadedConfig,
  url: string,
  { anew, issuer }: { readonly anew: boolean; readonly issuer?: string | undefined },
): Promise<AzEnvironment> {
  const origin = secureOrigin(url);
  const client = clientOf(loaded);
  const { host } = new URL(origin);
  const name = client === ANY_CLIENT ? host : `${host}-${client.clientId}`;
  const folder = join(identityFolder(loaded.config, loaded.folder), "az", name.replaceAll(/[^\w.-]+/g, "-"));
  await writeAzFiles(folder, { origin, client, issuer }, anew);
  await completeVersionCheck(folder);
  const variables: Record<string, string> = { AZURE_CONFIG_DIR: folder };
  // With a certificate of the user's own, trusting its issuer is up to the user.
  if (loaded.config.tls.certificate === undefined) {
    variables["REQUESTS_CA_BUNDLE"] = (await trustAuthority(loaded)).bundle;
  }
  if (existsSync(DEBIAN_COMMANDS)) variables["PYTHONPATH"] = pythonPath();
  return { origin, folder, variables };
}

/** Returns the application that az logs in as. Az cannot send an admin key. */
function clientOf({ config }: LoadedConfig): ClientLogin {
  const client = managingClient(config);
  if (client !== undefined) return client;
  if (config.mode === "dev" && config.adminKey === undefined) return ANY_CLIENT;
  throw new ExitError(2, [
    "az cannot send an 'adminKey'. In production, it logs in as an application that has a role for management. Add to the configuration:",
    '  "clients": [{ "clientId": "operator", "clientSecret": "…", "objectId": "operator-id" }],',
    '  "roleAssignments": [{ "principalId": "operator-id", "role": "Owner" }]',
  ]);
}

/**
 * Completes az's check for new versions, which it makes once in a new folder by a request to Microsoft. Runs az with
 * proxies that do not exist, so that the request fails and az records the check as done.
 */
async function completeVersionCheck(folder: string): Promise<void> {
  if (existsSync(join(folder, "versionCheck.json"))) return;
  const closed = "http://127.0.0.1:1";
  const proxies = { HTTPS_PROXY: closed, https_proxy: closed, HTTP_PROXY: closed, http_proxy: closed };
  const env = { ...withoutOwnVariables(process.env), ...proxies, AZURE_CONFIG_DIR: folder };
  try {
    await promisify(execFile)("az", ["version"], { env });
  } catch {
    // Az is not installed or does not start. The user sees the error when running az.
  }
}

/** Returns the HTTPS origin for the same port, with a host name of the certificate. Az sends tokens only over HTTPS. */
export function secureOrigin(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = LOCAL_ADDRESSES.has(hostname) ? "localhost" : hostname;
  return `https://${host}:${port === "" ? (protocol === "https:" ? "443" : "80") : port}`;
}

/** Returns `PYTHONPATH` with the folder that Debian's az needs to load its eventgrid commands. */
function pythonPath(): string {
  const shim = fileURLToPath(new URL("shims/debian-az", PACKAGE_FOLDER));
  const others = (process.env["PYTHONPATH"] ?? "").split(delimiter).filter((path) => path !== "" && path !== shim);
  return [shim, ...others].join(delimiter);
}
