import type { JsonObject } from "../core/json.ts";
import { ALL_KINDS } from "../core/kinds/index.ts";
import { EVENT_GRID_VERSIONS } from "./api-versions.ts";
import { RESOURCE_TYPES } from "./resource-types.ts";

/** A resource provider: a namespace of resource types. Clients read it to learn the API versions. */
export interface ArmProvider {
  readonly namespace: string;
  readonly resourceTypes: readonly string[];
  /** Newest first. */
  readonly apiVersions: readonly string[];
}

const RESOURCES_VERSIONS = ["2024-11-01", "2022-09-01", "2021-04-01", "2020-10-01", "2020-06-01", "2019-10-01"];

/** Event Grid's types that are not in {@link RESOURCE_TYPES}: read-only types, and second addresses of a kind. */
const FURTHER_TYPES = [
  "operations",
  "locations",
  "locations/operationsStatus",
  "topicTypes",
  "extensionTopics",
  "verifiedPartners",
  ...ALL_KINDS.filter(({ subscribable }) => subscribable).map(
    ({ type }) => `${type.slice(type.indexOf("/") + 1)}/eventSubscriptions`,
  ),
];

/** All providers; each one is registered with every subscription. */
export const PROVIDERS: readonly ArmProvider[] = [
  {
    namespace: "Microsoft.EventGrid",
    resourceTypes: [...typesOf("Microsoft.EventGrid"), ...FURTHER_TYPES],
    apiVersions: EVENT_GRID_VERSIONS,
  },
  {
    namespace: "Microsoft.Resources",
    resourceTypes: ["tenants", "subscriptions", "subscriptions/resourceGroups", "resourceGroups", "deployments"],
    apiVersions: RESOURCES_VERSIONS,
  },
  {
    namespace: "Microsoft.Storage",
    resourceTypes: [
      "storageAccounts",
      "storageAccounts/blobServices",
      "storageAccounts/blobServices/containers",
      "storageAccounts/queueServices",
      "storageAccounts/queueServices/queues",
    ],
    apiVersions: ["2023-05-01", "2023-01-01", "2022-09-01", "2021-09-01", "2019-06-01"],
  },
  {
    namespace: "Microsoft.Authorization",
    resourceTypes: ["roleAssignments", "roleDefinitions"],
    apiVersions: ["2022-04-01", "2020-04-01-preview", "2018-01-01-preview", "2015-07-01"],
  },
  {
    namespace: "Microsoft.Web",
    resourceTypes: ["sites", "sites/functions", "serverfarms"],
    apiVersions: ["2023-12-01", "2022-09-01", "2022-03-01", "2021-03-01"],
  },
];

/** Returns the provider with a namespace, in any case. */
export function providerNamed(namespace: string): ArmProvider | undefined {
  return PROVIDERS.find((provider) => provider.namespace.toLowerCase() === namespace.toLowerCase());
}

/** Returns a provider as clients see it. */
export function readProvider(
  { namespace, resourceTypes, apiVersions }: ArmProvider,
  subscriptionId: string,
): JsonObject {
  return {
    id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
    namespace,
    registrationPolicy: "RegistrationRequired",
    registrationState: "Registered",
    resourceTypes: resourceTypes.map((resourceType) => ({
      resourceType,
      locations: [],
      apiVersions,
      defaultApiVersion: apiVersions.find((version) => !version.endsWith("-preview")) ?? null,
      capabilities: "None",
    })),
  };
}

function typesOf(namespace: string): string[] {
  return Object.keys(RESOURCE_TYPES)
    .filter((type) => type.startsWith(`${namespace}/`))
    .map((type) => type.slice(namespace.length + 1));
}
