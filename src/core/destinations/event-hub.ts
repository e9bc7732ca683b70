import { AZURE_KIND, RESOURCE_ENDPOINT, resourceIdProperty, type DestinationKind } from "./destination-kind.ts";
import { ATTRIBUTES, type AttributedResourceProperties } from "./destination-property.ts";

const FORM = "…/providers/Microsoft.EventHub/namespaces/{namespace}/eventhubs/{hub}";

/** Destination: an event hub. */
export const EVENT_HUB: DestinationKind<AttributedResourceProperties> = {
  ...AZURE_KIND,
  called: "an event hub",
  resource: { form: FORM },
  properties: { resourceId: resourceIdProperty(FORM), ...ATTRIBUTES },
  lookUp: { lists: ["connections"], property: "resourceId" },
  endpoint: RESOURCE_ENDPOINT,
};
