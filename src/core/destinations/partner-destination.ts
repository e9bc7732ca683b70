import { AZURE_KIND, RESOURCE_ENDPOINT, resourceIdProperty, type DestinationKind } from "./destination-kind.ts";
import type { ResourceProperties } from "./destination-property.ts";

const FORM = "…/providers/Microsoft.EventGrid/partnerDestinations/{destination}";

/** Destination: the system of a partner. */
export const PARTNER_DESTINATION: DestinationKind<ResourceProperties> = {
  ...AZURE_KIND,
  called: "a partner destination",
  resource: { form: FORM },
  properties: { resourceId: resourceIdProperty(FORM) },
  lookUp: { lists: ["partnerDestinations"], property: "resourceId" },
  endpoint: RESOURCE_ENDPOINT,
};
