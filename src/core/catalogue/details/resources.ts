import type { JsonObject } from "../../json.ts";
import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

const RESOURCE =
  "/subscriptions/<subscriptionId>/resourceGroups/<resourceGroupName>/providers/Microsoft.Storage/storageAccounts/ringmain";

interface Operation {
  readonly verb: "write" | "delete" | "action";
  readonly method: "PUT" | "DELETE" | "POST";
  readonly status: "Succeeded" | "Failed" | "Canceled";
}

function done(description: string, { verb, method, status }: Operation): EventTypeDetails {
  const action = verb === "action" ? "listKeys/action" : verb;
  const operation = `Microsoft.Storage/storageAccounts/${action}`;
  const data: JsonObject = {
    authorization: { scope: RESOURCE, action: operation, evidence: { role: "Contributor" } },
    claims: {
      aud: "https://management.core.windows.net/",
      "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": "operator@ringmain.example",
    },
    correlationId: "54f7233b-53f2-4bb7-a0c3-e4f0be6a3d2b",
    httpRequest: {
      clientRequestId: "27003b25-91d3-418f-8eb1-29e537dcb249",
      clientIpAddress: "203.0.113.7",
      method,
      url: `https://management.azure.com${RESOURCE}?api-version=2024-01-01`,
    },
    resourceProvider: "Microsoft.Storage",
    resourceUri: RESOURCE,
    operationName: operation,
    status,
    subscriptionId: "<subscriptionId>",
    tenantId: "00000000-0000-0000-0000-000000000000",
  };
  return event(description, "2", RESOURCE, data);
}

const WRITE = { verb: "write", method: "PUT" } as const;
const DELETE = { verb: "delete", method: "DELETE" } as const;
const ACTION = { verb: "action", method: "POST" } as const;

const EVENT_TYPES: Readonly<Record<string, EventTypeDetails>> = {
  ResourceWriteSuccess: done("A resource was created or changed.", { ...WRITE, status: "Succeeded" }),
  ResourceWriteFailure: done("A resource could not be created or changed.", { ...WRITE, status: "Failed" }),
  ResourceWriteCancel: done("Creating or changing a resource was cancelled.", { ...WRITE, status: "Canceled" }),
  ResourceDeleteSuccess: done("A resource was deleted.", { ...DELETE, status: "Succeeded" }),
  ResourceDeleteFailure: done("A resource could not be deleted.", { ...DELETE, status: "Failed" }),
  ResourceDeleteCancel: done("Deleting a resource was cancelled.", { ...DELETE, status: "Canceled" }),
  ResourceActionSuccess: done("An action on a resource was done.", { ...ACTION, status: "Succeeded" }),
  ResourceActionFailure: done("An action on a resource failed.", { ...ACTION, status: "Failed" }),
  ResourceActionCancel: done("An action on a resource was cancelled.", { ...ACTION, status: "Canceled" }),
};

/** `Microsoft.Resources.Subscriptions` */
export const subscriptionDetails: TopicTypeDetails = {
  displayName: "Azure Subscriptions",
  description: "What is done to the resources of a subscription.",
  eventTypes: EVENT_TYPES,
};

/** `Microsoft.Resources.ResourceGroups` */
export const resourceGroupDetails: TopicTypeDetails = {
  displayName: "Resource Groups",
  description: "What is done to the resources of a resource group.",
  eventTypes: EVENT_TYPES,
};
