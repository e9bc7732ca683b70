import { randomUUID } from "node:crypto";
import { Command } from "commander";
import { ExitError } from "../exit-error.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";
import {
  addServerOptions,
  callServer,
  errorMessage,
  jsonOf,
  readJson,
  runningServer,
  send,
  type RunningServer,
  type ServerFlags,
} from "../running-server.ts";

interface PublishFlags extends ServerFlags {
  readonly json?: boolean;
  readonly key?: string;
  readonly type: string;
  readonly subject: string;
  readonly data?: string;
  readonly file?: string;
}

/** Endpoint, schema and key of a topic, as a running Ringmain returns them to callers who may manage it. */
interface TopicAccess {
  readonly endpoint: string;
  readonly inputSchema: string;
  readonly key1: string;
}

/** Creates the command `ringmain event`. */
export function eventCommand(): Command {
  return new Command("event")
    .description("Publish your own events to a running Ringmain.")
    .addCommand(publishCommand());
}

/** Creates the command `ringmain event publish`, which publishes one event from flags, or the events of a file. */
function publishCommand(): Command {
  const command = new Command("publish")
    .description("Publish an event to a topic of a running Ringmain.")
    .argument("<topic>", "the topic's name")
    .option("--type <type>", "event type", "Ringmain.Test")
    .option("--subject <subject>", "subject", "/test")
    .option("--data <json>", "the event's data, as JSON")
    .option("--file <file>", "a file with one event or an array of events in the topic's schema; - is standard input")
    .option("--key <key>", "access key of the topic (default: fetched from Ringmain)");
  addServerOptions(command);
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(publish);
}

async function publish(topic: string, flags: PublishFlags): Promise<void> {
  const access = await fetchTopicAccess(runningServer(flags), topic, flags.key);
  const events = flags.file === undefined ? [createEvent(access.inputSchema, flags)] : readEvents(flags.file);
  const response = await send(access.endpoint, {
    method: "POST",
    headers: { "aeg-sas-key": flags.key ?? access.key1, "content-type": contentType(access.inputSchema) },
    body: JSON.stringify(events),
  });
  const text = await response.text();
  if (response.status !== 200) throw new ExitError(1, [`${response.status}: ${errorMessage(text)}`]);
  createOutput(flags.json).report(
    "published",
    { topic, events: events.length },
    `${events.length} event${events.length === 1 ? "" : "s"} published to ${topic}`,
  );
}

async function fetchTopicAccess(server: RunningServer, topic: string, key: string | undefined): Promise<TopicAccess> {
  const response = await callServer(server, `/ringmain/topics/${encodeURIComponent(topic)}/listKeys`);
  if (response.status === 200) return (await response.json()) as TopicAccess;
  const text = await response.text();
  const hint = key === undefined && response.status !== 404 ? ["Pass an access key of the topic with --key."] : [];
  throw new ExitError(1, [errorMessage(text), ...hint]);
}

function createEvent(inputSchema: string, flags: PublishFlags): object {
  const data = flags.data === undefined ? {} : jsonOf(flags.data, "--data");
  const [id, time] = [randomUUID(), new Date().toISOString()];
  switch (inputSchema) {
    case "CloudEventSchemaV1_0":
      return { specversion: "1.0", id, time, source: "/ringmain/cli", type: flags.type, subject: flags.subject, data };
    case "CustomEventSchema":
      if (typeof data === "object" && data !== null) return data;
      throw new ExitError(2, [
        "The topic has a custom input schema, so --data is the whole event and must be a JSON object.",
      ]);
    default:
      return { id, eventTime: time, eventType: flags.type, subject: flags.subject, dataVersion: "1.0", data };
  }
}

function readEvents(file: string): unknown[] {
  const events = readJson(file);
  return Array.isArray(events) ? events : [events];
}

function contentType(inputSchema: string): string {
  const cloudEvents = inputSchema === "CloudEventSchemaV1_0";
  return cloudEvents ? "application/cloudevents-batch+json; charset=utf-8" : "application/json; charset=utf-8";
}
