import { loadDetails } from "../../src/core/catalogue/load-details.ts";
import { TOPIC_TYPES } from "../../src/core/catalogue/topic-types.ts";

/** Returns the page that lists the topic types and shows how to raise their events. */
export async function eventSourcesPage(): Promise<string> {
  const rows = await Promise.all(
    TOPIC_TYPES.filter(({ sourceResourceFormat }) => sourceResourceFormat !== undefined).map(async (topicType) => {
      const { description } = await loadDetails(topicType);
      return `| \`${topicType.name}\` | ${description} | ${topicType.eventTypes.length} |`;
    }),
  );
  return PAGE.replace("{{rows}}", rows.join("\n"));
}

const PAGE = `# Events of Azure services

Blob events need no trigger: Ringmain raises them when a client uses the Azurite behind it. For all other Azure services, you raise
events yourself with \`ringmain trigger\`. Ringmain has a sample for every event type in Azure's catalogue, with a correct schema,
subject and data.

## Raise an event

Declare a system topic with subscriptions. \`source\` is the ARM id of the resource; unless set, a local resource with the system
topic's name:

\`\`\`json
{
  "systemTopics": [
    {
      "name": "passwords",
      "topicType": "Microsoft.KeyVault.vaults",
      "subscriptions": [
        {
          "name": "renew",
          "destination": { "endpointType": "WebHook", "properties": { "endpointUrl": "http://localhost:8080/renew" } }
        }
      ]
    }
  ]
}
\`\`\`

Then find an event type and raise it:

\`\`\`
ringmain trigger --list                                      # lists topic types
ringmain trigger --list Microsoft.KeyVault.vaults            # lists the event types of one topic type
ringmain trigger Microsoft.KeyVault.SecretNearExpiry --set data.ObjectName=db --subject db
ringmain trigger Microsoft.KeyVault.SecretNearExpiry --dry-run          # prints the event and needs no server
\`\`\`

| option | use |
| --- | --- |
| \`--set\` | Sets one member of the data. Values are JSON: \`data.EXP=5\` is a number, \`data.ObjectName=db\` is text. |
| \`--data <file>\` | Replaces the whole data. |
| \`--source\` | Selects the resource, if several are configured. |
| \`--count\` | Raises several events. |

To raise an event over HTTP, send \`{"eventType": "Microsoft.KeyVault.SecretNearExpiry", "set": {"ObjectName": "db"}}\` to
\`POST /ringmain/system-events\`. \`source\`, \`subject\`, \`data\` and \`count\` are optional. The response has the ids of the events. In
production, the request needs the admin key, like all of \`/ringmain\`.

## Event types of a subscription

As on Azure, a subscription without \`includedEventTypes\` receives the default set of its source's topic type, and shows this set
from then on. For a storage account, the default set is BlobCreated and BlobDeleted. To receive BlobTierChanged or BlobRenamed,
name them. All other topic types include all their event types.

Ringmain refuses event types that the topic type does not have. If no subscription matches an event, Ringmain counts it and drops
it, without an error.

## Topic types

| topic type | about | event types |
| --- | --- | --- |
{{rows}}

The descriptions are Ringmain's own. The names, and the members of the data, are Azure's; they are checked against
\`@azure/eventgrid\`.
`;
