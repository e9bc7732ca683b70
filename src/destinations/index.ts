import { assertNever } from "../core/errors.ts";
import { DESTINATION_TYPES } from "../core/destinations/destination-types.ts";
import type {
  BatchingProperties,
  DeadLetterDescription,
  DestinationDescription,
  EndpointType,
  EventSubscriptionResource,
} from "../core/resources/resources.ts";
import type { Destination } from "../ports/destination.ts";
import type { EventStreams } from "../ports/event-streams.ts";
import { openEventHub, openServiceBus } from "./amqp/amqp-destination.ts";
import { AmqpNamespaces } from "./amqp/amqp-namespaces.ts";
import { openAzureFunction, type FindFunctionApp } from "./azure-function/azure-function-destination.ts";
import { openBlobDeadLetters } from "./dead-letter/blob-dead-letters.ts";
import { openFolderDeadLetters } from "./dead-letter/folder-dead-letters.ts";
import { openFile } from "./file/file-destination.ts";
import { JsonLinesFiles } from "./file/json-lines-file.ts";
import type { FindConnection } from "./find-connection.ts";
import { openHybridConnection } from "./hybrid-connection/hybrid-connection-destination.ts";
import { Alerts, openMonitorAlert, type Alert } from "./monitor-alert/monitor-alert-destination.ts";
import { openNamespaceTopic } from "./namespace-topic/namespace-topic-destination.ts";
import { NatsPublisher } from "./nats-subject/nats-publisher.ts";
import { openNatsSubject } from "./nats-subject/nats-subject-destination.ts";
import type { AddressPolicy } from "./outgoing/address-policy.ts";
import { HttpClient } from "./outgoing/http-client.ts";
import { webhookClient, type WebhookIdentity } from "./webhook/webhook-client.ts";
import { SharedConnections } from "./outgoing/shared-connections.ts";
import {
  openPartnerDestination,
  type FindPartnerDestination,
  type PartnerDestination,
} from "./partner/partner-destination.ts";
import type { FindStorageAccount, StorageAccount } from "./storage-account.ts";
import { openStorageQueue } from "./storage-queue/storage-queue-destination.ts";
import { EventStreamHub } from "./stream/event-stream-hub.ts";
import { openStream } from "./stream/stream-destination.ts";
import { openWebhook } from "./webhook/webhook-destination.ts";

export type { AddressPolicy, Alert, FindFunctionApp, FindStorageAccount, PartnerDestination, StorageAccount };

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
  /** The connection string under a name: of a namespace, or of NATS servers. A secret. */
  readonly connection: FindConnection;
  /** [EG-QUEUE-MESSAGE] */
  readonly queueMessageEncoding: "base64" | "text";
  /** [EG-EVENTHUB-BODY] */
  readonly eventHubBody: "array" | "object";
  /** Base of relative folders and files, which only the configuration file names: its folder. */
  readonly folder: string;
  /** Where alerts are kept, absolute; unset for in memory only. */
  readonly alertsFile?: string;
  readonly partnerDestination: FindPartnerDestination;
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
  /** Whoever reads `Stream` destinations comes in by this. */
  readonly streams: EventStreams;
  /** Ends everybody's reading, so that the server they came by can stop. */
  endStreams(): void;
  /** The latest alerts that were fired, oldest first. */
  alerts(): readonly Alert[];
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
  /** Of Service Bus and Event Hubs. */
  readonly namespaces: AmqpNamespaces;
  readonly publishers: SharedConnections<NatsPublisher>;
  readonly files: JsonLinesFiles;
  readonly streams: EventStreamHub;
  readonly alerts: Alerts;
}

type PropertiesOf<Type extends EndpointType> = Extract<DestinationDescription, { endpointType: Type }>["properties"];
type Open<Properties> = (
  context: Context,
  subscription: EventSubscriptionResource,
  properties: Properties,
) => Destination;
type Openers = { readonly [Type in EndpointType]: Open<PropertiesOf<Type>> };

/** How each kind of destination is opened. What holds for it otherwise stands in `core/destinations/destination-types.ts`. */
const OPENERS: Openers = {
  WebHook: ({ webhooks, options }, subscription, properties) =>
    openWebhook(webhookClient(webhooks, options.webhookIdentity, subscription, properties), subscription, properties),
  AzureFunction: ({ resources, options }, subscription, properties) =>
    openAzureFunction(resources, options.functionApp, subscription, properties),
  StorageQueue: ({ resources: client, options }, subscription, properties) =>
    openStorageQueue(
      { client, storageAccount: options.storageAccount, encoding: options.queueMessageEncoding },
      subscription,
      properties,
    ),
  ServiceBusQueue: ({ namespaces }, subscription, properties) =>
    openServiceBus(namespaces, "ServiceBusQueue", subscription, properties),
  ServiceBusTopic: ({ namespaces }, subscription, properties) =>
    openServiceBus(namespaces, "ServiceBusTopic", subscription, properties),
  EventHub: ({ namespaces, options }, subscription, properties) =>
    openEventHub(namespaces, options.eventHubBody, subscription, properties),
  HybridConnection: ({ resources, options }, subscription, properties) =>
    openHybridConnection(resources, options.connection, subscription, properties),
  NamespaceTopic: ({ resources, options }, _subscription, properties) =>
    openNamespaceTopic(resources, options.connection, properties),
  MonitorAlert: ({ alerts }, subscription, properties) => openMonitorAlert(alerts, subscription, properties),
  PartnerDestination: ({ resources, options }, subscription, properties) =>
    openPartnerDestination(resources, options.partnerDestination, subscription, properties),
  NatsSubject: ({ publishers, options }, subscription, properties) => {
    const { connection: findConnection, webhookTimeoutMs: timeoutMs } = options;
    return openNatsSubject({ publishers, findConnection, timeoutMs, subscription }, properties);
  },
  File: ({ files, options: { folder } }, subscription, properties) =>
    openFile({ files, folder, subscription }, properties),
  Stream: ({ streams, options }, subscription) => openStream(streams, options.webhookTimeoutMs, subscription),
};

const DEFAULT_BATCH_EVENTS = 1;
const DEFAULT_BATCH_KILOBYTES = 64;

/** What one append to a file, and one flush of it, takes together. */
const FILE_BATCH = { maxEvents: 100, preferredBytes: 1_000_000 };
/** A connection that does not come about in this time will not. */
const MAX_CONNECT_MS = 10_000;

/** Makes the destinations of one Ringmain. Opens nothing by itself. */
export function createDestinations(options: DestinationOptions): Destinations {
  const { connectionsPerOrigin, webhookTimeoutMs: timeoutMs, addressPolicy } = options;
  const webhooks = new HttpClient({ addressPolicy, connectionsPerOrigin, timeoutMs });
  const resources = new HttpClient({ addressPolicy: "any", connectionsPerOrigin, timeoutMs });
  const namespaces = new AmqpNamespaces({ connection: options.connection, timeoutMs });
  const publishers = new SharedConnections((url) => NatsPublisher.open(url, Math.min(timeoutMs, MAX_CONNECT_MS)));
  const files = new JsonLinesFiles();
  const streams = new EventStreamHub();
  const { alertsFile } = options;
  const alerts = new Alerts(alertsFile === undefined ? undefined : files.at(alertsFile));
  const context: Context = { options, webhooks, resources, namespaces, publishers, files, streams, alerts };
  return {
    streams,
    endStreams: () => streams.end(),
    alerts: () => alerts.list(),
    open: (subscription) => openDestination(context, subscription, subscription.properties.destination),
    openDeadLetter: (subscription) => {
      const { deadLetterDestination } = subscription.properties;
      return deadLetterDestination && openDeadLetters(context, subscription, deadLetterDestination);
    },
    batching: ({ properties: { destination } }) => batchingOf(destination),
    isAzureResource: ({ properties }) => DESTINATION_TYPES[properties.destination.endpointType].azureResource,
    close: async () => {
      streams.end();
      const parts = [webhooks, resources, namespaces, publishers, files];
      await Promise.all(parts.map((part) => part.close()));
    },
  };
}

function batchingOf({ endpointType, properties }: DestinationDescription): ReturnType<Destinations["batching"]> {
  if (endpointType === "File") return FILE_BATCH;
  const given: BatchingProperties = DESTINATION_TYPES[endpointType].batching ? (properties as BatchingProperties) : {};
  const { maxEventsPerBatch = DEFAULT_BATCH_EVENTS, preferredBatchSizeInKilobytes = DEFAULT_BATCH_KILOBYTES } = given;
  return { maxEvents: maxEventsPerBatch, preferredBytes: preferredBatchSizeInKilobytes * 1_024 };
}

function openDestination<Type extends EndpointType>(
  context: Context,
  subscription: EventSubscriptionResource,
  description: { readonly endpointType: Type; readonly properties: PropertiesOf<Type> },
): Destination {
  return OPENERS[description.endpointType](context, subscription, description.properties);
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
      return openFolderDeadLetters({ base: options.folder, path, newId, subscription });
    }
    default:
      return assertNever(description);
  }
}
