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

/** How az is told of a Ringmain. */
export interface AzEnvironment {
  /** Where Resource Manager answers. */
  readonly origin: string;
  /** az's configuration folder; deleting it undoes everything. */
  readonly folder: string;
  /** What must be set for az. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Addresses that are this machine's, or any. */
const HERE: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "0.0.0.0", "[::]"]);
/** In development anything is taken for an application's id and secret. */
const ANYBODY: ClientLogin = { clientId: "ringmain", clientSecret: "ringmain" };
/** Where Debian's packages keep az's eventgrid commands; other packages of az bring a Python and an SDK of their own. */
const DEBIAN_COMMANDS = "/usr/lib/python3/dist-packages/azure/cli/command_modules/eventgrid";

/**
 * Sets az up for the Ringmain at `url`: a configuration folder of its own among what is the user's, one for each
 * address and application, and a bundle of authorities. Ends the command where the configuration knows nobody whom az
 * could be.
 *
 * @param options.anew also what az has changed there since
 * @param options.issuer of the tokens that az gets there, as far as it is known
 */
export async function prepareAz(
  loaded: LoadedConfig,
  url: string,
  { anew, issuer }: { readonly anew: boolean; readonly issuer?: string | undefined },
): Promise<AzEnvironment> {
  const origin = secureOrigin(url);
  const client = clientOf(loaded);
  const { host } = new URL(origin);
  const place = client === ANYBODY ? host : `${host}-${client.clientId}`;
  const folder = join(identityFolder(loaded.config, loaded.folder), "az", place.replaceAll(/[^\w.-]+/g, "-"));
  await writeAzFiles(folder, { origin, client, issuer }, anew);
  await answerVersionCheck(folder);
  const variables: Record<string, string> = { AZURE_CONFIG_DIR: folder };
  // Who issued a certificate of the user's own is trusted already, or is the user's to trust.
  if (loaded.config.tls.certificate === undefined) {
    variables["REQUESTS_CA_BUNDLE"] = (await trustAuthority(loaded)).bundle;
  }
  if (existsSync(DEBIAN_COMMANDS)) variables["PYTHONPATH"] = pythonPath();
  return { origin, folder, variables };
}

/** Whom az logs in as. An admin key is nothing that az could send. */
function clientOf({ config }: LoadedConfig): ClientLogin {
  const client = managingClient(config);
  if (client !== undefined) return client;
  if (config.mode === "dev" && config.adminKey === undefined) return ANYBODY;
  throw new ExitError(2, [
    "az cannot send an 'adminKey'. In production, it logs in as an application that has a role for management. Add to the configuration:",
    '  "clients": [{ "clientId": "operator", "clientSecret": "…", "objectId": "operator-id" }],',
    '  "roleAssignments": [{ "principalId": "operator-id", "role": "Owner" }]',
  ]);
}

/**
 * In a new folder az asks Microsoft once which version is the newest. Here it asks where nobody answers, and keeps that
 * it has asked.
 */
async function answerVersionCheck(folder: string): Promise<void> {
  if (existsSync(join(folder, "versionCheck.json"))) return;
  const nobody = "http://127.0.0.1:1";
  const proxies = { HTTPS_PROXY: nobody, https_proxy: nobody, HTTP_PROXY: nobody, http_proxy: nobody };
  const env = { ...withoutOwnVariables(process.env), ...proxies, AZURE_CONFIG_DIR: folder };
  try {
    await promisify(execFile)("az", ["version"], { env });
  } catch {
    // No az yet, or one that does not start so: whoever runs it is told then.
  }
}

/** The same port over HTTPS, by a name that is in the certificate: az sends no token otherwise. */
export function secureOrigin(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = HERE.has(hostname) ? "localhost" : hostname;
  return `https://${host}:${port === "" ? (protocol === "https:" ? "443" : "80") : port}`;
}

/** With what Debian's az needs to load its eventgrid commands. */
function pythonPath(): string {
  const shim = fileURLToPath(new URL("shims/debian-az", PACKAGE_FOLDER));
  const others = (process.env["PYTHONPATH"] ?? "").split(delimiter).filter((path) => path !== "" && path !== shim);
  return [shim, ...others].join(delimiter);
}
