/** Where events go. Members of the table in `destinations/index.ts`. */
export type DestinationDescription =
  | { readonly endpointType: "WebHook"; readonly properties: WebHookProperties }
  | { readonly endpointType: "AzureFunction"; readonly properties: AzureFunctionProperties };

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

export interface AzureFunctionProperties extends BatchingProperties {
  /** `…/providers/Microsoft.Web/sites/{app}/functions/{function}` */
  readonly resourceId: string;
  readonly deliveryAttributeMappings?: readonly DeliveryAttributeMapping[];
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
