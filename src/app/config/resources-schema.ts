import { z } from "zod";
import { client, connection, functionApp, partnerDestination, roleAssignment } from "./services-schema.ts";
import { subscription, subscriptions } from "./subscription-schema.ts";

/**
 * The resources that a configuration file declares, in Azure's words: the content of Resource Manager's `properties`
 * lifted one level up. Ranges and combinations are the control plane's business (`core/resource-rules`); here only
 * the shape is checked, so that every way in is told the same about the rest.
 */

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
export type SubscriptionConfig = z.infer<typeof subscription>;
