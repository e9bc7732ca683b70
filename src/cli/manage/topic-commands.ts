import { InvalidArgumentError, Option, type Command } from "commander";
import { asText, type JsonObject, type JsonValue } from "../../core/json.ts";
import { ExitError } from "../exit-error.ts";
import { domainTopicCommand } from "./domain-topic-command.ts";
import { DOMAIN, groupOf } from "./find-resource.ts";
import { resourceCommand, type ManageFlags } from "./resource-command.ts";
import { propertyOf, type Column } from "./show-resource.ts";

interface TopicFlags extends ManageFlags {
  readonly inputSchema?: string;
  readonly inputMappingFields?: readonly string[];
  readonly inputMappingDefaultValues?: readonly string[];
  readonly publicNetworkAccess?: string;
  readonly inboundIpRules?: readonly string[];
  readonly disableLocalAuth?: boolean;
  readonly tags?: readonly string[];
  readonly autoCreateTopicWithFirstSubscription?: boolean;
  readonly autoDeleteTopicWithLastSubscription?: boolean;
}

interface SystemTopicFlags extends ManageFlags {
  readonly topicType?: string;
  readonly source?: string;
  readonly tags?: readonly string[];
}

const NAME: Column = { title: "NAME", of: ({ name }) => asText(name) };
const GROUP: Column = { title: "GROUP", of: groupOf };
const property = (title: string, name: string): Column => ({ title, of: (each) => asText(propertyOf(each, name)) });
const ENDPOINT = property("ENDPOINT", "endpoint");
const SCHEMA = property("SCHEMA", "inputSchema");

/** Creates the command `ringmain topic`. */
export function topicCommand(): Command {
  return resourceCommand<TopicFlags>({
    word: "topic",
    type: "Microsoft.EventGrid/topics",
    description: "Manage custom topics of a running Ringmain.",
    columns: [NAME, GROUP, SCHEMA, ENDPOINT],
    addOptions: addTopicOptions,
    bodyOf: topicBody,
    hasKeys: true,
  });
}

/** Creates the command `ringmain domain`, with `ringmain domain topic` below it. */
export function domainCommand(): Command {
  const domain = resourceCommand<TopicFlags>({
    ...DOMAIN,
    description: "Manage domains of a running Ringmain: one endpoint for many topics.",
    columns: [NAME, GROUP, SCHEMA, ENDPOINT],
    addOptions: (command, verb) => {
      addTopicOptions(command, verb);
      for (const flag of ["auto-create-topic-with-first-subscription", "auto-delete-topic-with-last-subscription"]) {
        command.option(`--${flag} <boolean>`, "default: true", flagValue);
      }
    },
    bodyOf: topicBody,
    hasKeys: true,
  });
  return domain.addCommand(domainTopicCommand());
}

/** Creates the command `ringmain system-topic`. */
export function systemTopicCommand(): Command {
  return resourceCommand<SystemTopicFlags>({
    word: "system-topic",
    type: "Microsoft.EventGrid/systemTopics",
    description: "Manage system topics of a running Ringmain, for the events of Azure resources.",
    columns: [NAME, GROUP, property("TYPE", "topicType"), property("SOURCE", "source")],
    addOptions: (command, verb) => {
      if (verb === "create") {
        command
          .requiredOption(
            "--topic-type <type>",
            "topic type, for example Microsoft.KeyVault.vaults; 'ringmain trigger --list' lists all",
          )
          .requiredOption("--source <id>", "ARM id of the resource that raises the events");
      }
      addTags(command);
    },
    bodyOf: ({ topicType, source, tags }) => ({
      ...tagsOf(tags),
      ...(topicType === undefined ? {} : { properties: { topicType, source: source ?? "" } }),
    }),
    hasKeys: false,
  });
}

function addTopicOptions(command: Command, verb: "create" | "update"): void {
  if (verb === "create") {
    command
      .option(
        "--input-schema <schema>",
        "EventGridSchema, CloudEventSchemaV1_0 or CustomEventSchema (default: EventGridSchema)",
      )
      .option("--input-mapping-fields <field=source...>", "for a custom schema: the sources of Event Grid's fields")
      .option(
        "--input-mapping-default-values <field=value...>",
        "for a custom schema: default values of Event Grid's fields",
      );
  }
  command
    .addOption(
      new Option("--public-network-access <access>", "disabled refuses all publishers").choices([
        "enabled",
        "disabled",
      ]),
    )
    .option("--inbound-ip-rules <address...>", "addresses and ranges that may publish (default: all)")
    .option("--disable-local-auth <boolean>", "refuse keys and shared access signatures", flagValue);
  addTags(command);
}

function addTags(command: Command): void {
  command.option("--tags <name=value...>", "tags");
}

function topicBody(flags: TopicFlags): JsonObject {
  const { inputSchema, publicNetworkAccess, inboundIpRules, disableLocalAuth, tags } = flags;
  const properties: Readonly<Record<string, JsonValue | undefined>> = {
    inputSchema,
    inputSchemaMapping: mappingOf(flags),
    publicNetworkAccess,
    inboundIpRules: inboundIpRules
      // In the syntax of `az`, the action follows each address. `allow` is the only one.
      ?.filter((word) => word.toLowerCase() !== "allow")
      .map((ipMask) => ({ ipMask, action: "Allow" })),
    disableLocalAuth,
    autoCreateTopicWithFirstSubscription: flags.autoCreateTopicWithFirstSubscription,
    autoDeleteTopicWithLastSubscription: flags.autoDeleteTopicWithLastSubscription,
  };
  return { ...tagsOf(tags), properties: JSON.parse(JSON.stringify(properties)) as JsonObject };
}

/** Returns the mapping of input fields. A field has a source in the event, a default value, or both. */
function mappingOf({ inputMappingFields = [], inputMappingDefaultValues = [] }: TopicFlags): JsonObject | undefined {
  const fields: Record<string, Record<string, string>> = {};
  const add = (words: readonly string[], flag: string, member: string): void => {
    for (const [name, value] of Object.entries(pairs(words, flag))) {
      const field = name.replace(/-./g, (dash) => dash.charAt(1).toUpperCase());
      fields[field] = { ...fields[field], [member]: value };
    }
  };
  add(inputMappingFields, "--input-mapping-fields", "sourceField");
  add(inputMappingDefaultValues, "--input-mapping-default-values", "defaultValue");
  return Object.keys(fields).length === 0 ? undefined : { inputSchemaMappingType: "Json", properties: fields };
}

function tagsOf(tags: readonly string[] | undefined): JsonObject {
  return tags === undefined ? {} : { tags: pairs(tags, "--tags") };
}

function pairs(words: readonly string[], flag: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
      if (name === undefined || value === undefined)
        throw new ExitError(2, [`${flag}: '${word}' is not of the form name=value.`]);
      return [name, value] as const;
    }),
  );
}

/** Parses `true` or `false`, which are case-insensitive as in `az`. */
export function flagValue(text: string): boolean {
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  throw new InvalidArgumentError("The value must be true or false.");
}
