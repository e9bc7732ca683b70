import { z } from "zod";
import { client, connection, functionApp, partnerDestination, roleAssignment } from "./services-schema.ts";
import { subscription, subscriptions } from "./subscription-schema.ts";

/**
 * Schemas of the resources in a configuration file. Properties have Azure's names, without Resource Manager's
 * `properties` level. The schemas check only the shape. The control plane checks ranges and combinations
 * (`core/rules`), so that every way to create a resource reports the same problems.
 */

const mappedField = z.strictObject({ sourceField: z.string().optional() }).optional();
const mappedFieldWithDefault = z
  .strictObject({ sourceField: z.string().optional(), defaultValue: z.string().optional() })
  .optional();

const accessKey = z
  .base64()
  .min(1)
  .describe("A shared access key, Base64. Unless set, Ringmain generates a key once and keeps it.");

const publisherAccess = {
  disableLocalAuth: z.boolean().optional().describe("Whether to refuse access keys and shared access signatures."),
  publicNetworkAccess: z.enum(["Enabled", "Disabled"]).optional().describe("Disabled refuses all publishers."),
  inboundIpRules: z
    .array(
      z.strictObject({
        ipMask: z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], "must be an IP address or a CIDR range"),
        action: z.literal("Allow").optional(),
      }),
    )
    .optional()
    .describe("If there are any rules, only these addresses may publish."),
  key1: accessKey.optional(),
  key2: accessKey.optional(),
};

const identity = z
  .strictObject({
    type: z.enum(["None", "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"]),
    userAssignedIdentities: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("User-assigned identities by their ARM ids."),
  })
  .optional()
  .describe("The managed identity that subscriptions can deliver with.");

const input = {
  inputSchema: z
    .enum(["EventGridSchema", "CloudEventSchemaV1_0", "CustomEventSchema"])
    .optional()
    .describe("Schema of published events. Unless set, EventGridSchema."),
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
    .describe("For CustomEventSchema: the sources of Event Grid's fields."),
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
    .describe(
      "Additional port for this topic alone, for clients that keep only host and port of an endpoint. 0 chooses a free port.",
    ),
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
    .describe("Whether a subscription creates the domain topic that it names. Unless set, true."),
  autoDeleteTopicWithLastSubscription: z
    .boolean()
    .optional()
    .describe("Whether a domain topic is deleted with its last subscription. Unless set, true."),
  identity,
  topics: z
    .array(z.strictObject({ name: z.string().describe("The name that published events refer to."), subscriptions }))
    .optional()
    .describe("Topics of the domain, with their event subscriptions."),
  subscriptions: subscriptions.describe("Subscriptions to the events of all topics of the domain."),
});

const channel = z.strictObject({
  name: z.string(),
  source: z.string().min(1).describe("The 'source' attribute of the channel's events."),
  partnerTopicName: z.string().optional().describe("Name of the partner topic. Unless set, the channel's name."),
  subscriptions,
});

const partnerNamespace = z.strictObject({
  name: z.string().describe("3 to 50 letters, digits and hyphens."),
  partnerTopicRoutingMode: z
    .enum(["SourceEventAttribute", "ChannelNameHeader"])
    .optional()
    .describe(
      "What selects an event's channel: its 'source' attribute (unless set), or the header 'aeg-channel-name'.",
    ),
  ...publisherAccess,
  channels: z
    .array(channel)
    .optional()
    .describe("Channels to partner topics, with their event subscriptions. Ringmain activates the partner topics."),
});

const systemTopic = z.strictObject({
  name: z.string().describe("3 to 128 letters, digits and hyphens."),
  topicType: z
    .string()
    .describe("Topic type, for example Microsoft.KeyVault.vaults. 'ringmain trigger --list' lists all types."),
  source: z
    .string()
    .optional()
    .describe(
      "ARM id of the resource that raises the events. Unless set, a local resource with the system topic's name.",
    ),
  subscriptions: z.array(subscription).optional(),
});

const storageAccount = z.strictObject({
  name: z.string().regex(/^[a-z0-9]{3,24}$/, "must be 3 to 24 lower-case letters and digits"),
  key: z.base64().min(1).optional().describe("The account's key, Base64. Not needed for devstoreaccount1."),
  blobPort: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe(
      "Port for the account's blobs. Unless set, 10000 or the port of devstoreaccount1. 0 chooses a free port.",
    ),
  urlForm: z
    .enum(["production", "emulator"])
    .optional()
    .describe(
      "Form of 'data.url' in events: 'production' begins the path with the container, 'emulator' is the URL that local clients use.",
    ),
  subscriptions,
});

/** The members of the file that declare resources. */
export const resourcesShape = {
  topics: z.array(topic).default([]).describe("Custom topics, with their event subscriptions."),
  systemTopics: z
    .array(systemTopic)
    .default([])
    .describe(
      "System topics of Azure resources, with their event subscriptions. Raise their events with 'ringmain trigger'.",
    ),
  domains: z.array(domain).default([]).describe("Domains: one endpoint for many topics."),
  partnerNamespaces: z
    .array(partnerNamespace)
    .default([])
    .describe("Partner namespaces: the endpoints where partners publish CloudEvents to partner topics."),
  storageAccounts: z
    .array(storageAccount)
    .default([])
    .describe("Storage accounts that raise blob events, with their event subscriptions."),
  functionApps: z.array(functionApp).default([]).describe("Function apps that AzureFunction destinations refer to."),
  clients: z
    .array(client)
    .default([])
    .describe(
      "Applications that Ringmain issues tokens to. In production mode it issues tokens to no other application.",
    ),
  roleAssignments: z
    .array(roleAssignment)
    .default([])
    .describe("Roles of principals: who may publish or manage with an access token."),
  connections: z
    .array(connection)
    .default([])
    .describe("Connection strings of the namespaces, storage accounts and NATS servers that destinations refer to."),
  partnerDestinations: z
    .array(partnerDestination)
    .default([])
    .describe("Partner systems that PartnerDestination destinations refer to."),
};

export type DomainConfig = z.infer<typeof domain>;
export type PartnerNamespaceConfig = z.infer<typeof partnerNamespace>;
export type TopicConfig = z.infer<typeof topic>;
export type SystemTopicConfig = z.infer<typeof systemTopic>;
export type StorageAccountConfig = z.infer<typeof storageAccount>;
export type SubscriptionConfig = z.infer<typeof subscription>;
