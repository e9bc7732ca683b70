import { AZURE_KIND, RESOURCE_ENDPOINT, resourceIdProperty, type DestinationKind } from "./destination-kind.ts";
import {
  ATTRIBUTES,
  BATCHING,
  type AttributedResourceProperties,
  type BatchingProperties,
} from "./destination-property.ts";

/** Properties of a function destination. */
export interface AzureFunctionProperties extends BatchingProperties, AttributedResourceProperties {}

const FORM = "…/providers/Microsoft.Web/sites/{app}/functions/{function}";

/** Destination: the Event Grid trigger of a function. */
export const AZURE_FUNCTION: DestinationKind<AzureFunctionProperties> = {
  ...AZURE_KIND,
  called: "a function",
  resource: { form: FORM },
  properties: {
    resourceId: resourceIdProperty(FORM, ". The app must be one of 'functionApps'."),
    ...BATCHING,
    ...ATTRIBUTES,
  },
  // [EG-FUNCTION-MISSING]
  lookUp: { lists: ["functionApps"], property: "resourceId" },
  endpoint: RESOURCE_ENDPOINT,
};
