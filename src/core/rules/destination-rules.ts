import {
  DEAD_LETTER_KINDS,
  isDeadLetterType,
  type DeadLetterOf,
  type DeadLetterType,
} from "../destinations/dead-letter.ts";
import type { DestinationRuleContext } from "../destinations/destination-kind.ts";
import { attributesOf, isEndpointType, takesAttributes, takesBatching } from "../destinations/destination-facts.ts";
import type { BatchingProperties } from "../destinations/destination-property.ts";
import {
  DESTINATION_KINDS,
  type DestinationDescription,
  type DestinationOf,
  type EndpointType,
} from "../destinations/index.ts";
import { LIMITS } from "../limits.ts";
import { namesIn } from "../resources/resource-id-form.ts";
import type { DeadLetterDescription, DesiredEventSubscription } from "../resources/resources.ts";
import { attributeRules } from "./attribute-rules.ts";
import { invalid, isGiven, outside, quote, type ResourceProblem } from "./problem.ts";

/** Facts that the rules use in addition to the subscription. */
interface DestinationContext {
  /** Whether the configuration file declares the subscription. */
  readonly declared?: boolean;
  readonly isOwnAudience?: ((audience: string) => boolean) | undefined;
}

/** Returns the problems of the destination of a subscription. */
export function destinationRules(
  { properties: { destination, topic, eventDeliverySchema } }: DesiredEventSubscription,
  field: string,
  { declared = false, isOwnAudience = () => false }: DestinationContext,
): readonly ResourceProblem[] {
  if (!isEndpointType(destination.endpointType)) {
    const { endpointType } = destination as { readonly endpointType: unknown };
    return [invalid(`${field}.endpointType`, `Destinations of type ${quote(endpointType)} are not supported.`)];
  }
  const properties = `${field}.properties`;
  return [
    ...idRules(destination, properties),
    ...kindRules(destination, { field: properties, topic, declared, isOwnAudience }),
    ...batchingRules(destination, properties),
    ...whereAttributesGo(destination, properties),
    ...cloudEventRules(destination, eventDeliverySchema),
  ];
}

/** Returns the problems of a destination's resource id. [EG-FUNCTION-ID] [EG-DESTINATION-ID] */
function idRules({ endpointType, properties }: DestinationDescription, field: string): readonly ResourceProblem[] {
  const { resource, called } = DESTINATION_KINDS[endpointType];
  if (resource === undefined) return [];
  const { resourceId } = properties as { readonly resourceId?: unknown };
  if (typeof resourceId === "string" && namesIn(resourceId, resource.form) !== undefined) return [];
  const message = `${quote(resourceId)} is not the resource id of ${resource.called ?? called}: '${resource.form}'.`;
  return [invalid(`${field}.resourceId`, message)];
}

function kindRules<Type extends EndpointType>(
  { endpointType, properties }: DestinationOf<Type>,
  context: DestinationRuleContext,
): readonly ResourceProblem[] {
  return DESTINATION_KINDS[endpointType].rules?.(properties, context) ?? [];
}

/** Returns the problems of the properties for batching. [EG-BATCH-OUT] */
function batchingRules(
  { endpointType, properties }: DestinationDescription,
  field: string,
): readonly ResourceProblem[] {
  if (!takesBatching(endpointType)) return [];
  const { maxEventsPerBatch: events, preferredBatchSizeInKilobytes: kilobytes } = properties as BatchingProperties;
  return [
    ...(isGiven(events) ? outside(`${field}.maxEventsPerBatch`, events, 1, LIMITS.maxEventsPerBatch) : []),
    ...(isGiven(kilobytes)
      ? outside(`${field}.preferredBatchSizeInKilobytes`, kilobytes, 1, LIMITS.maxPreferredBatchKilobytes)
      : []),
  ];
}

/** Returns a problem if the kind of destination does not support delivery attributes. [EG-ATTRIBUTES-WHERE] */
function whereAttributesGo(destination: DestinationDescription, field: string): readonly ResourceProblem[] {
  const { endpointType } = destination;
  const mappings = attributesOf(destination);
  const path = `${field}.deliveryAttributeMappings`;
  if (takesAttributes(endpointType)) {
    return [...attributeRules(mappings, path), ...authorizationRules(endpointType, mappings, path)];
  }
  if (!isGiven(mappings) || mappings.length === 0) return [];
  return [invalid(path, `Destinations of type ${endpointType} take no delivery attributes.`)];
}

/**
 * Returns a problem for an attribute `Authorization` if the kind does not use it: it would only expose a secret as a
 * property of a message. [EG-ATTRIBUTES-AUTHORIZATION]
 */
function authorizationRules(endpointType: EndpointType, mappings: unknown, path: string): readonly ResourceProblem[] {
  if (DESTINATION_KINDS[endpointType].takesAuthorization === true || !Array.isArray(mappings)) return [];
  return mappings.flatMap(({ name }: { readonly name: unknown }, index) => {
    if (typeof name !== "string" || name.toLowerCase() !== "authorization") return [];
    const message = `The delivery attribute ${quote(name)} is for destinations of type WebHook, not of type ${endpointType}.`;
    return [invalid(`${path}[${index}].name`, message)];
  });
}

/**
 * Returns a problem if the destination accepts only CloudEvents and the delivery schema is another one.
 * [EG-DESTINATION-CE]
 */
function cloudEventRules({ endpointType }: DestinationDescription, schema: string): readonly ResourceProblem[] {
  if (!DESTINATION_KINDS[endpointType].cloudEventsOnly || schema === "CloudEventSchemaV1_0") return [];
  const message = `The specified EventDeliverySchema value "${schema}" cannot be used in combination with a destination of type ${endpointType}, which takes CloudEventSchemaV1_0 only.`;
  return [invalid("properties.eventDeliverySchema", message)];
}

/** Returns the problems of a dead-letter destination. [EG-DEADLETTER-DESTINATION] */
export function deadLetterRules(description: DeadLetterDescription, field: string): readonly ResourceProblem[] {
  if (isDeadLetterType(description.endpointType)) return deadLetterKindRules(description, `${field}.properties`);
  const { endpointType } = description as { readonly endpointType: unknown };
  return [
    invalid(`${field}.endpointType`, `Dead-letter destinations of type ${quote(endpointType)} are not supported.`),
  ];
}

function deadLetterKindRules<Type extends DeadLetterType>(
  { endpointType, properties }: DeadLetterOf<Type>,
  field: string,
): readonly ResourceProblem[] {
  return DEAD_LETTER_KINDS[endpointType].rules(properties, field);
}
