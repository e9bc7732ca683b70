import { messageAttributeRules } from "../rules/attribute-rules.ts";
import { AZURE_KIND, RESOURCE_ENDPOINT, resourceIdProperty, type DestinationKind } from "./destination-kind.ts";
import { ATTRIBUTES, type AttributedResourceProperties } from "./destination-property.ts";

const FORM = "…/providers/Microsoft.ServiceBus/namespaces/{namespace}/topics/{topic}";

/** Destination: a topic of Service Bus. */
export const SERVICE_BUS_TOPIC: DestinationKind<AttributedResourceProperties> = {
  ...AZURE_KIND,
  called: "a Service Bus topic",
  resource: { form: FORM },
  properties: { resourceId: resourceIdProperty(FORM), ...ATTRIBUTES },
  lookUp: { lists: ["connections"], property: "resourceId" },
  rules: ({ deliveryAttributeMappings: mappings }, { field }) => messageAttributeRules(mappings, field),
  endpoint: RESOURCE_ENDPOINT,
};
