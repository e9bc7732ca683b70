import { namesIn, type ResourceIdForm } from "../resources/resource-id-form.ts";
import type { EndpointType } from "./description.ts";

/** What holds for every destination of one kind. */
export interface DestinationType {
  /** What it is, in a sentence: "a Service Bus queue". */
  readonly called: string;
  /** Azure's, or Ringmain's own. */
  readonly origin: "azure" | "ringmain";
  /** What its `resourceId` is of, where that is something else. */
  readonly idOf?: string;
  /** The form of its `resourceId`; absent where it has none. */
  readonly idForm?: ResourceIdForm;
  /** How Azure counts its failures: an Azure resource's 401 is retried, a webhook's is not. [EG-RETRY-STATUS] */
  readonly azureResource: boolean;
  /** `maxEventsPerBatch` and `preferredBatchSizeInKilobytes` are its properties. [EG-BATCH-OUT] */
  readonly batching: boolean;
  /** It takes delivery attributes. [EG-ATTRIBUTES-WHERE] */
  readonly attributes: boolean;
  /** It takes CloudEvents and nothing else. [EG-DESTINATION-CE] */
  readonly cloudEventsOnly: boolean;
}

const AZURE = {
  origin: "azure",
  azureResource: true,
  batching: false,
  attributes: false,
  cloudEventsOnly: false,
} as const;
const OWN = { ...AZURE, origin: "ringmain", azureResource: false } as const;

/** Every kind of destination there is. The table in README.md is made from this one. */
export const DESTINATION_TYPES: Readonly<Record<EndpointType, DestinationType>> = {
  WebHook: { ...AZURE, called: "an HTTP endpoint", azureResource: false, batching: true, attributes: true },
  AzureFunction: {
    ...AZURE,
    called: "a function",
    idForm: "…/providers/Microsoft.Web/sites/{app}/functions/{function}",
    batching: true,
    attributes: true,
  },
  StorageQueue: {
    ...AZURE,
    called: "a queue of a storage account",
    idOf: "a storage account",
    idForm: "…/providers/Microsoft.Storage/storageAccounts/{account}",
  },
  ServiceBusQueue: {
    ...AZURE,
    called: "a Service Bus queue",
    idForm: "…/providers/Microsoft.ServiceBus/namespaces/{namespace}/queues/{queue}",
    attributes: true,
  },
  ServiceBusTopic: {
    ...AZURE,
    called: "a Service Bus topic",
    idForm: "…/providers/Microsoft.ServiceBus/namespaces/{namespace}/topics/{topic}",
    attributes: true,
  },
  EventHub: {
    ...AZURE,
    called: "an event hub",
    idForm: "…/providers/Microsoft.EventHub/namespaces/{namespace}/eventhubs/{hub}",
    attributes: true,
  },
  HybridConnection: {
    ...AZURE,
    called: "a hybrid connection",
    idForm: "…/providers/Microsoft.Relay/namespaces/{namespace}/hybridConnections/{connection}",
    attributes: true,
  },
  NamespaceTopic: {
    ...AZURE,
    called: "a namespace topic",
    idForm: "…/providers/Microsoft.EventGrid/namespaces/{namespace}/topics/{topic}",
    cloudEventsOnly: true,
  },
  MonitorAlert: { ...AZURE, called: "an Azure Monitor alert", cloudEventsOnly: true },
  PartnerDestination: {
    ...AZURE,
    called: "a partner destination",
    idForm: "…/providers/Microsoft.EventGrid/partnerDestinations/{destination}",
  },
  NatsSubject: { ...OWN, called: "a NATS subject" },
  File: { ...OWN, called: "a file of JSON lines" },
  Stream: { ...OWN, called: "a stream of server-sent events" },
};

/** The names in a destination's resource id, in order; none where it has another form. */
export function destinationNames(type: EndpointType, resourceId: string): readonly string[] {
  const { idForm } = DESTINATION_TYPES[type];
  return (idForm && namesIn(resourceId, idForm)) ?? [];
}
