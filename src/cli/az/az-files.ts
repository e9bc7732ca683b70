import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DEFAULT_SUBSCRIPTION_ID, DEFAULT_TENANT_ID } from "../../core/resource-id.ts";

/** What az calls the cloud that Ringmain is. */
const CLOUD = "Ringmain";
/** In development anything is taken for an application's id and secret. */
const ANYBODY = "ringmain";

/**
 * Makes the files by which az knows a Ringmain as its cloud, and itself as logged in there. What az has changed in
 * them since stays, unless they are to be made `anew`.
 *
 * @param origin where Resource Manager answers, HTTPS, without a slash at its end
 */
export async function writeAzFiles(folder: string, origin: string, anew: boolean): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(azFiles(origin))) {
    const file = join(folder, name);
    if (anew || !existsSync(file)) await writeFile(file, content, { mode: 0o600 });
  }
}

/** Each file's name and content. */
function azFiles(origin: string): Record<string, string> {
  return {
    "clouds.config": ini({
      [CLOUD]: {
        profile: "latest",
        endpoint_management: origin,
        endpoint_resource_manager: origin,
        // An on-premises authority is one that az does not ask Microsoft about.
        endpoint_active_directory: `${origin}/adfs`,
        endpoint_active_directory_resource_id: `${origin}/`,
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
        // Nothing of this leaves the machine.
        collect_telemetry: "no",
        survey_message: "no",
        error_recommendation: "off",
        instance_discovery: "false",
        // On Windows az would look for encrypted files.
        encrypt_token_cache: "false",
      },
      "auto-upgrade": { enable: "no" },
    }),
    "azureProfile.json": JSON.stringify({ installationId: randomUUID(), subscriptions: [subscription()] }),
    "service_principal_entries.json": JSON.stringify([
      { client_id: ANYBODY, tenant: DEFAULT_TENANT_ID, client_secret: ANYBODY },
    ]),
  };
}

function subscription(): object {
  return {
    id: DEFAULT_SUBSCRIPTION_ID,
    name: CLOUD,
    state: "Enabled",
    user: { name: ANYBODY, type: "servicePrincipal" },
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
