import { isJsonObject, type JsonArray, type JsonObject } from "../../core/json.ts";
import { resourceId } from "../../core/resources/resource-id.ts";
import { resourcesOfType, type RunningResource, type RunningResources } from "./running-resources.ts";
import { Expression, type TemplateValue } from "./template-value.ts";

const CONFIGURATIONS = "Microsoft.EventGrid/partnerConfigurations";
const REGISTRATIONS = "Microsoft.EventGrid/partnerRegistrations";
const CHANNELS = "Microsoft.EventGrid/partnerNamespaces/channels";

/**
 * Returns the resources, with a partner configuration added if there are channels without one. Partner topics can be
 * created only in a group that authorizes their partner, except by a configuration file.
 */
export function withPartnerConfiguration(running: RunningResources): readonly RunningResource[] {
  const { scope, resources } = running;
  const isThere = resourcesOfType(running, CONFIGURATIONS).length > 0;
  if (isThere || resourcesOfType(running, CHANNELS).length === 0) return resources;
  const id = resourceId(scope, CONFIGURATIONS, "default");
  const resource = { properties: { partnerAuthorization: {} } };
  return [...resources, { id, name: "default", type: CONFIGURATIONS, location: "global", resource }];
}

/**
 * Returns the partners that an exported partner configuration authorizes: the template's own partners, by the ids that
 * they get at deployment, and the other partners that it authorizes already.
 */
export function authorizedPartners(running: RunningResources, authorization: JsonObject): TemplateValue {
  const registrations = resourcesOfType(running, REGISTRATIONS);
  const own = new Set(registrations.map(({ resource }) => immutableId(resource["properties"])));
  const { authorizedPartnersList: listed, ...rest } = authorization;
  const others = (Array.isArray(listed) ? (listed as JsonArray) : []).filter((each) => !own.has(immutableId(each)));
  const partners = registrations.map(({ name }) => ({
    partnerRegistrationImmutableId: new Expression(
      `reference(resourceId('${REGISTRATIONS}', '${name}'), '2025-02-15').partnerRegistrationImmutableId`,
    ),
  }));
  return { ...rest, authorizedPartnersList: [...partners, ...others] } as TemplateValue;
}

function immutableId(value: unknown): unknown {
  return isJsonObject(value) ? value["partnerRegistrationImmutableId"] : undefined;
}
