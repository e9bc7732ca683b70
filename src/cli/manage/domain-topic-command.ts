import { Command } from "commander";
import { asText, type JsonObject } from "../../core/json.ts";
import { domainOfTopic, domainTopicId, resourceName } from "../../core/resources/resource-id.ts";
import { DOMAIN, findOne, groupOf, listDomainTopics, onlyOne } from "./find-resource.ts";
import { act, reportDeleted, reportWritten, verb, type ManageFlags } from "./resource-command.ts";
import { showList, showOne, type Column } from "./show-resource.ts";

interface DomainTopicFlags extends ManageFlags {
  readonly domain?: string;
}

/** Name of the event in JSON output. */
const EVENT = "domain-topic";
const COLUMNS: readonly Column[] = [
  { title: "NAME", of: ({ name }) => asText(name) },
  { title: "DOMAIN", of: ({ id }) => resourceName(domainOfTopic(asText(id)) ?? "") },
  { title: "GROUP", of: groupOf },
];

/** Creates the command `ringmain domain topic`. It has no `update`, because a domain topic has only a name. */
export function domainTopicCommand(): Command {
  const command = new Command("topic").description("Manage topics of domains.");
  const create = verb(command, "create <name>", "Create a topic in a domain.");
  create.requiredOption("--domain <name>", "the topic's domain");
  act(create, async ({ client, output }, flags: DomainTopicFlags & { domain: string }, name) => {
    const domain = await findOne(client, DOMAIN, flags.domain, flags);
    const id = domainTopicId(asText(domain["id"]), name);
    const before = await client.find(id);
    reportWritten(output, { word: EVENT, before, after: await client.put(id, {}) });
  });
  const list = verb(command, "list", "List the topics of all domains, or of one domain.");
  act(addDomainOption(list), async ({ client, output }, flags: DomainTopicFlags) => {
    showList(output, EVENT, await listDomainTopics(client, flags), COLUMNS);
  });
  const show = verb(command, "show <name>", "Show a topic of a domain.");
  act(addDomainOption(show), async ({ client, output }, flags: DomainTopicFlags, name) => {
    showOne(output, EVENT, topicNamed(name, await listDomainTopics(client, flags)));
  });
  const remove = verb(command, "delete <name>", "Delete a topic of a domain, and its subscriptions.");
  act(addDomainOption(remove), async ({ client, output }, flags: DomainTopicFlags, name) => {
    const found = topicNamed(name, await listDomainTopics(client, flags));
    await client.delete(asText(found["id"]));
    reportDeleted(output, EVENT, found);
  });
  return command;
}

function addDomainOption(command: Command): Command {
  return command.option("--domain <name>", "the topic's domain (default: any)");
}

function topicNamed(name: string, topics: readonly JsonObject[]): JsonObject {
  return onlyOne(topics, "domain topic", name);
}
