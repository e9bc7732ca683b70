import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

const RESOURCE =
  "/subscriptions/<subscriptionId>/resourceGroups/<resourceGroupName>/providers/Microsoft.Storage/storageAccounts/ringmain";

function state(description: string, complianceState: string): EventTypeDetails {
  return event(description, "1", RESOURCE, {
    timestamp: "<time>",
    policyAssignmentId:
      "/subscriptions/<subscriptionId>/providers/microsoft.authorization/policyassignments/https-only",
    policyDefinitionId: "/providers/microsoft.authorization/policydefinitions/404c3081-a854-4457-ae30-26a93ef643f9",
    policyDefinitionReferenceId: "",
    complianceState,
    subscriptionId: "<subscriptionId>",
    complianceReasonCode: "",
  });
}

/** `Microsoft.PolicyInsights.PolicyStates` */
export const policyInsights: TopicTypeDetails = {
  displayName: "Microsoft PolicyInsights",
  description: "Whether the resources of a subscription comply with policies.",
  eventTypes: {
    PolicyStateCreated: state("A resource's compliance was judged for the first time.", "NonCompliant"),
    PolicyStateChanged: state("A resource's compliance changed.", "Compliant"),
    PolicyStateDeleted: state("A resource's compliance is judged no longer.", "NonCompliant"),
  },
};
