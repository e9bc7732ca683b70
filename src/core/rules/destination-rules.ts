import { DESTINATION_TYPES, type DestinationType } from "../destinations/destination-types.ts";
import { LIMITS } from "../limits.ts";
import { namesIn } from "../resources/resource-id-form.ts";
import { webhookRules } from "./webhook-rules.ts";
import { attributeRules, messageAttributeRules } from "./attribute-rules.ts";
import { invalid, isGiven, outside, quote, type ResourceProblem } from "./problem.ts";
import type {
  BatchingProperties,
  DeadLetterDescription,
  DeliveryAttributeMapping,
  DesiredEventSubscription,
  DestinationDescription,
  FileProperties,
  MonitorAlertProperties,
  NatsSubjectProperties,
  StorageQueueProperties,
  StreamProperties,
} from "../resources/resources.ts";

const STORAGE_ACCOUNT_ID = /\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i;
/** The name of a blob container or a queue: letters, digits and single hyphens. */
const STORAGE_NAME = /^(?=.{3,63}$)[a-z\d]+(?:-[a-z\d]+)*$/;
/** NATS subjects to publish to: tokens between dots, without wildcards. */
const NATS_SUBJECT = /^(?=.{1,255}$)[^\s.*>]+(?:\.[^\s.*>]+)*$/;
const SEVERITIES: readonly unknown[] = ["Sev0", "Sev1", "Sev2", "Sev3", "Sev4"];
const KEY_VAULT = /\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+$/i;
const MAX_ACTION_GROUPS = 5;
const MAX_DESCRIPTION_CHARS = 1_024;
const MAX_FILE_MEGABYTES = 10_000;
const MIN_TOKEN_CHARS = 16;

/** The facts that the rules need beyond the destination itself. */
interface DestinationContext {
  /** The configuration file says so. */
  readonly declared?: boolean;
  readonly isOwnAudience?: ((audience: string) => boolean) | undefined;
}

/** Returns what is wrong with where a subscription's events go. */
export function destinationRules(
  desired: DesiredEventSubscription,
  field: string,
  context: DestinationContext,
): readonly ResourceProblem[] {
  const { destination } = desired.properties;
  const { endpointType } = destination;
  if (!Object.hasOwn(DESTINATION_TYPES, endpointType)) {
    return [invalid(`${field}.endpointType`, `Destinations of type ${quote(endpointType)} are not supported.`)];
  }
  const type = DESTINATION_TYPES[endpointType];
  const properties = `${field}.properties`;
  return [
    ...idRules(type, destination, properties),
    ...ownRules(desired, properties, context),
    ...(type.batching ? batchingRules(destination.properties as BatchingProperties, properties) : []),
    ...whereAttributesGo(type, destination, properties),
    ...cloudEventRules(type, desired),
  ];
}

/** [EG-FUNCTION-ID] [EG-DESTINATION-ID] */
function idRules(
  { idForm, called, idOf = called }: DestinationType,
  destination: DestinationDescription,
  field: string,
): readonly ResourceProblem[] {
  if (idForm === undefined) return [];
  const { resourceId } = destination.properties as { readonly resourceId?: unknown };
  if (typeof resourceId === "string" && namesIn(resourceId, idForm) !== undefined) return [];
  return [invalid(`${field}.resourceId`, `${quote(resourceId)} is not the resource id of ${idOf}: '${idForm}'.`)];
}

/** What only this kind of destination has. */
function ownRules(
  desired: DesiredEventSubscription,
  field: string,
  { declared = false, isOwnAudience }: DestinationContext,
): readonly ResourceProblem[] {
  const { destination, topic } = desired.properties;
  switch (destination.endpointType) {
    case "WebHook":
      return webhookRules(destination.properties, field, isOwnAudience);
    case "StorageQueue":
      return queueRules(destination.properties, field);
    case "ServiceBusQueue":
    case "ServiceBusTopic":
      return messageAttributeRules(destination.properties.deliveryAttributeMappings, field);
    case "MonitorAlert":
      return alertRules(destination.properties, topic, field);
    case "NatsSubject":
      return natsRules(destination.properties, field);
    case "File":
      return fileRules(destination.properties, declared, field);
    case "Stream":
      return streamRules(destination.properties, field);
    case "AzureFunction":
    case "EventHub":
    case "HybridConnection":
    case "NamespaceTopic":
    case "PartnerDestination":
    default:
      return [];
  }
}

/** [EG-QUEUE-NAME] [EG-QUEUE-TTL] */
function queueRules(properties: StorageQueueProperties, field: string): readonly ResourceProblem[] {
  const { queueName, queueMessageTimeToLiveInSeconds: seconds } = properties;
  const problems: ResourceProblem[] = [];
  if (typeof queueName !== "string" || !STORAGE_NAME.test(queueName)) {
    const message = `${quote(queueName)} is no name of a queue: 3 to 63 lower-case letters, digits and single hyphens.`;
    problems.push(invalid(`${field}.queueName`, message));
  }
  if (isGiven(seconds) && !(Number.isInteger(seconds) && (seconds > 0 || seconds === -1))) {
    const message = `queueMessageTimeToLiveInSeconds must be a whole number above 0, or -1 for no end, not ${quote(seconds)}.`;
    problems.push(invalid(`${field}.queueMessageTimeToLiveInSeconds`, message));
  }
  return problems;
}

/** [EG-ALERT] */
function alertRules(properties: MonitorAlertProperties, topic: string, field: string): readonly ResourceProblem[] {
  const { severity, description, actionGroups } = properties;
  const problems: ResourceProblem[] = [];
  if (!KEY_VAULT.test(topic)) {
    const message = "Destinations of type MonitorAlert are for events of Key Vaults only.";
    problems.push(invalid("properties.destination.endpointType", message));
  }
  if (!SEVERITIES.includes(severity)) {
    problems.push(
      invalid(`${field}.severity`, `severity must be Sev0, Sev1, Sev2, Sev3 or Sev4, not ${quote(severity)}.`),
    );
  }
  if (isGiven(description) && !(typeof description === "string" && description.length <= MAX_DESCRIPTION_CHARS)) {
    const message = `description must be a text of at most ${MAX_DESCRIPTION_CHARS} characters.`;
    problems.push(invalid(`${field}.description`, message));
  }
  const groups: unknown = actionGroups ?? [];
  if (!Array.isArray(groups) || groups.length > MAX_ACTION_GROUPS || groups.some((id) => typeof id !== "string")) {
    const message = `actionGroups must be a list of at most ${MAX_ACTION_GROUPS} resource ids.`;
    problems.push(invalid(`${field}.actionGroups`, message));
  }
  return problems;
}

/** [EG-NATS-SUBJECT] */
function natsRules({ connection, subject }: NatsSubjectProperties, field: string): readonly ResourceProblem[] {
  const problems: ResourceProblem[] = [];
  if (typeof connection !== "string" || connection === "") {
    problems.push(invalid(`${field}.connection`, "A NATS subject needs the name of a connection."));
  }
  if (typeof subject !== "string" || !NATS_SUBJECT.test(subject)) {
    const message = `${quote(subject)} is no NATS subject to publish to: up to 255 characters, no white space or wildcards.`;
    problems.push(invalid(`${field}.subject`, message));
  }
  return problems;
}

/** A path is for whoever writes the configuration file, never for whoever may call the server. [EG-FILE] */
function fileRules(
  { path, maxFileMegabytes: megabytes }: FileProperties,
  declared: boolean,
  field: string,
): readonly ResourceProblem[] {
  const problems: ResourceProblem[] = [];
  if (!declared) {
    const message = "Destinations of type File are declared in the configuration file only.";
    problems.push(invalid("properties.destination.endpointType", message));
  }
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    problems.push(invalid(`${field}.path`, "A file needs a path."));
  }
  if (!isGiven(megabytes)) return problems;
  return [...problems, ...outside(`${field}.maxFileMegabytes`, megabytes, 1, MAX_FILE_MEGABYTES)];
}

/** The token is a secret and is not repeated. [EG-STREAM-ACCESS] */
function streamRules({ accessToken }: StreamProperties, field: string): readonly ResourceProblem[] {
  if (!isGiven(accessToken)) return [];
  if (typeof accessToken === "string" && accessToken.length >= MIN_TOKEN_CHARS) return [];
  return [invalid(`${field}.accessToken`, `accessToken must have at least ${MIN_TOKEN_CHARS} characters.`)];
}

/** [EG-ATTRIBUTES-WHERE] */
function whereAttributesGo(
  { attributes }: DestinationType,
  { endpointType, properties }: DestinationDescription,
  field: string,
): readonly ResourceProblem[] {
  const { deliveryAttributeMappings: mappings } = properties as {
    readonly deliveryAttributeMappings?: readonly DeliveryAttributeMapping[];
  };
  const path = `${field}.deliveryAttributeMappings`;
  if (attributes) return [...attributeRules(mappings, path), ...authorizationRules(endpointType, mappings, path)];
  if (!isGiven(mappings) || mappings.length === 0) return [];
  return [invalid(path, `Destinations of type ${endpointType} take no delivery attributes.`)];
}

/** Elsewhere it authorizes nobody, and would hand a secret on as a property. [EG-ATTRIBUTES-AUTHORIZATION] */
function authorizationRules(
  endpointType: string,
  mappings: readonly DeliveryAttributeMapping[] | undefined,
  path: string,
): readonly ResourceProblem[] {
  if (endpointType === "WebHook" || !Array.isArray(mappings)) return [];
  return mappings.flatMap(({ name }: { readonly name: unknown }, index) => {
    if (typeof name !== "string" || name.toLowerCase() !== "authorization") return [];
    const message = `The delivery attribute ${quote(name)} is for destinations of type WebHook, not of type ${endpointType}.`;
    return [invalid(`${path}[${index}].name`, message)];
  });
}

/** [EG-DESTINATION-CE] */
function cloudEventRules(
  { cloudEventsOnly }: DestinationType,
  { properties: { destination, eventDeliverySchema } }: DesiredEventSubscription,
): readonly ResourceProblem[] {
  if (!cloudEventsOnly || eventDeliverySchema === "CloudEventSchemaV1_0") return [];
  const message = `The specified EventDeliverySchema value "${eventDeliverySchema}" cannot be used in combination with a destination of type ${destination.endpointType}, which takes CloudEventSchemaV1_0 only.`;
  return [invalid("properties.eventDeliverySchema", message)];
}

/** [EG-BATCH-OUT] */
function batchingRules(properties: BatchingProperties, field: string): readonly ResourceProblem[] {
  const { maxEventsPerBatch: events, preferredBatchSizeInKilobytes: kilobytes } = properties;
  return [
    ...(isGiven(events) ? outside(`${field}.maxEventsPerBatch`, events, 1, LIMITS.maxEventsPerBatch) : []),
    ...(isGiven(kilobytes)
      ? outside(`${field}.preferredBatchSizeInKilobytes`, kilobytes, 1, LIMITS.maxPreferredBatchKilobytes)
      : []),
  ];
}

/** What is wrong with where undeliverable events go. [EG-DEADLETTER-DESTINATION] */
export function deadLetterRules(description: DeadLetterDescription, field: string): readonly ResourceProblem[] {
  const properties = `${field}.properties`;
  switch (description.endpointType) {
    case "StorageBlob": {
      const { resourceId, blobContainerName } = description.properties;
      const problems: ResourceProblem[] = [];
      if (typeof resourceId !== "string" || !STORAGE_ACCOUNT_ID.test(resourceId)) {
        const message = `${quote(resourceId)} is not the resource id of a storage account: '…/providers/Microsoft.Storage/storageAccounts/{account}'.`;
        problems.push(invalid(`${properties}.resourceId`, message));
      }
      if (typeof blobContainerName !== "string" || !STORAGE_NAME.test(blobContainerName)) {
        const message = `${quote(blobContainerName)} is no name of a blob container: 3 to 63 lower-case letters, digits and single hyphens.`;
        problems.push(invalid(`${properties}.blobContainerName`, message));
      }
      return problems;
    }
    case "Folder": {
      const { path } = description.properties;
      if (typeof path === "string" && path !== "" && !path.includes("\0")) return [];
      return [invalid(`${properties}.path`, "A dead-letter folder needs a path.")];
    }
    default: {
      const { endpointType } = description satisfies never as { readonly endpointType: unknown };
      const message = `Dead-letter destinations of type ${quote(endpointType)} are not supported.`;
      return [invalid(`${field}.endpointType`, message)];
    }
  }
}
