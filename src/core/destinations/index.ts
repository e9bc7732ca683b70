import { AZURE_FUNCTION, type AzureFunctionProperties } from "./azure-function.ts";
import type { DestinationKind } from "./destination-kind.ts";
import type { AttributedResourceProperties, ResourceProperties } from "./destination-property.ts";
import { EVENT_HUB } from "./event-hub.ts";
import { FILE, type FileProperties } from "./file.ts";
import { HYBRID_CONNECTION } from "./hybrid-connection.ts";
import { MONITOR_ALERT, type MonitorAlertProperties } from "./monitor-alert.ts";
import { NAMESPACE_TOPIC } from "./namespace-topic.ts";
import { NATS_SUBJECT, type NatsSubjectProperties } from "./nats-subject.ts";
import { PARTNER_DESTINATION } from "./partner-destination.ts";
import { SERVICE_BUS_QUEUE } from "./service-bus-queue.ts";
import { SERVICE_BUS_TOPIC } from "./service-bus-topic.ts";
import { STORAGE_QUEUE, type StorageQueueProperties } from "./storage-queue.ts";
import { STREAM, type StreamProperties } from "./stream.ts";
import { WEB_HOOK, type WebHookProperties } from "./web-hook.ts";

/** Properties of the destinations of each kind. */
export interface DestinationProperties {
  readonly WebHook: WebHookProperties;
  readonly AzureFunction: AzureFunctionProperties;
  readonly StorageQueue: StorageQueueProperties;
  readonly ServiceBusQueue: AttributedResourceProperties;
  readonly ServiceBusTopic: AttributedResourceProperties;
  readonly EventHub: AttributedResourceProperties;
  readonly HybridConnection: AttributedResourceProperties;
  readonly NamespaceTopic: ResourceProperties;
  readonly MonitorAlert: MonitorAlertProperties;
  readonly PartnerDestination: ResourceProperties;
  readonly NatsSubject: NatsSubjectProperties;
  readonly File: FileProperties;
  readonly Stream: StreamProperties;
}

/** Name of a kind of destination. */
export type EndpointType = keyof DestinationProperties;

/** A destination of one kind, or of one of several kinds. */
export interface DestinationOf<Type extends EndpointType> {
  readonly endpointType: Type;
  readonly properties: DestinationProperties[Type];
}

/** A destination: the place to which events are delivered. */
export type DestinationDescription = { readonly [Type in EndpointType]: DestinationOf<Type> }[EndpointType];

/**
 * Table of all kinds of destinations. Configuration file, Resource Manager, command line, rules, export, telemetry and
 * the table in README.md use it; there is no other list.
 */
export const DESTINATION_KINDS: { readonly [Type in EndpointType]: DestinationKind<DestinationProperties[Type]> } = {
  WebHook: WEB_HOOK,
  AzureFunction: AZURE_FUNCTION,
  StorageQueue: STORAGE_QUEUE,
  ServiceBusQueue: SERVICE_BUS_QUEUE,
  ServiceBusTopic: SERVICE_BUS_TOPIC,
  EventHub: EVENT_HUB,
  HybridConnection: HYBRID_CONNECTION,
  NamespaceTopic: NAMESPACE_TOPIC,
  MonitorAlert: MONITOR_ALERT,
  PartnerDestination: PARTNER_DESTINATION,
  NatsSubject: NATS_SUBJECT,
  File: FILE,
  Stream: STREAM,
};

/** Names of all kinds, in the order of the table. */
export const ENDPOINT_TYPES: readonly EndpointType[] = Object.keys(DESTINATION_KINDS) as EndpointType[];
