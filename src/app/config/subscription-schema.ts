import { z } from "zod";
import { DESTINATION_TYPES } from "../../core/destinations/destination-types.ts";
import { operatorsTaking } from "../../core/filter/operators.ts";
import type { EndpointType } from "../../core/resources/resources.ts";

/** Event subscriptions of a configuration file: what stands in Resource Manager's `properties`, and the name. */

const advancedFilter = z.discriminatedUnion("operatorType", [
  z.strictObject({
    operatorType: z.enum(operatorsTaking("number", "boolean")),
    key: z.string(),
    value: z.union([z.number(), z.boolean()]).describe("What the field is compared with."),
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
      .describe("Event types wanted; when absent all, or of an Azure resource the default set of its topic type."),
    subjectBeginsWith: z.string().optional(),
    subjectEndsWith: z.string().optional(),
    isSubjectCaseSensitive: z.boolean().optional().describe("false unless set."),
    enableAdvancedFilteringOnArrays: z.boolean().optional().describe("Let advanced filters look into arrays."),
    advancedFilters: z.array(advancedFilter).optional().describe("All must hold; at most 25, with 25 values in all."),
  })
  .describe("Which events the subscription wants: all conditions must hold.");

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
  .describe("Headers added to each delivery.");

const batching = {
  maxEventsPerBatch: z.number().optional().describe("Events in one request, 1 to 5000; 1 unless set."),
  preferredBatchSizeInKilobytes: z.number().optional().describe("1 to 1024; 64 unless set."),
};

const resourceIdOf = (type: EndpointType): z.ZodString => z.string().describe(`'${DESTINATION_TYPES[type].idForm}'`);

/** A destination that is known by its resource id alone. */
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
      endpointUrl: z.string().describe("The whole URL, query included."),
      azureActiveDirectoryTenantId: z.string().min(1).optional().describe("Entra tenant of the application called."),
      azureActiveDirectoryApplicationIdOrUri: z
        .string()
        .min(1)
        .optional()
        .describe("The application, by id or URI: each request carries a token for it."),
      signingSecret: z
        .string()
        .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, "must be 'whsec_' and 24 to 64 bytes in Base64")
        .optional()
        .describe("Ringmain's own: sign each request by the Standard Webhooks specification."),
      ...batching,
      deliveryAttributeMappings,
    }),
  }),
  z.strictObject({
    endpointType: z.literal("AzureFunction"),
    properties: z.strictObject({
      resourceId: z
        .string()
        .describe("'…/providers/Microsoft.Web/sites/{app}/functions/{function}'; the app is one of 'functionApps'."),
      ...batching,
      deliveryAttributeMappings,
    }),
  }),
  z.strictObject({
    endpointType: z.literal("StorageQueue"),
    properties: z.strictObject({
      resourceId: resourceIdOf("StorageQueue"),
      queueName: z.string(),
      queueMessageTimeToLiveInSeconds: z.number().optional().describe("-1 for ever; seven days unless set."),
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
      actionGroups: z.array(z.string()).optional().describe("ARM ids; named in the alert, not called."),
    }),
  }),
  resource("PartnerDestination"),
  z.strictObject({
    endpointType: z.literal("NatsSubject"),
    properties: z.strictObject({
      connection: z.string().describe("Name of one of 'connections': nats://…"),
      subject: z.string(),
      jetStream: z.boolean().optional().describe("Delivered when a stream has stored it."),
    }),
  }),
  z.strictObject({
    endpointType: z.literal("File"),
    properties: z.strictObject({
      path: z.string().describe("Relative to this file unless absolute."),
      maxFileMegabytes: z
        .number()
        .optional()
        .describe("Then it becomes '{path}.1' and a new one begins; 100 unless set."),
    }),
  }),
  z.strictObject({
    endpointType: z.literal("Stream"),
    properties: z.strictObject({
      accessToken: z.string().optional().describe("Lets its bearer read the stream; at least 16 characters."),
    }),
  }),
]);

const deadLetterDestination = z.discriminatedUnion("endpointType", [
  z.strictObject({
    endpointType: z.literal("StorageBlob"),
    properties: z.strictObject({
      resourceId: z.string().describe("The storage account's ARM id; the account is one of 'storageAccounts'."),
      blobContainerName: z.string(),
    }),
  }),
  z.strictObject({
    endpointType: z.literal("Folder"),
    properties: z.strictObject({ path: z.string().describe("Relative to this file unless absolute.") }),
  }),
]);

const subscriptionIdentity = z
  .strictObject({
    type: z.enum(["SystemAssigned", "UserAssigned"]),
    userAssignedIdentity: z.string().optional().describe("ARM id."),
  })
  .describe("Which identity of the topic is used.");

/** An event subscription of anything. */
export const subscription = z.strictObject({
  name: z.string(),
  destination: destination.optional().describe("Where events go; either this or 'deliveryWithResourceIdentity'."),
  deliveryWithResourceIdentity: z
    .strictObject({ identity: subscriptionIdentity, destination })
    .optional()
    .describe("Where events go, delivered as an identity of the topic."),
  filter: filter.optional(),
  retryPolicy: z
    .strictObject({
      maxDeliveryAttempts: z.number().optional().describe("1 to 30; 30 unless set."),
      eventTimeToLiveInMinutes: z.number().optional().describe("1 to 1440; 1440 unless set."),
    })
    .optional(),
  deadLetterDestination: deadLetterDestination.optional().describe("Without it, what cannot be delivered is dropped."),
  deadLetterWithResourceIdentity: z
    .strictObject({ identity: subscriptionIdentity, deadLetterDestination })
    .optional()
    .describe("Instead of 'deadLetterDestination': written as an identity of the topic."),
  eventDeliverySchema: z.enum(["EventGridSchema", "CloudEventSchemaV1_0", "CustomInputSchema"]).optional(),
  expirationTimeUtc: z.string().optional().describe("ISO 8601; the subscription receives nothing after it."),
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
      // Written once in the JSON Schema, not wherever subscriptions may stand.
      .meta({ id: "EventSubscription" }),
  )
  .optional();
