import { loadDetails } from "../../src/core/catalogue/load-details.ts";
import { TOPIC_TYPES } from "../../src/core/catalogue/topic-types.ts";

/** Returns the page about topic types and how to raise their events. */
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

Blob events come by themselves, from an Azurite behind Ringmain. Those of every other service can be raised by hand: for
each event type of Azure's catalogue Ringmain has a sample, correct in schema, subject and data.

Declare a system topic with subscriptions; \`source\` (an ARM id) is a local resource of the topic's name unless given:

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

\`\`\`
ringmain trigger --list                                      # topic types
ringmain trigger --list Microsoft.KeyVault.vaults            # the event types of one
ringmain trigger Microsoft.KeyVault.SecretNearExpiry --set data.ObjectName=db --subject db
ringmain trigger Microsoft.KeyVault.SecretNearExpiry --dry-run          # prints the event, needs no server
\`\`\`

\`--source\` names the resource where several are configured, \`--data <file>\` replaces the whole data, \`--count\` raises
several. \`--set\` takes JSON values: \`data.EXP=5\` is a number, \`data.ObjectName=db\` a text.

Without the command line: \`POST /ringmain/system-events\` with
\`{"eventType": "Microsoft.KeyVault.SecretNearExpiry", "set": {"ObjectName": "db"}}\`, and at will \`source\`, \`subject\`,
\`data\` and \`count\`; the answer has the events' ids. In production mode it needs the admin key, as all of \`/ringmain\`.

## Which event types a subscription receives

As in Azure, one without \`includedEventTypes\` gets the default set of its source's topic type, and shows it from then on.
For a storage account these are BlobCreated and BlobDeleted; whoever wants BlobTierChanged or BlobRenamed names it. Of no
other topic type is a smaller set known. Names that the topic type does not have are refused. Raising an event that no
subscription wants is no error: it is counted and let go.

## Topic types

| topic type | about | event types |
| --- | --- | --- |
{{rows}}

Descriptions are Ringmain's own; names and members of data are Azure's, checked against \`@azure/eventgrid\`.
`;
