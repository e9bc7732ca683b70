/** Addresses and names that tools want of a cloud, with those of Ringmain's own at `origin`. */
function cloud(origin: string): Record<string, unknown> {
  return {
    name: "Ringmain",
    portal: origin,
    resourceManager: origin,
    gallery: origin,
    graph: origin,
    graphAudience: `${origin}/`,
    microsoftGraphResourceId: `${origin}/`,
    authentication: {
      loginEndpoint: origin,
      audiences: [`${origin}/`, "https://management.azure.com/", "https://management.core.windows.net/"],
      tenant: "common",
      identityProvider: "AAD",
    },
    suffixes: {
      storage: "core.windows.net",
      keyVaultDns: "vault.azure.net",
      sqlServerHostname: "database.windows.net",
      acrLoginServer: "azurecr.io",
    },
  };
}

/**
 * What tools ask of a cloud before they log in to it: one object, once an array of clouds, and at first something
 * flatter. Source: [EG-CLOUD-METADATA]
 */
export function cloudMetadata(apiVersion: string, origin: string): unknown {
  if (!/^\d{4}-/.test(apiVersion) || apiVersion < "2019") {
    return {
      galleryEndpoint: origin,
      graphEndpoint: origin,
      portalEndpoint: origin,
      // Clients of this age ask Microsoft about any authority but an on-premises one.
      authentication: { loginEndpoint: `${origin}/adfs`, audiences: [`${origin}/`] },
    };
  }
  return apiVersion < "2022" ? [cloud(origin)] : cloud(origin);
}
