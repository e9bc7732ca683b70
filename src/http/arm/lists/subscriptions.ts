import { PROVIDERS, providerNamed, readProvider } from "../../../resource-manager/providers.ts";
import { RingmainError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { DEFAULT_SUBSCRIPTION_ID, DEFAULT_TENANT_ID } from "../../../core/resources/resource-id.ts";
import type { ResourceDirectory } from "../../../engine/directory/resource-directory.ts";
import { ok, type ArmAnswer, type ArmCall } from "../arm-call.ts";
import { wholeList } from "./list-page.ts";
import { notAllowed } from "../resources.ts";

/** Regions that clients offer to choose from. Any other word is accepted as a region too. */
const LOCATIONS: readonly (readonly [name: string, displayName: string])[] = [
  ["local", "Local"],
  ["global", "Global"],
  ["eastus", "East US"],
  ["eastus2", "East US 2"],
  ["westus", "West US"],
  ["westus2", "West US 2"],
  ["centralus", "Central US"],
  ["northeurope", "North Europe"],
  ["westeurope", "West Europe"],
  ["uksouth", "UK South"],
  ["germanywestcentral", "Germany West Central"],
  ["southeastasia", "Southeast Asia"],
  ["japaneast", "Japan East"],
  ["australiaeast", "Australia East"],
];

/** Handles `/tenants`: there is one tenant. */
export function tenants(): ArmAnswer {
  return wholeList([
    {
      id: `/tenants/${DEFAULT_TENANT_ID}`,
      tenantId: DEFAULT_TENANT_ID,
      displayName: "Ringmain",
      defaultDomain: "ringmain.localhost",
      countryCode: "",
      tenantCategory: "Home",
      domains: ["ringmain.localhost"],
    },
  ]);
}

/** Handles `/subscriptions`: lists the default one and those that contain resources. [ARM-SUBSCRIPTIONS] */
export function azureSubscriptions({ engine }: ArmCall): ArmAnswer {
  const value = [...subscriptionIds(engine.directory)].toSorted().map(readSubscription);
  return ok({ value, count: { type: "Total", value: value.length } });
}

/** Handles `/subscriptions/{id}`: any id is a valid subscription. */
export function azureSubscription({ path }: ArmCall): ArmAnswer {
  return ok(readSubscription(path.subscriptionId ?? ""));
}

/** Handles `/subscriptions/{id}/locations`. */
export function locations({ path }: ArmCall): ArmAnswer {
  return wholeList(
    LOCATIONS.map(([name, displayName]) => ({
      id: `/subscriptions/${path.subscriptionId}/locations/${name}`,
      name,
      type: "Region",
      displayName,
      regionalDisplayName: displayName,
      metadata: { regionType: "Physical", regionCategory: "Recommended" },
    })),
  );
}

/**
 * Handles `providers`, `providers/{namespace}` and `register` of a subscription: all providers are always registered.
 */
export function providers({ method, path }: ArmCall): ArmAnswer {
  const subscriptionId = path.subscriptionId ?? DEFAULT_SUBSCRIPTION_ID;
  if (path.namespace === undefined) {
    if (method !== "GET") throw notAllowed(method);
    return wholeList(PROVIDERS.map((provider) => readProvider(provider, subscriptionId)));
  }
  const registers = path.types.length === 1;
  if (method !== (registers ? "POST" : "GET")) throw notAllowed(method);
  const provider = providerNamed(path.namespace);
  if (provider !== undefined) return ok(readProvider(provider, subscriptionId));
  throw unknownNamespace(path.namespace);
}

/** Returns the error for a provider that does not exist. */
export function unknownNamespace(namespace: string): RingmainError {
  return new RingmainError("invalid_resource_namespace", `The resource namespace '${namespace}' is invalid.`);
}

function subscriptionIds(directory: ResourceDirectory): Set<string> {
  return new Set([DEFAULT_SUBSCRIPTION_ID, ...directory.subscriptionIds()]);
}

function readSubscription(subscriptionId: string): JsonObject {
  return {
    id: `/subscriptions/${subscriptionId}`,
    authorizationSource: "RoleBased",
    managedByTenants: [],
    subscriptionId,
    tenantId: DEFAULT_TENANT_ID,
    displayName: subscriptionId === DEFAULT_SUBSCRIPTION_ID ? "Ringmain" : subscriptionId,
    state: "Enabled",
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "PayAsYouGo_2014-09-01",
      spendingLimit: "Off",
    },
  };
}
