import { Command, InvalidArgumentError } from "commander";
import { declaredOf, toResources } from "../../app/config/to-resources.ts";
import { previewSystemEvent } from "../../app/report/preview-system-event.ts";
import { chooseEventType, chooseSource, type ChosenEventType } from "../../core/catalogue/choose-event.ts";
import { sampleEvent } from "../../core/catalogue/sample-event.ts";
import { localSourceId, type TopicType } from "../../core/catalogue/topic-types.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { LIMITS } from "../../core/limits.ts";
import { readConfiguration } from "../configuration.ts";
import { ExitError } from "../exit-error.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";
import {
  addServerOptions,
  callServer,
  errorMessage,
  readJson,
  runningServer,
  type ServerFlags,
} from "../running-server.ts";
import { listCatalogue } from "../list-catalogue.ts";

interface TriggerFlags extends ServerFlags {
  readonly json?: boolean;
  readonly list?: boolean;
  readonly dryRun?: boolean;
  readonly set?: Readonly<Record<string, JsonValue>>;
  readonly source?: string;
  readonly subject?: string;
  readonly data?: string;
  readonly count?: number;
}

/** Response of the server. */
interface Triggered {
  readonly topicType: string;
  readonly source: string;
  readonly eventType: string;
  readonly ids: readonly string[];
}

/** Creates the command `ringmain trigger`, which raises events of Azure services in a running Ringmain. */
export function triggerCommand(): Command {
  const command = new Command("trigger")
    .description("Raise an event of an Azure service in a running Ringmain.")
    .argument("[name]", "event type, for example Microsoft.Storage.BlobCreated; with --list, a topic type")
    .option("--list", "list the topic types, or the event types of one topic type")
    .option(
      "--set <path=value>",
      "set a member of the event's data, for example data.ObjectName=x (repeatable)",
      collectMember,
    )
    .option("--source <id>", "ARM id of the resource that raises the event (default: the only configured one)")
    .option("--subject <subject>", "subject (default: the subject of the sample)")
    .option("--data <file>", "a file with the whole data, which replaces the sample's; - is standard input")
    .option("--count <number>", "number of events (default: 1)", parseCount)
    .option("--dry-run", "print the event without raising it");
  addServerOptions(command);
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(trigger);
}

async function trigger(name: string | undefined, flags: TriggerFlags): Promise<void> {
  if (flags.list === true) return listCatalogue(name, createOutput(flags.json));
  if (name === undefined) {
    throw new ExitError(2, ["The event type is missing. To list the event types, run 'ringmain trigger --list'."]);
  }
  const event = chooseEventType(name);
  if (event.kind !== "chosen") throw new ExitError(2, [event.message]);
  const data = flags.data === undefined ? undefined : readData(flags.data);
  if (flags.dryRun === true) return print(event, flags, data);
  const { source, subject, set, count } = flags;
  const request = { eventType: event.eventType, source, subject, data, set, count };
  const response = await callServer(runningServer(flags), "/ringmain/system-events", request);
  const text = await response.text();
  if (response.status !== 200) throw new ExitError(response.status === 400 ? 2 : 1, [errorMessage(text)]);
  const triggered = JSON.parse(text) as Triggered;
  const number = triggered.ids.length;
  createOutput(flags.json).report(
    "triggered",
    triggered,
    `${number} event${number === 1 ? "" : "s"} ${triggered.eventType} raised from ${triggered.source}`,
  );
}

/** Prints the event that a server with this configuration would raise. */
async function print(chosen: ChosenEventType, flags: TriggerFlags, data: JsonObject | undefined): Promise<void> {
  const { source, topicType } = dryRunSource(chosen.topicTypes, flags);
  const time = Date.now();
  const changes = { subject: flags.subject, data, set: flags.set };
  const sample = await sampleEvent(topicType, chosen.eventType, { source, time, changes });
  const event = previewSystemEvent(source, { ...sample, id: crypto.randomUUID() });
  process.stdout.write(`${JSON.stringify(event, undefined, createOutput(flags.json).json ? undefined : 2)}\n`);
}

function dryRunSource(
  topicTypes: readonly TopicType[],
  flags: TriggerFlags,
): { readonly source: string; readonly topicType: TopicType } {
  const result = readConfiguration(flags);
  const known = result.kind === "problems" ? [] : toResources(result.loaded.config);
  const sources = declaredOf("Microsoft.EventGrid/systemTopics", known).map(
    ({ resource }) => resource.properties.source,
  );
  const choice = chooseSource(topicTypes, sources, flags.source);
  if (choice.kind === "chosen") return choice;
  if (choice.kind !== "none") throw new ExitError(2, [choice.message]);
  const [topicType] = topicTypes;
  const source = topicType && localSourceId(topicType, "ringmain");
  if (topicType === undefined || source === undefined) throw new ExitError(2, [choice.message]);
  return { source, topicType };
}

function readData(file: string): JsonObject {
  const data = readJson(file);
  if (isJsonObject(data)) return data;
  throw new ExitError(2, [`${file} (--data) must contain a JSON object with the event's data.`]);
}

/** Adds a member for `--set`. A value that is valid JSON is parsed, any other value is text. */
function collectMember(
  text: string,
  all: Readonly<Record<string, JsonValue>> = {},
): Readonly<Record<string, JsonValue>> {
  const [, path, value = ""] = /^data\.([^=]+)=(.*)$/s.exec(text) ?? [];
  if (path === undefined)
    throw new InvalidArgumentError("The value must be data.<member>=<value>, for example data.ObjectName=x.");
  return { ...all, [path]: jsonOrText(value) };
}

function jsonOrText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= LIMITS.eventsPerRequest) return count;
  throw new InvalidArgumentError(`The value must be a whole number from 1 to ${LIMITS.eventsPerRequest}.`);
}
