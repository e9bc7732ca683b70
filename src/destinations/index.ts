import { assertNever } from "../core/errors.ts";
import type {
  DeadLetterDescription,
  DestinationDescription,
  EndpointType,
  EventSubscriptionResource,
} from "../core/resources.ts";
import type { Destination } from "../ports/destination.ts";
import { openAzureFunction, type FindFunctionApp } from "./azure-function/azure-function-destination.ts";
import { openBlobDeadLetters, type FindStorageAccount, type StorageAccount } from "./dead-letter/blob-dead-letters.ts";
import { openFolderDeadLetters } from "./dead-letter/folder-dead-letters.ts";
import type { AddressPolicy } from "./outgoing/address-policy.ts";
import { HttpClient } from "./outgoing/http-client.ts";
import { webhookClient, type WebhookIdentity } from "./webhook/webhook-client.ts";
import { openWebhook } from "./webhook/webhook-destination.ts";

export type { AddressPolicy, FindFunctionApp, FindStorageAccount, StorageAccount };

export interface DestinationOptions {
  /** Azure's is 30,000. [EG-DELIVERY-TIMEOUT] */
  readonly webhookTimeoutMs: number;
  /** Should be no less than the attempts under way at one time: a request beyond it waits for a connection. */
  readonly connectionsPerOrigin: number;
  /** For webhooks, whose addresses come from whoever may make a subscription. Function apps and storage accounts
   * come from the configuration, which is trusted. */
  readonly addressPolicy: AddressPolicy;
  readonly functionApp: FindFunctionApp;
  readonly storageAccount: FindStorageAccount;
  readonly webhookIdentity: WebhookIdentity;
  /** Base of relative dead-letter folders. */
  readonly deadLetterFolder: string;
  /** Random; the name of a dead-letter file. */
  readonly newId: () => string;
}

/** Opens what a subscription names. Connections are shared by all that is open. */
export interface Destinations {
  open(subscription: EventSubscriptionResource): Destination;
  /** `undefined` when the subscription does not dead-letter. */
  openDeadLetter(subscription: EventSubscriptionResource): Destination | undefined;
  /** [EG-BATCH-OUT] */
  batching(subscription: EventSubscriptionResource): { readonly maxEvents: number; readonly preferredBytes: number };
  /** Whether the destination is an Azure resource rather than a webhook. */
  isAzureResource(subscription: EventSubscriptionResource): boolean;
  /** Lets all connections go; attempts under way end with outcome `Aborted`. Idempotent. */
  close(): Promise<void>;
}

/** What every destination is opened with. */
interface Context {
  readonly options: DestinationOptions;
  /** Bound by the address policy. */
  readonly webhooks: HttpClient;
  /** For what the configuration names. */
  readonly resources: HttpClient;
}

/** One kind of destination. */
interface DestinationType<Properties> {
  readonly azureResource: boolean;
  open(context: Context, subscription: EventSubscriptionResource, properties: Properties): Destination;
}

type PropertiesOf<Type extends EndpointType> = Extract<DestinationDescription, { endpointType: Type }>["properties"];
type DestinationTypes = { readonly [Type in EndpointType]: DestinationType<PropertiesOf<Type>> };

/** Every kind of destination there is. */
const DESTINATION_TYPES = {
  WebHook: {
    azureResource: false,
    open: ({ webhooks, options }, subscription, properties) =>
      openWebhook(webhookClient(webhooks, options.webhookIdentity, subscription, properties), subscription, properties),
  },
  AzureFunction: {
    azureResource: true,
    open: ({ resources, options }, subscription, properties) =>
      openAzureFunction(resources, options.functionApp, subscription, properties),
  },
} as const satisfies DestinationTypes;

const DEFAULT_BATCH_EVENTS = 1;
const DEFAULT_BATCH_KILOBYTES = 64;

/** Makes the destinations of one Ringmain. Opens nothing by itself. */
export function createDestinations(options: DestinationOptions): Destinations {
  const { connectionsPerOrigin, webhookTimeoutMs: timeoutMs, addressPolicy } = options;
  const webhooks = new HttpClient({ addressPolicy, connectionsPerOrigin, timeoutMs });
  const resources = new HttpClient({ addressPolicy: "any", connectionsPerOrigin, timeoutMs });
  const context: Context = { options, webhooks, resources };
  return {
    open: (subscription) => openDestination(context, subscription, subscription.properties.destination),
    openDeadLetter: (subscription) => {
      const { deadLetterDestination } = subscription.properties;
      return deadLetterDestination && openDeadLetters(context, subscription, deadLetterDestination);
    },
    batching: ({ properties: { destination } }) => {
      const { maxEventsPerBatch, preferredBatchSizeInKilobytes } = destination.properties;
      return {
        maxEvents: maxEventsPerBatch ?? DEFAULT_BATCH_EVENTS,
        preferredBytes: (preferredBatchSizeInKilobytes ?? DEFAULT_BATCH_KILOBYTES) * 1_024,
      };
    },
    isAzureResource: ({ properties }) => DESTINATION_TYPES[properties.destination.endpointType].azureResource,
    close: async () => {
      await Promise.all([webhooks.close(), resources.close()]);
    },
  };
}

function openDestination<Type extends EndpointType>(
  context: Context,
  subscription: EventSubscriptionResource,
  description: { readonly endpointType: Type; readonly properties: PropertiesOf<Type> },
): Destination {
  const types: DestinationTypes = DESTINATION_TYPES;
  return types[description.endpointType].open(context, subscription, description.properties);
}

function openDeadLetters(
  { resources, options }: Context,
  subscription: EventSubscriptionResource,
  description: DeadLetterDescription,
): Destination {
  const { newId } = options;
  switch (description.endpointType) {
    case "StorageBlob": {
      const { resourceId, blobContainerName: containerName } = description.properties;
      const { storageAccount } = options;
      return openBlobDeadLetters({ client: resources, storageAccount, newId, subscription, resourceId, containerName });
    }
    case "Folder": {
      const { path } = description.properties;
      return openFolderDeadLetters({ base: options.deadLetterFolder, path, newId, subscription });
    }
    default:
      return assertNever(description);
  }
}
