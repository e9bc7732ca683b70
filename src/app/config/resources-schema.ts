import { z } from "zod";
import { BUILT_IN_ROLES } from "../../core/built-in-roles.ts";
import { DESTINATION_TYPES } from "../../core/destination-types.ts";
import type { OperatorType } from "../../core/filter/description.ts";
import type { EndpointType } from "../../core/resources.ts";

/**
 * The resources that a configuration file declares, in Azure's words: the content of Resource Manager's `properties`
 * lifted one level up. Ranges and combinations are the control plane's business (`core/resource-rules`); here only
 * the shape is checked, so that every way in is told the same about the rest.
 */

const SINGLE_VALUE = [
  "NumberLessThan",
  "NumberLessThanOrEquals",
  "NumberGreaterThan",
  "NumberGreaterThanOrEquals",
  "BoolEquals",
] as const;
const LISTS = [
  "NumberIn",
  "NumberNotIn",
  "NumberInRange",
  "NumberNotInRange",
  "StringIn",
  "StringNotIn",
  "StringBeginsWith",
  "StringNotBeginsWith",
  "StringEndsWith",
  "StringNotEndsWith",
  "StringContains",
  "StringNotContains",
] as const;
const PRESENCE = ["IsNullOrUndefined", "IsNotNull"] as const;
type Listed = (typeof SINGLE_VALUE)[number] | (typeof LISTS)[number] | (typeof PRESENCE)[number];
// Fails to compile when an operator is missing above.
true satisfies [OperatorType] extends [Listed] ? true : never;

const advancedFilter = z.discriminatedUnion("operatorType", [
  z.strictObject({
    operatorType: z.enum(SINGLE_VALUE),
    key: z.string(),
    value: z.union([z.number(), z.boolean()]).describe("What the field is compared with."),
  }),
  z.strictObject({
    operatorType: z.enum(LISTS),
    key: z.string(),
    values: z.array(z.union([z.string(), z.number(), z.tuple([z.number(), z.number()])])),
  }),
  z.strictObject({ operatorType: z.enum(PRESENCE), key: z.string() }),
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
      path: z.string().describe("Relative to the data folder unless absolute."),
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
    properties: z.strictObject({ path: z.string().describe("Relative to the data folder unless absolute.") }),
  }),
]);

const subscriptionIdentity = z
  .strictObject({
    type: z.enum(["SystemAssigned", "UserAssigned"]),
    userAssignedIdentity: z.string().optional().describe("ARM id."),
  })
  .describe("Which identity of the topic is used.");

const subscription = z.strictObject({
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
const subscriptions = z
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

const mappedField = z.strictObject({ sourceField: z.string().optional() }).optional();
const mappedFieldWithDefault = z
  .strictObject({ sourceField: z.string().optional(), defaultValue: z.string().optional() })
  .optional();

const accessKey = z.base64().min(1).describe("A shared access key, Base64. Made once and kept when absent.");

const publisherAccess = {
  disableLocalAuth: z.boolean().optional().describe("Refuse keys and shared access signatures."),
  publicNetworkAccess: z.enum(["Enabled", "Disabled"]).optional().describe("Disabled refuses every publisher."),
  inboundIpRules: z
    .array(
      z.strictObject({
        ipMask: z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], "must be an IP address or a CIDR range"),
        action: z.literal("Allow").optional(),
      }),
    )
    .optional()
    .describe("When there are any, only these addresses may publish."),
  key1: accessKey.optional(),
  key2: accessKey.optional(),
};

const identity = z
  .strictObject({
    type: z.enum(["None", "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"]),
    userAssignedIdentities: z.record(z.string(), z.unknown()).optional().describe("By ARM id."),
  })
  .optional()
  .describe("An identity of its own, to deliver with.");

const input = {
  inputSchema: z
    .enum(["EventGridSchema", "CloudEventSchemaV1_0", "CustomEventSchema"])
    .optional()
    .describe("What publishers send; EventGridSchema unless set."),
  inputSchemaMapping: z
    .strictObject({
      inputSchemaMappingType: z.literal("Json"),
      properties: z.strictObject({
        id: mappedField,
        topic: mappedField,
        eventTime: mappedField,
        eventType: mappedFieldWithDefault,
        subject: mappedFieldWithDefault,
        dataVersion: mappedFieldWithDefault,
      }),
    })
    .optional()
    .describe("For CustomEventSchema: where Event Grid's fields come from."),
};

const topic = z.strictObject({
  name: z.string().describe("3 to 50 letters, digits and hyphens."),
  ...input,
  port: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe("A port of the topic's own, for clients that keep nothing but an address; 0 takes any free one."),
  ...publisherAccess,
  identity,
  subscriptions,
});

const domain = z.strictObject({
  name: z.string().describe("3 to 50 letters, digits and hyphens."),
  ...input,
  ...publisherAccess,
  autoCreateTopicWithFirstSubscription: z
    .boolean()
    .optional()
    .describe("A subscription makes the domain topic that it is to; true unless set."),
  autoDeleteTopicWithLastSubscription: z
    .boolean()
    .optional()
    .describe("A domain topic goes with its last subscription; true unless set."),
  identity,
  topics: z
    .array(z.strictObject({ name: z.string().describe("What publishers call it."), subscriptions }))
    .optional()
    .describe("Topics of the domain, with their event subscriptions."),
  subscriptions: subscriptions.describe("Receive the events of all topics of the domain."),
});

const channel = z.strictObject({
  name: z.string(),
  source: z.string().min(1).describe("The 'source' of the channel's events."),
  partnerTopicName: z.string().optional().describe("Name of the partner topic; that of the channel unless set."),
  subscriptions,
});

const partnerNamespace = z.strictObject({
  name: z.string().describe("3 to 50 letters, digits and hyphens."),
  partnerTopicRoutingMode: z
    .enum(["SourceEventAttribute", "ChannelNameHeader"])
    .optional()
    .describe("How an event finds its channel: by its 'source', unless set, or by the header 'aeg-channel-name'."),
  ...publisherAccess,
  channels: z
    .array(channel)
    .optional()
    .describe("Ways to partner topics, which are activated, with their event subscriptions."),
});

const systemTopic = z.strictObject({
  name: z.string().describe("3 to 128 letters, digits and hyphens."),
  topicType: z.string().describe("For example Microsoft.KeyVault.vaults; 'ringmain trigger --list' names them all."),
  source: z
    .string()
    .optional()
    .describe("ARM id of the resource whose events these are; unless set, a local one with the system topic's name."),
  subscriptions: z.array(subscription).optional(),
});

const storageAccount = z.strictObject({
  name: z.string().regex(/^[a-z0-9]{3,24}$/, "must be 3 to 24 lower-case letters and digits"),
  key: z.base64().min(1).optional().describe("The account's key, Base64; known for devstoreaccount1."),
  blobPort: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe("Where Ringmain serves the account's blobs: 10000, or where those of devstoreaccount1 are. 0: any free."),
  urlForm: z
    .enum(["production", "emulator"])
    .optional()
    .describe("Form of 'data.url': 'production' puts the container first, 'emulator' is the address clients use here."),
  subscriptions,
});

const functionApp = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9-]{1,60}$/, "must be 1 to 60 letters, digits and hyphens"),
    path: z.string().optional().describe("Folder of an @azure/functions application to host, relative to this file."),
    url: z
      .string()
      .optional()
      .describe("Address of a functions host that runs already, for example http://localhost:7071."),
    code: z.string().optional().describe("The host's eventgrid_extension system key, if it asks for one."),
  })
  .refine(({ path, url }) => (path === undefined) !== (url === undefined), "needs either 'path' or 'url'");

const roleAssignment = z.strictObject({
  principalId: z.string().min(1).describe("Object id of a service principal, an identity, a user or a group."),
  role: z
    .enum(BUILT_IN_ROLES.filter(({ actions }) => actions.length > 0).map(({ name }) => name))
    .describe("What the principal may do with events, or by Resource Manager in production."),
  scope: z.string().startsWith("/").optional().describe("ARM id of what the role is for; everything unless set."),
});

const client = z.strictObject({
  clientId: z.string().min(1).max(128),
  clientSecret: z.string().min(1).describe("What the application proves itself with."),
  objectId: z
    .string()
    .min(1)
    .optional()
    .describe("Object id of its service principal; its client id unless set, if that is a GUID."),
  roles: z.array(z.string().min(1)).optional().describe("Roles that its tokens name; none unless set."),
});

const connection = z.strictObject({
  name: z.string().min(1).describe("Of the namespace or account, as it stands in resource ids."),
  connectionString: z
    .string()
    .min(1)
    .describe("As Azure shows it, or nats://…; ${NAME} takes it from the environment."),
});

const partnerDestination = z.strictObject({
  name: z.string().min(1),
  endpointUrl: z.url({ protocol: /^https?$/ }).describe("Where the partner takes events; query included."),
  activationState: z
    .enum(["NeverActivated", "Activated"])
    .default("NeverActivated")
    .describe("Nothing is delivered before it is Activated."),
});

/** The parts of the file that declare resources. */
export const resourcesShape = {
  topics: z.array(topic).default([]).describe("Custom topics, with their event subscriptions."),
  systemTopics: z
    .array(systemTopic)
    .default([])
    .describe(
      "System topics of Azure resources, with their event subscriptions. 'ringmain trigger' raises the events.",
    ),
  domains: z.array(domain).default([]).describe("Domains: one address for many topics."),
  partnerNamespaces: z
    .array(partnerNamespace)
    .default([])
    .describe("Partner namespaces: where partners publish CloudEvents to partner topics."),
  storageAccounts: z
    .array(storageAccount)
    .default([])
    .describe("Storage accounts whose blob events are raised, with their event subscriptions."),
  functionApps: z.array(functionApp).default([]).describe("Function apps that AzureFunction destinations name."),
  clients: z
    .array(client)
    .default([])
    .describe("Applications that Ringmain issues tokens to; in production mode it issues them to no others."),
  roleAssignments: z.array(roleAssignment).default([]).describe("Who may publish with a token of Microsoft Entra."),
  connections: z
    .array(connection)
    .default([])
    .describe("How destinations reach namespaces, storage accounts and NATS servers."),
  partnerDestinations: z
    .array(partnerDestination)
    .default([])
    .describe("Partners' systems that PartnerDestination destinations name."),
};

export type DomainConfig = z.infer<typeof domain>;
export type PartnerNamespaceConfig = z.infer<typeof partnerNamespace>;
export type TopicConfig = z.infer<typeof topic>;
export type SystemTopicConfig = z.infer<typeof systemTopic>;
export type StorageAccountConfig = z.infer<typeof storageAccount>;
export type FunctionAppConfig = z.infer<typeof functionApp>;
export type ConnectionConfig = z.infer<typeof connection>;
export type SubscriptionConfig = z.infer<typeof subscription>;
