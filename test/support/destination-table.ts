import { takesAttributes, takesBatching } from "../../src/core/destinations/destination-facts.ts";
import { DESTINATION_KINDS, ENDPOINT_TYPES } from "../../src/core/destinations/index.ts";
import type { EndpointType } from "../../src/core/resources/resources.ts";

/** Programs that the tests of each destination type run against. */
const PROOF: Readonly<Record<EndpointType, string>> = {
  WebHook: "real HTTP receivers",
  AzureFunction: "real HTTP receivers; `@azure/functions` applications",
  StorageQueue: "real Azurite; `@azure/storage-queue`",
  ServiceBusQueue: "an AMQP 1.0 emulator; `@azure/service-bus` receives",
  ServiceBusTopic: "an AMQP 1.0 emulator",
  EventHub: "an AMQP 1.0 emulator; `@azure/event-hubs` receives",
  HybridConnection: "a real HTTP receiver in the relay's place",
  NamespaceTopic: "a real HTTP receiver in the namespace's place",
  MonitorAlert: "the file and the list of alerts",
  PartnerDestination: "real HTTP receivers",
  NatsSubject: "real nats-server, with and without JetStream",
  File: "real files",
  Stream: "real HTTP clients",
};

const BEGIN = "<!-- destinations: written by `npm run generate` -->";
const END = "<!-- destinations: end -->";

/** Returns the README with its table of destinations regenerated. */
export function withDestinationTable(readme: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("README.md has no marks for the table of destinations.");
  return `${readme.slice(0, begin)}${BEGIN}\n${table()}\n${readme.slice(end)}`;
}

function table(): string {
  const rows = ENDPOINT_TYPES.map((name) => {
    const type = DESTINATION_KINDS[name];
    const cells = [
      `\`${name}\``,
      type.origin === "azure" ? type.called : `${type.called}; Ringmain's own`,
      type.cloudEventsOnly ? "CloudEvents" : "all",
      takesAttributes(name) ? "yes" : "no",
      takesBatching(name) ? "yes" : "no",
      PROOF[name],
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| destination | what it is | schemas | delivery attributes | batches | proved by |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

const ENDPOINT_ROWS = /(\| `--endpoint-type` \| `--endpoint` \|\n\| --- \| --- \|\n)(?:\|[^\n]*\n)+/;

/** Returns the page about the command line with its table of endpoints generated from the kinds of destinations. */
export function withEndpointTable(page: string): string {
  if (!ENDPOINT_ROWS.test(page)) throw new Error("docs/cli.md has no table of endpoints.");
  const rows = ENDPOINT_TYPES.map((type) => {
    const word = `\`${type.toLowerCase()}\`${type === "WebHook" ? " (default)" : ""}`;
    return `| ${word} | ${endpointCell(type)} |\n`;
  });
  return page.replace(ENDPOINT_ROWS, (_table, head: string) => head + rows.join(""));
}

function endpointCell(type: EndpointType): string {
  const { endpoint } = DESTINATION_KINDS[type];
  if (endpoint === undefined) return "not used";
  const { words, form } = endpoint;
  const shown = words.startsWith("<") ? `\`${words}\`` : words;
  return form === undefined ? shown : `${shown}: \`${form}\``;
}
