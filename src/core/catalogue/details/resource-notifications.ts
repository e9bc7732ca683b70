import type { JsonObject } from "../../json.ts";
import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const PROVIDERS = "/subscriptions/<subscriptionId>/resourceGroups/<resourceGroupName>/providers";
const MACHINE = `${PROVIDERS}/Microsoft.Compute/virtualMachines/web-1`;
const ACCOUNT = `${PROVIDERS}/Microsoft.Storage/storageAccounts/ringmain`;
const CLUSTER = `${PROVIDERS}/Microsoft.ContainerService/managedClusters/shop`;
const GATE = `${PROVIDERS}/Microsoft.ContainerService/fleets/shops/gates/before-production`;
const SCHEDULED = `${CLUSTER}/scheduledEvents/bbe82027-0444-4f73-897a-0bbfe3af66f1`;
const WHEN: JsonObject = { operationalInfo: { resourceEventTime: "<time>" } };

/** `Microsoft.ResourceNotifications.HealthResources` */
export const healthResources: TopicTypeDetails = {
  displayName: "Azure Resource Notifications - Health Resources",
  description: "The health of the virtual machines of a subscription.",
  eventTypes: {
    AvailabilityStatusChanged: event("A virtual machine became available or unavailable.", "1", MACHINE, {
      resourceInfo: {
        id: `${MACHINE}/providers/Microsoft.ResourceHealth/availabilityStatuses/1fb6fa94`,
        name: "1fb6fa94",
        type: "Microsoft.ResourceHealth/availabilityStatuses",
        properties: {
          targetResourceId: MACHINE,
          targetResourceType: "Microsoft.Compute/virtualMachines",
          occurredTime: "<time>",
          previousAvailabilityState: "Unavailable",
          availabilityState: "Available",
        },
      },
      ...WHEN,
      apiVersion: "2023-12-01",
    }),
    ResourceAnnotated: event("Why a virtual machine's health changed.", "1", MACHINE, {
      resourceInfo: {
        id: `${MACHINE}/providers/Microsoft.ResourceHealth/resourceAnnotations/4c33e6f5`,
        name: "4c33e6f5",
        type: "Microsoft.ResourceHealth/resourceAnnotations",
        properties: {
          targetResourceId: MACHINE,
          targetResourceType: "Microsoft.Compute/virtualMachines",
          occurredTime: "<time>",
          annotationName: "VirtualMachineDeallocationInitiated",
          reason: "Stopping and deallocating",
          summary: "This virtual machine is being stopped on request.",
          context: "Customer Initiated",
          category: "Planned",
        },
      },
      ...WHEN,
      apiVersion: "2022-08-01",
    }),
  },
};

/** `Microsoft.ResourceNotifications.Resources` */
export const resourceManagement: TopicTypeDetails = {
  displayName: "Azure Resource Notifications - Resource Management",
  description: "The resources of a subscription, with what they became.",
  eventTypes: {
    CreatedOrUpdated: event("A resource was created or changed.", "1", ACCOUNT, {
      resourceInfo: {
        id: ACCOUNT,
        name: "ringmain",
        type: "Microsoft.Storage/storageAccounts",
        location: "westeurope",
        tags: { environment: "test" },
        properties: { provisioningState: "Succeeded", accessTier: "Hot" },
      },
      ...WHEN,
      apiVersion: "2024-01-01",
    }),
    Deleted: event("A resource was deleted.", "1", ACCOUNT, {
      resourceInfo: { id: ACCOUNT, name: "ringmain", type: "Microsoft.Storage/storageAccounts" },
      ...WHEN,
    }),
  },
};

/** `Microsoft.ResourceNotifications.ContainerServiceEventResources` */
export const containerServiceEventResources: TopicTypeDetails = {
  displayName: "Azure Resource Notifications - Container Service Event Resources",
  description: "Maintenance planned for the Kubernetes clusters of a subscription.",
  eventTypes: {
    ScheduledEventEmitted: event("Maintenance of a cluster is planned, begins or ends.", "1", SCHEDULED, {
      resourceInfo: {
        id: SCHEDULED,
        name: "bbe82027-0444-4f73-897a-0bbfe3af66f1",
        type: "Microsoft.ContainerService/managedClusters/scheduledEvents",
        properties: {
          description: "ScheduledEvents",
          eventId: "bbe82027-0444-4f73-897a-0bbfe3af66f1",
          eventSource: "AutoUpgrader",
          eventStatus: "Started",
          eventDetails: "The node image is being replaced.",
          scheduledTime: "<time>",
          startTime: "<time>",
          lastUpdateTime: "<time>",
          resources: [CLUSTER],
          resourceType: "ManagedCluster",
        },
      },
      ...WHEN,
      apiVersion: "2023-11-02-preview",
    }),
  },
};

function gate(state: string): JsonObject {
  return {
    resourceInfo: {
      id: GATE,
      name: "before-production",
      type: "Microsoft.ContainerService/fleets/gates",
      properties: { displayName: "Before production", gateType: "Approval", state, provisioningState: "Succeeded" },
    },
    ...WHEN,
    apiVersion: "2025-04-01-preview",
  };
}

/** `Microsoft.ResourceNotifications.AKSResources` */
export const aksResources: TopicTypeDetails = {
  displayName: "Azure Resource Notifications - AKS Resources",
  description: "Gates that the update runs of a fleet of Kubernetes clusters come to.",
  eventTypes: {
    FleetGateCreated: event("An update run came to a gate.", "1", GATE, gate("Pending")),
    FleetGateUpdated: event("A gate's state changed.", "1", GATE, gate("Completed")),
    FleetGateDeleted: event("A gate went with its update run.", "1", GATE, {
      resourceInfo: { id: GATE, name: "before-production", type: "Microsoft.ContainerService/fleets/gates" },
      ...WHEN,
    }),
  },
};
