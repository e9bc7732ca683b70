import { z } from "zod";
import { DESTINATION_TYPES } from "../../core/destinations/destination-types.ts";
import { operatorsTaking } from "../../core/filter/operators.ts";
import type { EndpointType } from "../../core/resources/resources.ts";

/** Event subscriptions of a configuration file: the name, and the properties that Resource Manager has in `properties`. */

const advancedFilter = z.discriminatedUnion("operatorType", [
  z.strictObject({
    operatorType: z.enum(operatorsTaking("number", "boolean")),
    key: z.string(),
    value: z.union([z.number(), z.boolean()]).describe("Value that the field is compared with."),
  }),
  z.strictObject({
    operatorType: z.enum(operatorsTaking("numbers", "ranges", "strings")),
    key: z.string(),
    values: z.array(z.union([z.string(), z.number(), z.tuple([z.number(), z.number()])])),
  }),
  z.strictObject({ operatorType: z.enum(operatorsTaking("none")), key: z.string() }),
]);

const filter = z
  .strictObject({
    includedEventTypes: z
      .array(z.string())
      .optional()
      .describe(
        "Event types to deliver. Unless set, all types; for an Azure resource, the default set of its topic type.",
      ),
    subjectBeginsWith: z.string().optional(),
    subjectEndsWith: z.string().optional(),
    isSubjectCaseSensitive: z.boolean().optional().describe("Unless set, false."),
    enableAdvancedFilteringOnArrays: z.boolean().optional().describe("Whether advanced filters look into arrays."),
    advancedFilters: z
      .array(advancedFilter)
      .optional()
      .describe("All filters must match. At most 25 filters, with 25 values in total."),
  })
  .describe("Selects the events to deliver: all conditions must match.");

const deliveryAttributeMappings = z
  .array(
    z.discriminatedUnion("type", [
      z.strictObject({
        name: z.string(),
        type: z.literal("Static"),
        properties: z.strictObject({ value: z.string(), isSecret: z.boolean().optional() }),
      }),
      z.strictObject({
        name: z.string(),
        type: z.literal("Dynamic"),
        properties: z.strictObject({ sourceField: z.string() }),
      }),
    ]),
  )
  .optional()
  .describe("Headers to add to each delivery.");

const batching = {
  maxEventsPerBatch: z
    .number()
    .optional()
    .describe("Maximum number of events in one request, 1 to 5000. Unless set, 1."),
  preferredBatchSizeInKilobytes: z.number().optional().describe("1 to 1024. Unless set, 64."),
};

const resourceIdOf = (type: EndpointType): z.ZodString => z.string().describe(`'${DESTINATION_TYPES[type].idForm}'`);

/** The schema of a destination that has a resource id only. */
const resource = <Type extends EndpointType>(type: Type) =>
  z.strictObject({
    endpointType: z.literal(type),
    properties: z.strictObject({ resourceId: resourceIdOf(type) }),
  });
const attributedResource = <Type extends EndpointType>(type: Type) =>
  z.strictObject({
    endpointType: z.literal(type),
    properties: z.strictObject({ resourceId: resourceIdOf(type), deliveryAttributeMappings }),
  });

const destination = z.discriminatedUnion("endpointType", [
  z.strictObject({
    endpointType: z.literal("WebHook"),
    properties: z.strictObject({
      endpointUrl: z.string().describe("The whole URL, including the query."),
      azureActiveDirectoryTenantId: z.string().min(1).optional().describe("Entra tenant of the webhook's application."),
      azureActiveDirectoryApplicationIdOrUri: z
        .string()
        .min(1)
        .optional()
        .describe("Id or URI of the webhook's application. Each request carries a token for it."),
      signingSecret: z
        .string()
        .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, "must be 'whsec_' and 24 to 64 bytes in Base64")
        .optional()
        .describe("Ringmain only: signs each request according to the Standard Webhooks specification."),
      ...batching,
      deliveryAttributeMappings,
    }),
  }),
  z.strictObject({
    endpointType: z.literal("AzureFunction"),
    properties: z.strictObject({
      resourceId: z
        .string()
        .describe(
          "'…/providers/Microsoft.Web/sites/{app}/functions/{function}'. The app must be one of 'functionApps'.",
        ),
      ...batching,
      deliveryAttributeMappings,
    }),
  }),
  z.strictObject({
    endpointType: z.literal("StorageQueue"),
    properties: z.strictObject({
      resourceId: resourceIdOf("StorageQueue"),
      queueName: z.string(),
      queueMessageTimeToLiveInSeconds: z.number().optional().describe("-1 for no limit. Unless set, seven days."),
    }),
  }),
  attributedResource("ServiceBusQueue"),
  attributedResource("ServiceBusTopic"),
  attributedResource("EventHub"),
  attributedResource("HybridConnection"),
  resource("NamespaceTopic"),
  z.strictObject({
    endpointType: z.literal("MonitorAlert"),
    properties: z.strictObject({
      severity: z.enum(["Sev0", "Sev1", "Sev2", "Sev3", "Sev4"]),
      description: z.string().optional(),
      actionGroups: z
        .array(z.string())
        .optional()
        .describe("ARM ids of action groups. The alert names them; they are not called."),
    }),
  }),
  resource("PartnerDestination"),
  z.strictObject({
    endpointType: z.literal("NatsSubject"),
    properties: z.strictObject({
      connection: z.string().describe("Name of an entry of 'connections' with a nats:// URL."),
      subject: z.string(),
      jetStream: z
        .boolean()
        .optional()
        .describe("Whether a delivery succeeds only when a JetStream stream has stored the event."),
    }),
  }),
  z.strictObject({
    endpointType: z.literal("File"),
    properties: z.strictObject({
      path: z.string().describe("Path, relative to this file unless absolute."),
      maxFileMegabytes: z
        .number()
        .optional()
        .describe("Maximum size of the file. A full file is renamed to '{path}.1'. Unless set, 100."),
    }),
  }),
  z.strictObject({
    endpointType: z.literal("Stream"),
    properties: z.strictObject({
      accessToken: z.string().optional().describe("Token that lets clients read the stream, at least 16 characters."),
    }),
  }),
]);

const deadLetterDestination = z.discriminatedUnion("endpointType", [
  z.strictObject({
    endpointType: z.literal("StorageBlob"),
    properties: z.strictObject({
      resourceId: z.string().describe("ARM id of the storage account, which must be one of 'storageAccounts'."),
      blobContainerName: z.string(),
    }),
  }),
  z.strictObject({
    endpointType: z.literal("Folder"),
    properties: z.strictObject({ path: z.string().describe("Path, relative to this file unless absolute.") }),
  }),
]);

const subscriptionIdentity = z
  .strictObject({
    type: z.enum(["SystemAssigned", "UserAssigned"]),
    userAssignedIdentity: z.string().optional().describe("ARM id."),
  })
  .describe("The identity of the topic to use.");

/** An event subscription of any source. */
export const subscription = z.strictObject({
  name: z.string(),
  destination: destination
    .optional()
    .describe("Destination of the events. Set either this or 'deliveryWithResourceIdentity'."),
  deliveryWithResourceIdentity: z
    .strictObject({ identity: subscriptionIdentity, destination })
    .optional()
    .describe("Destination of the events, with the managed identity to deliver as."),
  filter: filter.optional(),
  retryPolicy: z
    .strictObject({
      maxDeliveryAttempts: z.number().optional().describe("1 to 30. Unless set, 30."),
      eventTimeToLiveInMinutes: z.number().optional().describe("1 to 1440. Unless set, 1440."),
    })
    .optional(),
  deadLetterDestination: deadLetterDestination
    .optional()
    .describe("Destination of events that cannot be delivered. Unless set, Ringmain drops them."),
  deadLetterWithResourceIdentity: z
    .strictObject({ identity: subscriptionIdentity, deadLetterDestination })
    .optional()
    .describe("Dead-letter destination with the managed identity to use, instead of 'deadLetterDestination'."),
  eventDeliverySchema: z.enum(["EventGridSchema", "CloudEventSchemaV1_0", "CustomInputSchema"]).optional(),
  expirationTimeUtc: z.string().optional().describe("Time after which the subscription receives no events, ISO 8601."),
  labels: z.array(z.string()).optional(),
});
/** Event subscriptions, each with one destination. */
export const subscriptions = z
  .array(
    subscription
      .refine(
        (given) => (given.destination === undefined) !== (given.deliveryWithResourceIdentity === undefined),
        "needs either 'destination' or 'deliveryWithResourceIdentity'",
      )
      .refine(
        (given) => given.deadLetterDestination === undefined || given.deadLetterWithResourceIdentity === undefined,
        "takes 'deadLetterDestination' or 'deadLetterWithResourceIdentity', not both",
      )
      // With an id, the JSON Schema has one definition of subscriptions, and references elsewhere.
      .meta({ id: "EventSubscription" }),
  )
  .optional();
