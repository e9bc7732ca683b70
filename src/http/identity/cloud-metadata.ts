/** Returns a cloud's endpoints and names, with those of Ringmain at `origin`. */
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
 * Returns the cloud metadata that tools request before they log in. Newer API versions return one object, older
 * ones an array of clouds, and the oldest a flat object. Source: [EG-CLOUD-METADATA]
 */
export function cloudMetadata(apiVersion: string, origin: string): unknown {
  if (!/^\d{4}-/.test(apiVersion) || apiVersion < "2019") {
    return {
      galleryEndpoint: origin,
      graphEndpoint: origin,
      portalEndpoint: origin,
      // Clients of this age check every authority with Microsoft, except an on-premises one.
      authentication: { loginEndpoint: `${origin}/adfs`, audiences: [`${origin}/`] },
    };
  }
  return apiVersion < "2022" ? [cloud(origin)] : cloud(origin);
}
