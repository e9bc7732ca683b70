import type { TopicTypeDetails } from "./topic-type-details.ts";
import type { TopicType } from "./topic-types.ts";

type Load = () => Promise<TopicTypeDetails>;

/** Loaders of the details of each topic type. Details are loaded on first use, for a short start. */
const DETAILS: Readonly<Record<string, Load>> = {
  "Microsoft.AgFoodPlatform.FarmBeats": async () => (await import("./details/ag-food-platform.ts")).agFoodPlatform,
  "Microsoft.ApiCenter.Services": async () => (await import("./details/api-center.ts")).apiCenter,
  "Microsoft.ApiManagement.Service": async () => (await import("./details/api-management.ts")).apiManagement,
  "Microsoft.AppConfiguration.ConfigurationStores": async () =>
    (await import("./details/app-configuration.ts")).appConfiguration,
  "Microsoft.AVS.PrivateClouds": async () => (await import("./details/avs.ts")).avs,
  "Microsoft.Cache.Redis": async () => (await import("./details/cache.ts")).cache,
  "Microsoft.Communication.CommunicationServices": async () =>
    (await import("./details/communication/index.ts")).communication,
  "Microsoft.ContainerRegistry.Registries": async () =>
    (await import("./details/container-registry.ts")).containerRegistry,
  "Microsoft.ContainerService.ManagedClusters": async () =>
    (await import("./details/container-service.ts")).containerService,
  "Microsoft.DataBox.Jobs": async () => (await import("./details/data-box.ts")).dataBox,
  "Microsoft.Devices.IoTHubs": async () => (await import("./details/iot-hub.ts")).iotHub,
  "Microsoft.Edge.Contexts": async () => (await import("./details/edge.ts")).edge,
  "Microsoft.EventGrid.Domains": async () => (await import("./details/custom-topics.ts")).domainDetails,
  "Microsoft.EventGrid.Namespaces": async () => (await import("./details/event-grid-namespace.ts")).eventGridNamespace,
  "Microsoft.EventGrid.Topics": async () => (await import("./details/custom-topics.ts")).customTopics,
  "Microsoft.Eventhub.Namespaces": async () => (await import("./details/event-hub.ts")).eventHub,
  "Microsoft.HealthcareApis.Workspaces": async () => (await import("./details/healthcare.ts")).healthcare,
  "Microsoft.KeyVault.vaults": async () => (await import("./details/key-vault.ts")).keyVault,
  "Microsoft.MachineLearningServices.Workspaces": async () =>
    (await import("./details/machine-learning.ts")).machineLearning,
  "Microsoft.Maintenance.MaintenanceConfigurations": async () => (await import("./details/maintenance.ts")).maintenance,
  "Microsoft.Maps.Accounts": async () => (await import("./details/maps.ts")).maps,
  "Microsoft.Media.MediaServices": async () => (await import("./details/media.ts")).media,
  "Microsoft.PolicyInsights.PolicyStates": async () => (await import("./details/policy-insights.ts")).policyInsights,
  "Microsoft.ResourceNotifications.AKSResources": async () =>
    (await import("./details/resource-notifications.ts")).aksResources,
  "Microsoft.ResourceNotifications.ContainerServiceEventResources": async () =>
    (await import("./details/resource-notifications.ts")).containerServiceEventResources,
  "Microsoft.ResourceNotifications.HealthResources": async () =>
    (await import("./details/resource-notifications.ts")).healthResources,
  "Microsoft.ResourceNotifications.Resources": async () =>
    (await import("./details/resource-notifications.ts")).resourceManagement,
  "Microsoft.Resources.ResourceGroups": async () => (await import("./details/resources.ts")).resourceGroupDetails,
  "Microsoft.Resources.Subscriptions": async () => (await import("./details/resources.ts")).subscriptionDetails,
  "Microsoft.ServiceBus.Namespaces": async () => (await import("./details/service-bus.ts")).serviceBus,
  "Microsoft.SignalRService.SignalR": async () => (await import("./details/signalr.ts")).signalR,
  "Microsoft.Storage.StorageAccounts": async () => (await import("./details/storage.ts")).storageDetails,
  "Microsoft.Web.ServerFarms": async () => (await import("./details/web.ts")).webServerFarms,
  "Microsoft.Web.Sites": async () => (await import("./details/web.ts")).webSites,
};

/** Loads the details of a topic type. */
export async function loadDetails({ name }: TopicType): Promise<TopicTypeDetails> {
  const load = DETAILS[name];
  if (load === undefined) throw new Error(`No details of ${name}`);
  return load();
}
