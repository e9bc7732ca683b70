import { assertNever } from "../core/errors.ts";
import type { DeadLetterDescription } from "../core/destinations/dead-letter.ts";
import type { DestinationOf, DestinationProperties, EndpointType } from "../core/destinations/index.ts";
import type { Subscriber } from "../core/subscriber.ts";
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

/** Opens the destinations that subscribers name. Connections are shared by all that are open. */
export interface Destinations {
  open(subscriber: Subscriber): Destination;
  /** Returns `undefined` when the subscriber does not dead-letter. */
  openDeadLetter(subscriber: Subscriber): Destination | undefined;
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

type Open<Properties> = (context: Context, subscriber: Subscriber, properties: Properties) => Destination;
type Openers = { readonly [Type in EndpointType]: Open<DestinationProperties[Type]> };

/** How each kind of destination is opened. Everything else that holds for a kind is in `core/destinations`. */
const OPENERS: Openers = {
  WebHook: ({ webhooks, options }, subscriber, properties) =>
    openWebhook(webhookClient(webhooks, options.webhookIdentity, subscriber, properties), subscriber, properties),
  AzureFunction: ({ resources, options }, subscriber, properties) =>
    openAzureFunction(resources, options.functionApp, subscriber, properties),
  StorageQueue: ({ resources: client, options }, subscriber, properties) =>
    openStorageQueue(
      { client, storageAccount: options.storageAccount, encoding: options.queueMessageEncoding },
      subscriber,
      properties,
    ),
  ServiceBusQueue: ({ namespaces }, subscriber, properties) =>
    openServiceBus(namespaces, "ServiceBusQueue", subscriber, properties),
  ServiceBusTopic: ({ namespaces }, subscriber, properties) =>
    openServiceBus(namespaces, "ServiceBusTopic", subscriber, properties),
  EventHub: ({ namespaces, options }, subscriber, properties) =>
    openEventHub(namespaces, options.eventHubBody, subscriber, properties),
  HybridConnection: ({ resources, options }, subscriber, properties) =>
    openHybridConnection(resources, options.connection, subscriber, properties),
  NamespaceTopic: ({ resources, options }, _subscription, properties) =>
    openNamespaceTopic(resources, options.connection, properties),
  MonitorAlert: ({ alerts }, subscriber, properties) => openMonitorAlert(alerts, subscriber, properties),
  PartnerDestination: ({ resources, options }, subscriber, properties) =>
    openPartnerDestination(resources, options.partnerDestination, subscriber, properties),
  NatsSubject: ({ publishers, options }, subscriber, properties) => {
    const { connection: findConnection, webhookTimeoutMs: timeoutMs } = options;
    return openNatsSubject({ publishers, findConnection, timeoutMs, subscriber }, properties);
  },
  File: ({ files, options: { folder } }, subscriber, properties) => openFile({ files, folder, subscriber }, properties),
  Stream: ({ streams, options }, subscriber) => openStream(streams, options.webhookTimeoutMs, subscriber),
};

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
    open: (subscriber) => openDestination(context, subscriber, subscriber.destination),
    openDeadLetter: (subscriber) => {
      const { deadLetterDestination } = subscriber;
      return deadLetterDestination && openDeadLetters(context, subscriber, deadLetterDestination);
    },
    close: async () => {
      streams.end();
      const parts = [webhooks, resources, namespaces, publishers, files];
      await Promise.all(parts.map((part) => part.close()));
    },
  };
}

function openDestination<Type extends EndpointType>(
  context: Context,
  subscriber: Subscriber,
  description: DestinationOf<Type>,
): Destination {
  return OPENERS[description.endpointType](context, subscriber, description.properties);
}

function openDeadLetters(
  { resources, options }: Context,
  subscriber: Subscriber,
  description: DeadLetterDescription,
): Destination {
  const { newId } = options;
  switch (description.endpointType) {
    case "StorageBlob": {
      const { resourceId, blobContainerName: containerName } = description.properties;
      const { storageAccount } = options;
      return openBlobDeadLetters({ client: resources, storageAccount, newId, subscriber, resourceId, containerName });
    }
    case "Folder": {
      const { path } = description.properties;
      return openFolderDeadLetters({ base: options.folder, path, newId, subscriber });
    }
    default:
      return assertNever(description);
  }
}
