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

/** Options for the destinations of one Ringmain. */
export interface DestinationOptions {
  /** Milliseconds for one request. Azure uses 30,000. [EG-DELIVERY-TIMEOUT] */
  readonly webhookTimeoutMs: number;
  /**
   * Maximum number of connections to one origin. Should be no less than the number of concurrent attempts, which wait
   * otherwise.
   */
  readonly connectionsPerOrigin: number;
  /**
   * Policy for the addresses of webhooks, which any creator of a subscription can choose. The addresses of function
   * apps and storage accounts come from the configuration, which is trusted.
   */
  readonly addressPolicy: AddressPolicy;
  readonly functionApp: FindFunctionApp;
  readonly storageAccount: FindStorageAccount;
  readonly webhookIdentity: WebhookIdentity;
  /** Returns the connection string of a namespace or of NATS servers. A secret. */
  readonly connection: FindConnection;
  /** Encoding of messages in storage queues. [EG-QUEUE-MESSAGE] */
  readonly queueMessageEncoding: "base64" | "text";
  /** Form of message bodies in event hubs. [EG-EVENTHUB-BODY] */
  readonly eventHubBody: "array" | "object";
  /** Base of relative paths: the folder of the configuration file, the only place that may have such paths. */
  readonly folder: string;
  /** Absolute path of the file for alerts; alerts are kept only in memory by default. */
  readonly alertsFile?: string;
  readonly partnerDestination: FindPartnerDestination;
  /** Returns a random name for a dead-letter file. */
  readonly newId: () => string;
}

/** Factory of the subscribers' destinations, which share connections. */
export interface Destinations {
  open(subscriber: Subscriber): Destination;
  /** Returns `undefined` for a subscriber without a dead-letter destination. */
  openDeadLetter(subscriber: Subscriber): Destination | undefined;
  /** Streams that clients of `Stream` destinations connect to. */
  readonly streams: EventStreams;
  /** Ends all clients of streams, so that their server can stop. */
  endStreams(): void;
  /** Returns the latest fired alerts, oldest first. */
  alerts(): readonly Alert[];
  /** Closes all connections. Attempts in progress end with outcome `Aborted`. Idempotent. */
  close(): Promise<void>;
}

/** Collaborators of all destinations. */
interface Context {
  readonly options: DestinationOptions;
  /** HTTP client under the address policy. */
  readonly webhooks: HttpClient;
  /** HTTP client for addresses in the configuration, without an address policy. */
  readonly resources: HttpClient;
  /** Namespaces of Service Bus and Event Hubs. */
  readonly namespaces: AmqpNamespaces;
  readonly publishers: SharedConnections<NatsPublisher>;
  readonly files: JsonLinesFiles;
  readonly streams: EventStreamHub;
  readonly alerts: Alerts;
}

type Open<Properties> = (context: Context, subscriber: Subscriber, properties: Properties) => Destination;
type Openers = { readonly [Type in EndpointType]: Open<DestinationProperties[Type]> };

/** Functions that open each kind of destination. The other facts about kinds are in `core/destinations`. */
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

/** Milliseconds after which an attempt to connect is given up. */
const MAX_CONNECT_MS = 10_000;

/** Creates the destinations of one Ringmain. Opens no connections by itself. */
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
