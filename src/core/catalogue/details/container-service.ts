import type { JsonObject } from "../../json.ts";
import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const VERSION: JsonObject = { kubernetesVersion: "1.30.9" };
const POOL: JsonObject = { nodePoolName: "nodepool1" };

/** `Microsoft.ContainerService.ManagedClusters` */
export const containerService: TopicTypeDetails = {
  displayName: "Azure Kubernetes Service",
  description: "Versions and node pools of a Kubernetes cluster.",
  eventTypes: {
    NewKubernetesVersionAvailable: event("Other versions of Kubernetes are to be had.", "1", "<name>", {
      latestSupportedKubernetesVersion: "1.33.1",
      latestStableKubernetesVersion: "1.32.5",
      lowestMinorKubernetesVersion: "1.30.9",
      latestPreviewKubernetesVersion: "1.34.0",
    }),
    ClusterSupportEnding: event("The cluster's version is supported no longer soon.", "1", "<name>", VERSION),
    ClusterSupportEnded: event("The cluster's version is supported no longer.", "1", "<name>", VERSION),
    NodePoolRollingStarted: event("The nodes of a pool are being replaced.", "1", "<name>", POOL),
    NodePoolRollingSucceeded: event("The nodes of a pool were replaced.", "1", "<name>", POOL),
    NodePoolRollingFailed: event("The nodes of a pool could not be replaced.", "1", "<name>", POOL),
  },
};
