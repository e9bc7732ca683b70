import { DEFAULT_SUBSCRIPTION_ID } from "../../../src/core/resources/resource-id.ts";
import { READ_ONLY_CALLS } from "../../../src/http/arm/event-grid.ts";
import { PROVIDERLESS_CALLS } from "../../../src/http/arm/index.ts";
import { RESOURCE_KINDS } from "../../../src/core/kinds/index.ts";
import { RESOURCE_TYPES } from "../../../src/resource-manager/resource-types.ts";
import { STORAGE_KINDS } from "../../../src/resource-manager/wire/storage-service.ts";
import { EG, GROUP } from "../../support/servers/arm-app.ts";
import type { Row } from "./app-rows.ts";
import { ARM_FACT, ARM_READ, ARM_WRITE, type Grid } from "./grids.ts";

const SUBSCRIPTION = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}`;
const TENANT = "/providers/Microsoft.EventGrid";
const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/acme`;
const DEPLOYMENT = `${GROUP}/providers/Microsoft.Resources/deployments/one`;
const ASSIGNMENT = "roleAssignments/00000000-0000-0000-0000-0000000000aa";
const AUTHORIZATION = `${GROUP}/providers/Microsoft.Authorization`;
/** Statuses of authorized calls: most of them name resources that do not exist. */
const ANYTHING = [400, 404, 405, 409, 412, 415, 501];

const row = (method: string, path: string, grid: Grid): Row => ({
  method,
  path: `${path}?api-version=${path.includes("Microsoft.EventGrid") ? "2025-02-15" : "2022-09-01"}`,
  grid,
  otherwise: ANYTHING,
  ...(["GET", "DELETE"].includes(method) ? {} : { headers: { "content-type": "application/json" }, body: "{}" }),
});

/** Returns the rows of every resource kind: its list, one resource, and the calls on one. */
function rowsOfTypes(): Row[] {
  return Object.values(RESOURCE_TYPES).flatMap(({ type, actions }) => {
    const list = collectionOf(type);
    const one = `${list}/made`;
    return [
      row("GET", list, ARM_READ),
      row("GET", one, ARM_READ),
      ...["PUT", "PATCH", "DELETE"].map((method) => row(method, one, ARM_WRITE)),
      ...actions.map((action) => row("POST", `${one}/${action}`, ARM_WRITE)),
    ];
  });
}

function collectionOf(type: keyof typeof RESOURCE_TYPES): string {
  const { placement } = RESOURCE_KINDS[type];
  const last = type.slice(type.lastIndexOf("/") + 1);
  switch (placement.kind) {
    case "subscription":
      return `${SUBSCRIPTION}/${last}`;
    case "group":
      return `${GROUP}/providers/${type}`;
    case "parent":
      return `${collectionOf(placement.parent as keyof typeof RESOURCE_TYPES)}/made/${last}`;
    case "extension":
      return `${EG}/topics/orders/providers/${type}`;
    case "record":
      throw new Error(`No row for records: ${type}`);
    default:
      return placement satisfies never;
  }
}

/** Returns the rows of calls that belong to no provider. */
function rowsOfPlain(): Row[] {
  return Array.from(PROVIDERLESS_CALLS.keys(), (shape) => {
    const path = `/${shape}`
      .replace("subscriptions/*", SUBSCRIPTION.slice(1))
      .replace("resourcegroups/*", "resourceGroups/ringmain");
    return row("GET", path, path.startsWith(SUBSCRIPTION) ? ARM_READ : ARM_FACT);
  });
}

const READ_ONLY_PATHS: Readonly<Record<string, readonly string[]>> = {
  operations: [`${TENANT}/operations`],
  topicTypes: [`${TENANT}/topicTypes`, `${TENANT}/topicTypes/Microsoft.KeyVault.vaults`],
  "topicTypes/eventTypes": [`${TENANT}/topicTypes/Microsoft.KeyVault.vaults/eventTypes`],
  verifiedPartners: [`${TENANT}/verifiedPartners`, `${TENANT}/verifiedPartners/acme`],
  extensionTopics: [`${GROUP}${TENANT}/extensionTopics/default`],
  eventTypes: [`${EG}/topics/orders${TENANT}/eventTypes`],
  "locations/operationsStatus": [`${SUBSCRIPTION}${TENANT}/locations/local/operationsStatus/one`],
};

/** Returns the rows of read-only resources. */
function rowsOfReadOnly(): Row[] {
  return Array.from(READ_ONLY_CALLS.keys()).flatMap((types) => {
    const paths = READ_ONLY_PATHS[types];
    if (paths === undefined)
      throw new Error(`The call on '${types}' has no row: add one with its result for each caller.`);
    return paths.map((path) => row("GET", path, path.startsWith(TENANT) ? ARM_FACT : ARM_READ));
  });
}

const OTHERS: readonly Row[] = [
  ...["topicTypes/x", "locations/local", "locations/local/topicTypes/x"].map((list) =>
    row("GET", `${SUBSCRIPTION}${TENANT}/${list}/eventSubscriptions`, ARM_READ),
  ),
  row("GET", `${SUBSCRIPTION}${TENANT}/eventSubscriptions`, ARM_READ),
  row("GET", `${EG}/topics/orders/eventSubscriptions`, ARM_READ),
  row("PUT", `${EG}/topics/orders/eventSubscriptions/made`, ARM_WRITE),
  row("GET", `${EG}/topics/orders/privateLinkResources`, ARM_READ),
  row("PUT", `${EG}/topics/orders/privateEndpointConnections/one`, ARM_WRITE),
  row("GET", "/providers/Microsoft.EventGrid", ARM_FACT),
  row("POST", `${SUBSCRIPTION}/providers/Microsoft.EventGrid/register`, ARM_WRITE),
  row("GET", `${AUTHORIZATION}/roleAssignments`, ARM_READ),
  row("GET", `${AUTHORIZATION}/${ASSIGNMENT}`, ARM_READ),
  row("PUT", `${AUTHORIZATION}/${ASSIGNMENT}`, ARM_WRITE),
  row("DELETE", `${AUTHORIZATION}/${ASSIGNMENT}`, ARM_WRITE),
  row("GET", "/providers/Microsoft.Authorization/roleAssignments", ARM_READ),
  row("GET", "/providers/Microsoft.Authorization/roleDefinitions", ARM_FACT),
  row("GET", "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7", ARM_FACT),
  row("POST", `${SUBSCRIPTION}/providers/Microsoft.Storage/checkNameAvailability`, ARM_WRITE),
  ...STORAGE_KINDS.flatMap(({ services, items }) => [
    row("GET", `${ACCOUNT}/${services}/default`, ARM_READ),
    row("GET", `${ACCOUNT}/${services}/default/${items}`, ARM_READ),
    row("PUT", `${ACCOUNT}/${services}/default/${items}/made`, ARM_WRITE),
  ]),
  row("GET", `${GROUP}/providers/Microsoft.Resources/deployments`, ARM_READ),
  ...["GET", "PUT", "DELETE"].map((method) => row(method, DEPLOYMENT, method === "GET" ? ARM_READ : ARM_WRITE)),
  ...["validate", "whatIf", "cancel"].map((verb) => row("POST", `${DEPLOYMENT}/${verb}`, ARM_WRITE)),
  row("GET", `${DEPLOYMENT}/operations`, ARM_READ),
  row("GET", `${GROUP}/deployments/one/operations`, ARM_READ),
  row("GET", "/providers/Microsoft.Authorization/roleAssignments/00000000-0000-0000-0000-0000000000aa", ARM_READ),
  row("GET", "/providers/Microsoft.Resources/deployments", ARM_READ),
  // Found nowhere, but a caller without a token must not learn that.
  row("GET", "/subscriptions/nonsense/nothing", ARM_FACT),
  row("GET", "/providers/Microsoft.Nothing/things", ARM_READ),
  row("PUT", `${GROUP}/providers/Microsoft.Nothing/things/one`, ARM_WRITE),
];

/**
 * All calls of Resource Manager. The rows of resource kinds and of read-only resources are generated from the tables.
 */
export const ARM_ROWS: readonly Row[] = [...rowsOfTypes(), ...rowsOfPlain(), ...rowsOfReadOnly(), ...OTHERS];
