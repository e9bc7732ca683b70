import { AZURE_KIND, RESOURCE_ENDPOINT, resourceIdProperty, type DestinationKind } from "./destination-kind.ts";
import { ATTRIBUTES, type AttributedResourceProperties } from "./destination-property.ts";

const FORM = "…/providers/Microsoft.Relay/namespaces/{namespace}/hybridConnections/{connection}";

/** Destination: a hybrid connection of Azure Relay. */
export const HYBRID_CONNECTION: DestinationKind<AttributedResourceProperties> = {
  ...AZURE_KIND,
  called: "a hybrid connection",
  resource: { form: FORM },
  properties: { resourceId: resourceIdProperty(FORM), ...ATTRIBUTES },
  lookUp: { lists: ["connections"], property: "resourceId" },
  endpoint: RESOURCE_ENDPOINT,
};
