import { z } from "zod";
import { configSchema } from "../../src/app/config/schema.ts";
import { absentPasses, OPERATOR_TYPES, OPERATORS, type ComparandForm } from "../../src/core/filter/operators.ts";
import { SETTING_PATHS } from "../../src/app/config/setting-paths.ts";

/** The configuration file's JSON Schema, for editors. */
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

/** The page that lists every setting, and shows how resources are declared. */
export function configPage(): string {
  const root = JSON.parse(configJsonSchema()) as JsonSchema;
  const rows = SETTING_PATHS.map(({ path, variable, description }) => {
    let schema: JsonSchema = root;
    for (const part of path) schema = schema.properties?.[part] ?? {};
    return `| \`${path.join(".")}\` | \`${variable}\` | ${values(schema)} | ${shownDefault(schema)} | ${description} |`;
  });
  return PAGE.replace("{{settings}}", rows.join("\n")).replace("{{operators}}", operatorRows().join("\n"));
}

/** How the page shows the comparands of each form. */
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

One file, \`ringmain.config.json\` in the working folder or the one that \`--config\` names. Every setting can also come
from the environment or (the common ones) from a flag; a flag beats the environment, which beats the file, which beats
the default. \`ringmain config show\` prints what is in force and where it comes from, \`ringmain config check\` says what
is wrong. A property that is not known is refused, with the nearest name that is. The file is read again whenever it
changes: topics and event subscriptions follow at once, settings at the next start.

A relative path in the file is relative to the file, wherever in it the path stands; in a flag or a variable it is relative to
the working folder. \`data\` is \`.ringmain\` in the working folder unless it is set.

Editors complete and check the file with its JSON Schema: \`"$schema": "./node_modules/ringmain/schema/ringmain.config.schema.json"\`.

## Settings

| setting | environment | values | default | meaning |
| --- | --- | --- | --- | --- |
{{settings}}

## Resources

The names are Azure's: what Resource Manager keeps under \`properties\` stands one level higher.

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

- **topics**: \`inputSchema\` is \`EventGridSchema\`, \`CloudEventSchemaV1_0\` or \`CustomEventSchema\` (with
  \`inputSchemaMapping\`). \`key1\` and \`key2\` are made once and kept in the store when the file does not give them.
- **systemTopics**: events of Azure services; [event-sources.md](event-sources.md) has them all, and how to raise them.
  \`source\` is the ARM id of the resource; unless it is set, a local one with the system topic's name.
- **storageAccounts**: need \`--azurite\` or \`--azurite-url\`. \`blobPort\` is where Ringmain serves the account's blobs
  (10000 for \`devstoreaccount1\`); other accounts need their \`key\`.
- **functionApps**: what \`AzureFunction\` destinations name: either a \`path\`, then Ringmain hosts the application (with
  \`settings\`, and keys in production: [functions.md](functions.md#keys)), or
  the \`url\` (and \`code\`) of a functions host that runs already.
- **connections**: how destinations reach what their resource ids name, by the name of the namespace or account there: a
  connection string as Azure shows it, \`nats://…\`, or \`\${NAME}\` for the value of an environment variable.
- **partnerDestinations**: \`endpointUrl\` of what \`PartnerDestination\` destinations name; \`activationState\` must be
  \`Activated\`.
- **destinations**: every kind and its properties are in [destinations.md](destinations.md). **Dead letters** go to a \`StorageBlob\` container of one of the
  storage accounts or to a local \`Folder\`
  ([when, and where](destinations.md#retries-and-dead-letters)).
- Removing a resource from the file removes it, with what waits in its queue; resources made elsewhere stay.

## Advanced filters

An event passes a subscription's filter when every condition holds. An advanced filter is one condition on the value under
its \`key\`: \`id\`, \`topic\`, \`subject\`, \`eventType\` or \`dataVersion\` (of a CloudEvent, any of its attributes), or a path
into the data, such as \`data.order.total\`. Texts are compared without case. A value of another type counts as no value, and so
does an array unless \`enableAdvancedFilteringOnArrays\` is \`true\`. On the command line, write
\`--advanced-filter data.total NumberGreaterThan 100\` ([cli.md](cli.md#topics-and-subscriptions)).

| \`operatorType\` | compares with | an event passes when | without a value |
| --- | --- | --- | --- |
{{operators}}
`;
