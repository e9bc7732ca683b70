import { Command, InvalidArgumentError, Option } from "commander";
import { sourceOf } from "../transfer/read-running.ts";
import { isEndpointType, isSecret } from "../../core/destinations/destination-facts.ts";
import type { DestinationProperty } from "../../core/destinations/destination-property.ts";
import { DESTINATION_KINDS } from "../../core/destinations/index.ts";
import { asText, isJsonObject, type JsonObject } from "../../core/json.ts";
import { LIMITS } from "../../core/limits.ts";
import { domainTopicId, eventSubscriptionId, resourceName } from "../../core/resources/resource-id.ts";
import { writableDestination, withoutNulls } from "../../resource-manager/transfer/writable.ts";
import { consentMember, followConsent, isComplete, missingConsent, readConsent } from "../consent.ts";
import { ExitError } from "../exit-error.ts";
import type { ManagementClient } from "../management-client.ts";
import { findOne, onlyOne, placeOfFlags } from "./find-resource.ts";
import { allSubscriptions } from "./names-of.ts";
import { act, reportDeleted, reportWritten, verb, type ManageFlags, type Session } from "./resource-command.ts";
import { propertyOf, showList, showOne, type Column } from "./show-resource.ts";
import { FLAG_WORDS, subscriptionProperties, type SubscriptionFlags } from "./subscription-flags.ts";
import { flagValue } from "./topic-commands.ts";

/** Flags that select the source of a subscription. */
interface SourceFlags extends ManageFlags {
  readonly topic?: string;
  readonly domain?: string;
  readonly domainTopic?: string;
  readonly systemTopic?: string;
  readonly partnerTopic?: string;
  readonly sourceResourceId?: string;
}

/** Flags of `create` and `update`. */
interface WriteFlags extends SourceFlags, SubscriptionFlags {
  readonly wait?: boolean;
}

const WORD = "subscription";
const COLUMNS: readonly Column[] = [
  { title: "NAME", of: ({ name }) => asText(name) },
  { title: "SOURCE", of: ({ id }) => sourceOf(asText(id)).replace(/^.*\/providers\/(?:Microsoft\.EventGrid\/)?/i, "") },
  { title: "TYPE", of: (each) => asText(destinationOf(each)["endpointType"]) },
  { title: "ENDPOINT", of: endpointOf },
  { title: "STATE", of: (each) => asText(propertyOf(each, "provisioningState")) },
];

/** Creates the command `ringmain subscription`. */
export function subscriptionCommand(): Command {
  const command = new Command(WORD).description("Manage event subscriptions of a running Ringmain.");
  const create = verb(command, "create <name>", "Create a subscription, or replace an existing one.");
  addSourceOptions(create);
  addOptions(create);
  act(create, async (session, flags: WriteFlags, name) => {
    const { client } = session;
    const source = await chosenSource(client, flags);
    if (source === undefined)
      throw new ExitError(2, [
        "The source is missing. Set --topic, --domain, --system-topic, --partner-topic or --source-resource-id.",
      ]);
    const properties = subscriptionProperties(flags);
    if (properties["destination"] === undefined)
      throw new ExitError(2, ["The destination is missing. Set --endpoint."]);
    const id = eventSubscriptionId(source, name);
    await write(session, flags, { method: "PUT", id, before: await client.find(id), body: { properties } });
  });
  const list = verb(command, "list", "List all subscriptions, or those of one source.");
  addSourceOptions(list);
  act(list, async ({ client, output }, flags: SourceFlags) => {
    showList(output, WORD, await subscriptionsOf(client, flags), COLUMNS);
  });
  const show = verb(command, "show <name>", "Show a subscription.");
  addSourceOptions(show);
  act(show, async ({ client, output }, flags: SourceFlags, name) => {
    const found = onlyOne(await subscriptionsOf(client, flags), WORD, name);
    const consent = await readConsent(client, { id: asText(found["id"]), operation: undefined });
    showOne(output, WORD, { ...found, ...consentMember(consent) });
  });
  const update = verb(
    command,
    "update <name>",
    "Change properties of a subscription. Other properties stay as they are.",
  );
  addSourceOptions(update);
  addOptions(update);
  act(update, async (session, flags: WriteFlags, name) => {
    const before = onlyOne(await subscriptionsOf(session.client, flags), WORD, name);
    const body = subscriptionProperties(flags, changeable(before));
    await write(session, flags, { method: "PATCH", id: asText(before["id"]), before, body });
  });
  const remove = verb(command, "delete <name>", "Delete a subscription.");
  addSourceOptions(remove);
  act(remove, async ({ client, output }, flags: SourceFlags, name) => {
    const found = onlyOne(await subscriptionsOf(client, flags), WORD, name);
    await client.delete(asText(found["id"]));
    reportDeleted(output, WORD, found);
  });
  return command;
}

/** A request that creates or changes a subscription. */
interface SubscriptionChange {
  readonly method: "PUT" | "PATCH";
  readonly id: string;
  readonly before: JsonObject | undefined;
  readonly body: JsonObject;
}

/**
 * Writes a subscription and reports the result. Waits for the endpoint's consent if the subscription is not complete
 * without it, as in production mode, or if `--wait` is set. In both cases the command fails without consent.
 */
async function write(
  { client, output }: Session,
  flags: WriteFlags,
  { method, id, before, body }: SubscriptionChange,
): Promise<void> {
  const { operation } = await client.write(method, id, body);
  const written = { id, operation };
  const complete = await isComplete(client, written);
  const waits = !complete || flags.wait === true;
  const consent = await followConsent(client, written, { output, goal: waits ? "consent" : "answer" });
  const after = await client.get(id);
  reportWritten(output, { word: WORD, before, after, more: consentMember(consent) });
  const sentences = missingConsent(written, consent, complete);
  if (waits && sentences.length > 0) throw new ExitError(1, sentences);
  for (const sentence of sentences) output.notice(sentence);
}

function addSourceOptions(command: Command): void {
  command
    .option("--topic <name>", "the source is this custom topic")
    .option("--domain <name>", "the source is this domain")
    .option("--domain-topic <name>", "the source is this topic of the domain")
    .option("--system-topic <name>", "the source is the source of this system topic")
    .option("--partner-topic <name>", "the source is this partner topic")
    .option("--source-resource-id <id>", "ARM id of the source");
}

function addOptions(command: Command): void {
  command
    .option("--endpoint <endpoint>", FLAG_WORDS.endpoint)
    .addOption(oneOf("--endpoint-type <type>", "kind of destination (default: webhook)", FLAG_WORDS.endpointTypes))
    .option("--included-event-types <type...>", "event types to deliver")
    .option("--subject-begins-with <text>", "deliver events whose subject begins with this text")
    .option("--subject-ends-with <text>", "deliver events whose subject ends with this text")
    .option("--subject-case-sensitive <boolean>", "compare subjects case-sensitively", flagValue)
    .option(
      "--advanced-filter <key operator value...>",
      "advanced filter, for example: data.n NumberIn 1 2 (repeatable)",
    )
    .option("--enable-advanced-filtering-on-arrays <boolean>", "let advanced filters look into arrays", flagValue)
    .option(
      "--delivery-attribute-mapping <name type value...>",
      "delivery attribute: name static value [true for a secret], or name dynamic field",
    )
    .addOption(oneOf("--event-delivery-schema <schema>", "schema of the deliveries", FLAG_WORDS.deliverySchemas))
    .option(
      "--max-delivery-attempts <number>",
      `${LIMITS.minDeliveryAttempts} to ${LIMITS.maxDeliveryAttempts}`,
      wholeNumber,
    )
    .option("--event-ttl <minutes>", `${LIMITS.minTimeToLiveMinutes} to ${LIMITS.maxTimeToLiveMinutes}`, wholeNumber)
    .option("--deadletter-endpoint <id>", FLAG_WORDS.deadLetterEndpoint)
    .option("--max-events-per-batch <number>", `1 to ${LIMITS.maxEventsPerBatch}`, wholeNumber)
    .option("--preferred-batch-size-in-kilobytes <number>", `1 to ${LIMITS.maxPreferredBatchKilobytes}`, wholeNumber)
    .option("--expiration-date <time>", "expiration time, ISO 8601")
    .option("--labels <label...>", "labels")
    .option("--wait", "wait up to ten minutes for the endpoint's consent (always in production)");
}

/** Returns an option that help and completion offer these words for; the value may be in any case. */
function oneOf(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, description).choices(words).argParser((text) => text);
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("The value must be a whole number.");
}

/** Returns the ARM id of the source that the flags select; `undefined` if they select none. */
async function chosenSource(client: ManagementClient, flags: SourceFlags): Promise<string | undefined> {
  const idOf = async (word: string, type: string, name: string): Promise<string> =>
    asText((await findOne(client, { word, type: `Microsoft.EventGrid/${type}` }, name, flags))["id"]);
  const { topic, domain, domainTopic, systemTopic, partnerTopic, sourceResourceId } = flags;
  const sources = [topic, domain, systemTopic, partnerTopic, sourceResourceId].filter((each) => each !== undefined);
  if (sources.length > 1)
    throw new ExitError(2, [
      "A subscription has one source. Set only one of --topic, --domain, --system-topic, --partner-topic and --source-resource-id.",
    ]);
  if (domainTopic !== undefined && domain === undefined) throw new ExitError(2, ["--domain-topic needs --domain."]);
  if (topic !== undefined) return idOf("topic", "topics", topic);
  if (partnerTopic !== undefined) return idOf("partner topic", "partnerTopics", partnerTopic);
  if (systemTopic !== undefined) {
    const kind = { word: "system-topic", type: "Microsoft.EventGrid/systemTopics" };
    return asText(propertyOf(await findOne(client, kind, systemTopic, flags), "source"));
  }
  if (domain === undefined) return sourceResourceId;
  const id = await idOf("domain", "domains", domain);
  return domainTopic === undefined ? id : domainTopicId(id, domainTopic);
}

async function subscriptionsOf(client: ManagementClient, flags: SourceFlags): Promise<JsonObject[]> {
  const source = await chosenSource(client, flags);
  if (source !== undefined) return client.list(`${source}/providers/Microsoft.EventGrid/eventSubscriptions`);
  return allSubscriptions(client, placeOfFlags(flags));
}

/** Returns the properties that an update starts from, with the destination in the form of requests. */
function changeable(subscription: JsonObject): JsonObject {
  const { filter, retryPolicy } = withoutNulls((subscription["properties"] ?? {}) as JsonObject);
  const { endpointType = null, properties } = destinationOf(subscription);
  const destination = {
    endpointType,
    properties: isJsonObject(properties) ? writableDestination(asText(endpointType), properties) : {},
  };
  return { destination, filter, retryPolicy };
}

function destinationOf(subscription: JsonObject): JsonObject {
  const plain = propertyOf(subscription, "destination");
  if (isJsonObject(plain)) return plain;
  const withIdentity = propertyOf(subscription, "deliveryWithResourceIdentity");
  const inner = isJsonObject(withIdentity) ? withIdentity["destination"] : undefined;
  return isJsonObject(inner) ? inner : {};
}

function endpointOf(subscription: JsonObject): string {
  const { endpointType, properties } = destinationOf(subscription);
  const type = asText(endpointType);
  if (!isEndpointType(type) || !isJsonObject(properties)) return "";
  const kind = DESTINATION_KINDS[type];
  const table: Readonly<Record<string, DestinationProperty>> = kind.properties;
  const parts = (kind.endpoint?.shownBy ?? []).map((name) => {
    const property = table[name];
    const isUrl = property !== undefined && isSecret(property, "url");
    const text = asText(properties[isUrl ? "endpointBaseUrl" : name]);
    return name === "resourceId" ? resourceName(text) : text;
  });
  return parts.filter((part) => part !== "").join("/");
}
