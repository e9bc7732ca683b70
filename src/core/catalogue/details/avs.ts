import type { JsonObject } from "../../json.ts";
import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

const OPERATION: JsonObject = { operationId: "fe1cb595-71c8-47d7-b505-60d39a44d53d" };
const FAILURE: JsonObject = { failureMessage: "The operation could not be done." };
const HOSTS: JsonObject = { addedHostNames: ["host-3"], removedHostNames: [], inMaintenanceHostNames: [] };
const SCRIPT: JsonObject = {
  ...OPERATION,
  cmdletId: "Microsoft.AVS.Management@5.3.70/Set-LocationStoragePolicy",
  output: ["The policy was set."],
};

function cluster(description: string, data: JsonObject = {}): EventTypeDetails {
  return event(description, "1.0", "/clusters/cluster-1", { ...OPERATION, ...HOSTS, ...data });
}

function cloud(description: string, data: JsonObject = {}): EventTypeDetails {
  return event(description, "1.0", "/privateClouds/<name>", { ...OPERATION, ...data });
}

function script(description: string, data: JsonObject = {}): EventTypeDetails {
  return event(description, "1.0", "/scriptExecutions/set-policy", { ...SCRIPT, ...data });
}

/** `Microsoft.AVS.PrivateClouds` */
export const avs: TopicTypeDetails = {
  displayName: "Azure VMware Solution",
  description: "A private cloud, its clusters and the scripts that ran in it.",
  eventTypes: {
    PrivateCloudUpdating: cloud("A private cloud is being changed."),
    PrivateCloudUpdated: cloud("A private cloud was changed."),
    PrivateCloudFailed: cloud("A change of a private cloud failed.", FAILURE),
    ClusterCreated: cluster("A cluster was created."),
    ClusterUpdating: cluster("A cluster is being changed."),
    ClusterUpdated: cluster("A cluster was changed."),
    ClusterDeleted: cluster("A cluster was deleted."),
    ClusterFailed: cluster("A change of a cluster failed.", FAILURE),
    ScriptExecutionStarted: script("A script began."),
    ScriptExecutionFinished: script("A script ended.", { namedOutputs: { policy: "RAID-1" } }),
    ScriptExecutionCancelled: script("A script was cancelled."),
    ScriptExecutionFailed: script("A script failed.", FAILURE),
  },
};
