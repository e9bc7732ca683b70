/** Where events go. Each kind has its facts in `destination-types.ts` and its code in `src/destinations`. */
export type DestinationDescription =
  | { readonly endpointType: "WebHook"; readonly properties: WebHookProperties }
  | { readonly endpointType: "AzureFunction"; readonly properties: AzureFunctionProperties }
  | { readonly endpointType: "StorageQueue"; readonly properties: StorageQueueProperties }
  | { readonly endpointType: "ServiceBusQueue"; readonly properties: AttributedResourceProperties }
  | { readonly endpointType: "ServiceBusTopic"; readonly properties: AttributedResourceProperties }
  | { readonly endpointType: "EventHub"; readonly properties: AttributedResourceProperties }
  | { readonly endpointType: "HybridConnection"; readonly properties: AttributedResourceProperties }
  | { readonly endpointType: "NamespaceTopic"; readonly properties: ResourceProperties }
  | { readonly endpointType: "MonitorAlert"; readonly properties: MonitorAlertProperties }
  | { readonly endpointType: "PartnerDestination"; readonly properties: ResourceProperties }
  | { readonly endpointType: "NatsSubject"; readonly properties: NatsSubjectProperties }
  | { readonly endpointType: "File"; readonly properties: FileProperties }
  | { readonly endpointType: "Stream"; readonly properties: StreamProperties };

/** The name of a kind of destination. */
export type EndpointType = DestinationDescription["endpointType"];

/** Source: [EG-BATCH-OUT] */
export interface BatchingProperties {
  /** 1 to 5,000; unset means 1. */
  readonly maxEventsPerBatch?: number;
  /** 1 to 1,024; unset means 64. */
  readonly preferredBatchSizeInKilobytes?: number;
}

export interface WebHookProperties extends BatchingProperties {
  /** The whole URL, query included. Holds secrets: never logged, never part of a read. */
  readonly endpointUrl: string;
  /** Entra tenant of the application that is called. Source: [EG-ENTRA-WEBHOOK] */
  readonly azureActiveDirectoryTenantId?: string;
  /** The application, by its id or its URI: every request carries a token for it. */
  readonly azureActiveDirectoryApplicationIdOrUri?: string;
  /** Ringmain's own: signs every request. `whsec_` and Base64. A secret. Source: [EG-WEBHOOK-SIGNATURE] */
  readonly signingSecret?: string;
  readonly deliveryAttributeMappings?: readonly DeliveryAttributeMapping[];
}

/** What is known of a destination by its resource id alone. */
export interface ResourceProperties {
  /** Of the form in `DESTINATION_TYPES`. */
  readonly resourceId: string;
}

export interface AttributedResourceProperties extends ResourceProperties {
  readonly deliveryAttributeMappings?: readonly DeliveryAttributeMapping[];
}

export interface AzureFunctionProperties extends BatchingProperties, AttributedResourceProperties {}

export interface StorageQueueProperties extends ResourceProperties {
  readonly queueName: string;
  /** Seconds; -1 for ever, unset seven days. Source: [EG-QUEUE-TTL] */
  readonly queueMessageTimeToLiveInSeconds?: number;
}

export interface MonitorAlertProperties {
  readonly severity: "Sev0" | "Sev1" | "Sev2" | "Sev3" | "Sev4";
  readonly description?: string;
  /** ARM ids; named in the alert, not called. */
  readonly actionGroups?: readonly string[];
}

export interface NatsSubjectProperties {
  /** Name of a configured connection: `nats://…`. */
  readonly connection: string;
  readonly subject: string;
  /** Delivered when a JetStream stream has stored it, instead of when the server has it. */
  readonly jetStream?: boolean;
}

export interface FileProperties {
  /** Relative to the data folder unless absolute. */
  readonly path: string;
  /** Beyond it the file becomes `{path}.1` and a new one begins; unset means 100. */
  readonly maxFileMegabytes?: number;
}

export interface StreamProperties {
  /** Whoever shows it may read the stream; a secret. Without it, whoever may use the management routes. */
  readonly accessToken?: string;
}

/** A header added to each delivery. Source: [EG-ATTRIBUTES] */
export type DeliveryAttributeMapping =
  | {
      readonly name: string;
      readonly type: "Static";
      readonly properties: { readonly value: string; readonly isSecret?: boolean };
    }
  | { readonly name: string; readonly type: "Dynamic"; readonly properties: { readonly sourceField: string } };

/** Where undeliverable events go. `Folder` is Ringmain's own; the rest is Azure's. */
export type DeadLetterDescription =
  | {
      readonly endpointType: "StorageBlob";
      readonly properties: { readonly resourceId: string; readonly blobContainerName: string };
    }
  | { readonly endpointType: "Folder"; readonly properties: { readonly path: string } };
