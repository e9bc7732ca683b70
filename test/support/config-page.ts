import { z } from "zod";
import { configSchema } from "../../src/app/config/schema.ts";
import { absentPasses, OPERATOR_TYPES, OPERATORS, type ComparandForm } from "../../src/core/filter/operators.ts";
import { SETTING_PATHS } from "../../src/app/config/setting-paths.ts";

/** Returns the JSON Schema of the configuration file, for editors. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { io: "input", target: "draft-7" });
  return `${JSON.stringify({ title: "Configuration of Ringmain", ...schema }, undefined, 2)}\n`;
}

interface JsonSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** Returns the page that shows how to declare resources and lists every setting. */
export function configPage(): string {
  const root = JSON.parse(configJsonSchema()) as JsonSchema;
  const rows = SETTING_PATHS.map(({ path, variable, description }) => {
    let schema: JsonSchema = root;
    for (const part of path) schema = schema.properties?.[part] ?? {};
    return `| \`${path.join(".")}\` | \`${variable}\` | ${values(schema)} | ${shownDefault(schema)} | ${description} |`;
  });
  return PAGE.replace("{{settings}}", rows.join("\n")).replace("{{operators}}", operatorRows().join("\n"));
}

/** The comparands of each form as the page shows them. */
const COMPARANDS: Readonly<Record<ComparandForm, string>> = {
  number: '`"value": 100`',
  boolean: '`"value": true`',
  numbers: '`"values": [1, 2]`',
  ranges: '`"values": [[1, 5], [10, 20]]`',
  strings: '`"values": ["a", "b"]`',
  none: "nothing",
};

function operatorRows(): readonly string[] {
  return OPERATOR_TYPES.map((name) => {
    const { takes, negated } = OPERATORS[name];
    const some = takes === "none" ? "there is a value" : "the value matches one of them";
    const none = takes === "none" ? "there is no value" : "the value matches none of them";
    const absent = absentPasses(name, "basic") ? "passes" : "does not pass";
    return `| \`${name}\` | ${COMPARANDS[takes]} | ${negated ? none : some} | ${absent} |`;
  });
}

function values({ type, enum: names, minimum, maximum }: JsonSchema): string {
  if (names !== undefined) return names.map((name) => `\`${String(name)}\``).join(", ");
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  return type ?? "";
}

function shownDefault(schema: JsonSchema): string {
  return schema.default === undefined ? "" : `\`${JSON.stringify(schema.default)}\``;
}

const PAGE = `# Configuration

Ringmain reads its configuration from one file, \`ringmain.config.json\` in the working folder. Use \`--config\` to name
another file. This page shows how to [change a setting](#change-a-setting) and
[declare resources](#declare-resources), and lists the [operators of filters](#advanced-filters) and
[all settings](#settings).

## Change a setting

You can set a setting in the file, in an environment variable or, for the common settings, with a flag:

\`\`\`json
{ "port": 6501, "delivery": { "timeoutSeconds": 10 } }
\`\`\`

\`\`\`sh
RINGMAIN_PORT=6501 RINGMAIN_DELIVERY_TIMEOUT_SECONDS=10 ringmain start
ringmain start --port 6501
\`\`\`

A flag overrides the environment variable, which overrides the file, which overrides the default.

- \`ringmain config show\` prints the effective value of every setting and its origin.
- \`ringmain config check\` reports what is wrong with the configuration. Unknown properties are errors; the message suggests
  the nearest known name.

**Reload.** Ringmain reads the file again whenever it changes. Topics, event subscriptions, role assignments and connections
change at once. Other settings change at the next start, and the log names them (\`configuration needs restart\`).

**Paths.** In the file, a relative path is relative to the file. In a flag or an environment variable, it is relative to the
working folder. Unless set, \`data\` is \`.ringmain\` in the working folder.

**Editors.** To complete and check the file in your editor, refer to its JSON Schema:

\`\`\`json
{ "$schema": "./node_modules/ringmain/schema/ringmain.config.schema.json" }
\`\`\`

## Declare resources

Properties have Azure's names. What Resource Manager keeps under \`properties\` stands one level higher:

\`\`\`json
{
  "topics": [
    {
      "name": "orders",
      "inputSchema": "EventGridSchema",
      "subscriptions": [
        {
          "name": "billing",
          "destination": {
            "endpointType": "WebHook",
            "properties": { "endpointUrl": "http://localhost:8080/events", "maxEventsPerBatch": 10 }
          },
          "filter": {
            "includedEventTypes": ["Order.Placed"],
            "subjectBeginsWith": "/orders/",
            "advancedFilters": [{ "operatorType": "NumberGreaterThan", "key": "data.total", "value": 100 }]
          },
          "retryPolicy": { "maxDeliveryAttempts": 10, "eventTimeToLiveInMinutes": 60 },
          "deadLetterDestination": { "endpointType": "Folder", "properties": { "path": "dead-letters" } }
        }
      ]
    }
  ],
  "systemTopics": [
    {
      "name": "passwords",
      "topicType": "Microsoft.KeyVault.vaults",
      "subscriptions": [
        {
          "name": "renew",
          "destination": { "endpointType": "WebHook", "properties": { "endpointUrl": "http://localhost:8080/renew" } },
          "filter": { "includedEventTypes": ["Microsoft.KeyVault.SecretNearExpiry"] }
        }
      ]
    }
  ],
  "storageAccounts": [
    {
      "name": "devstoreaccount1",
      "subscriptions": [
        {
          "name": "thumbnails",
          "destination": {
            "endpointType": "AzureFunction",
            "properties": {
              "resourceId": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ringmain/providers/Microsoft.Web/sites/pictures/functions/makeThumbnail"
            }
          },
          "filter": {
            "includedEventTypes": ["Microsoft.Storage.BlobCreated"],
            "subjectBeginsWith": "/blobServices/default/containers/images/"
          }
        }
      ]
    }
  ],
  "functionApps": [{ "name": "pictures", "path": "./functions" }]
}
\`\`\`

| property | declares |
| --- | --- |
| \`topics\` | Custom topics. \`inputSchema\` is \`EventGridSchema\`, \`CloudEventSchemaV1_0\` or \`CustomEventSchema\` (with \`inputSchemaMapping\`). If the file has no \`key1\` and \`key2\`, Ringmain generates them once and keeps them in the store. |
| \`domains\`, \`partnerNamespaces\` | Domains and partner namespaces: see [topics](topics.md). |
| \`systemTopics\` | System topics for events of Azure services: see [events of Azure services](event-sources.md). \`source\` is the ARM id of the resource; unless set, a local resource with the system topic's name. |
| \`storageAccounts\` | Storage accounts. They need \`--azurite\` or \`--azurite-url\`. \`blobPort\` is the port for the account's blobs (10000 for \`devstoreaccount1\`). Accounts other than \`devstoreaccount1\` need their \`key\`. |
| \`functionApps\` | Function apps for \`AzureFunction\` destinations. Set \`path\` to let Ringmain host the application (with \`settings\`, and with [keys](functions.md#keys) in production), or \`url\` (and \`code\`) to use a functions host that is already running. |
| \`connections\` | How to reach the namespaces and accounts in the resource ids of [destinations](destinations.md#connect-a-destination), by their names: a connection string as Azure shows it, \`nats://…\`, or \`\${NAME}\` for the value of an environment variable. |
| \`partnerDestinations\` | The \`endpointUrl\` of \`PartnerDestination\` destinations. \`activationState\` must be \`Activated\`. |
| \`clients\`, \`roleAssignments\` | Applications and their roles: see [identity](identity.md) and [management](management.md#who-can-manage-resources). |

[Destinations](destinations.md) lists every kind of destination with its properties. Dead letters go to a \`StorageBlob\`
container of a declared storage account, or to a local \`Folder\`
([retries and dead letters](destinations.md#retries-and-dead-letters)).

If you remove a resource from the file, Ringmain deletes it with all its waiting deliveries. Resources that were created in
another way stay.

## Advanced filters

An event passes a subscription's filter when every condition holds. An advanced filter is one condition on the value under
its \`key\`: \`id\`, \`topic\`, \`subject\`, \`eventType\` or \`dataVersion\` (for a CloudEvent, any of its attributes), or a path
into the data, such as \`data.order.total\`. Text comparisons ignore case. For an operator that compares, a value of another
type counts as no value, and so does an array unless \`enableAdvancedFilteringOnArrays\` is \`true\`.

| \`operatorType\` | compares with | an event passes when | without a value |
| --- | --- | --- | --- |
{{operators}}

On the command line, write \`--advanced-filter data.total NumberGreaterThan 100\`
([manage topics and subscriptions](cli.md#manage-topics-and-subscriptions)).

## Settings

| setting | environment variable | values | default | meaning |
| --- | --- | --- | --- | --- |
{{settings}}
`;
