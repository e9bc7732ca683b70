import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClientLogin } from "../../app/access/managing-client.ts";
import { makeFolder } from "../../files/make-folder.ts";
import { DEFAULT_SUBSCRIPTION_ID, DEFAULT_TENANT_ID } from "../../core/resources/resource-id.ts";

/** Name of Ringmain's cloud in az. */
const CLOUD = "Ringmain";
/** File with the applications that az is logged in as. */
const LOGINS = "service_principal_entries.json";
/** Files in which az caches tokens and error responses. */
const CACHES = ["msal_token_cache.json", "msal_http_cache.bin"];
/** File with the issuer of the cached tokens. */
const ISSUER = "ringmain-issuer";

/** A login of az to a Ringmain. */
export interface AzLogin {
  /** Address of Resource Manager, HTTPS, without a trailing slash. */
  readonly origin: string;
  readonly client: ClientLogin;
  /** The `iss` of its tokens; `undefined` if it is unknown or there are no tokens. */
  readonly issuer?: string | undefined;
}

/**
 * Writes the files that make a Ringmain the cloud of az, with az logged in. Existing files are kept, because az may have
 * changed them, unless `anew` is set. The client's secret is always written. Cached tokens of another instance that had
 * the same address are removed, because az would send them until they expire.
 */
export async function writeAzFiles(folder: string, login: AzLogin, anew: boolean): Promise<void> {
  await makeFolder(folder, 0o700);
  if (anew) await Promise.all([LOGINS, ...CACHES, ISSUER].map((name) => rm(join(folder, name), { force: true })));
  else await dropForeignTokens(folder, login.issuer ?? "");
  for (const [name, content] of Object.entries(azFiles(login))) {
    const file = join(folder, name);
    if (anew || !existsSync(file)) await writeFile(file, content, { mode: 0o600 });
  }
  await writeLogin(join(folder, LOGINS), login.client);
}

async function dropForeignTokens(folder: string, issuer: string): Promise<void> {
  const file = join(folder, ISSUER);
  if (existsSync(file) && (await readFile(file, "utf8")) === issuer) return;
  await Promise.all(CACHES.map((name) => rm(join(folder, name), { force: true })));
  await writeFile(file, issuer, { mode: 0o600 });
}

/** Replaces the secret of an application. Other applications stay logged in. */
async function writeLogin(file: string, { clientId, clientSecret }: ClientLogin): Promise<void> {
  const before = existsSync(file) ? await readFile(file, "utf8") : "[]";
  const others = (JSON.parse(before) as { client_id: string }[]).filter(({ client_id: id }) => id !== clientId);
  const own = { client_id: clientId, tenant: DEFAULT_TENANT_ID, client_secret: clientSecret };
  const after = JSON.stringify([own, ...others]);
  if (after !== before) await writeFile(file, after, { mode: 0o600 });
}

/** Returns the content of each file, by name. */
function azFiles({ origin, client }: AzLogin): Record<string, string> {
  return {
    "clouds.config": ini({
      [CLOUD]: {
        profile: "latest",
        endpoint_management: origin,
        endpoint_resource_manager: origin,
        // The path makes it an on-premises authority, which az does not look up at Microsoft.
        endpoint_active_directory: `${origin}/adfs`,
        // Ringmain accepts this audience for Resource Manager at every address.
        endpoint_active_directory_resource_id: "https://management.azure.com/",
        endpoint_active_directory_graph_resource_id: `${origin}/`,
        endpoint_microsoft_graph_resource_id: `${origin}/`,
        endpoint_gallery: origin,
        suffix_storage_endpoint: "core.windows.net",
        subscription: DEFAULT_SUBSCRIPTION_ID,
      },
    }),
    config: ini({
      cloud: { name: CLOUD },
      core: {
        // No data leaves the machine.
        collect_telemetry: "no",
        survey_message: "no",
        error_recommendation: "off",
        instance_discovery: "false",
        // Otherwise az on Windows expects encrypted files.
        encrypt_token_cache: "false",
      },
      "auto-upgrade": { enable: "no" },
    }),
    "azureProfile.json": JSON.stringify({ installationId: randomUUID(), subscriptions: [subscription(client)] }),
  };
}

function subscription({ clientId }: ClientLogin): object {
  return {
    id: DEFAULT_SUBSCRIPTION_ID,
    name: CLOUD,
    state: "Enabled",
    user: { name: clientId, type: "servicePrincipal" },
    isDefault: true,
    tenantId: DEFAULT_TENANT_ID,
    environmentName: CLOUD,
    homeTenantId: DEFAULT_TENANT_ID,
    managedByTenants: [],
  };
}

function ini(sections: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  return Object.entries(sections)
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`);
      return `[${name}]\n${lines.join("")}\n`;
    })
    .join("");
}
