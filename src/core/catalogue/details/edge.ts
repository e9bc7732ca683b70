import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const EDGE = "/subscriptions/<subscriptionId>/resourceGroups/<resourceGroupName>/providers/Microsoft.Edge";
const TARGET = `${EDGE}/targets/line-1`;
const TEMPLATE = `${EDGE}/solutionTemplates/vision`;
const VERSION = `${TARGET}/solutions/vision/versions/1.0.0`;

/** `Microsoft.Edge.Contexts` */
export const edge: TopicTypeDetails = {
  displayName: "Azure Arc Workload Orchestration",
  description: "Solution versions that wait for a validation from outside.",
  eventTypes: {
    SolutionVersionPublished: event("A version of a solution was published for a target.", "1.0", VERSION, {
      externalValidationId: "e6b4d1f6-8d4c-4b0c-9c1f-6d1a6b0c9d0e",
      targetId: TARGET,
      solutionTemplateId: TEMPLATE,
      solutionTemplateVersionId: `${TEMPLATE}/versions/1.0.0`,
      solutionVersionId: VERSION,
      apiVersion: "2025-06-01",
      callbackUrl: `https://management.azure.com${TARGET}/updateExternalValidationStatus?api-version=2025-06-01`,
    }),
  },
};
