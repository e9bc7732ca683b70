import { AZURE_KIND, RESOURCE_ENDPOINT, resourceIdProperty, type DestinationKind } from "./destination-kind.ts";
import type { ResourceProperties } from "./destination-property.ts";

const FORM = "…/providers/Microsoft.EventGrid/namespaces/{namespace}/topics/{topic}";

/** Destination: a topic of an Event Grid namespace. */
export const NAMESPACE_TOPIC: DestinationKind<ResourceProperties> = {
  ...AZURE_KIND,
  called: "a namespace topic",
  cloudEventsOnly: true,
  resource: { form: FORM },
  properties: { resourceId: resourceIdProperty(FORM) },
  lookUp: { lists: ["connections"], property: "resourceId" },
  endpoint: RESOURCE_ENDPOINT,
};
