import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { toError } from "../../core/errors.ts";
import { addConfigOption, readConfiguration, type ConfigurationFlags } from "../configuration.ts";
import { ExitError } from "../exit-error.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";

interface PublishFlags extends ConfigurationFlags {
  readonly json?: boolean;
  readonly http?: string;
  readonly key?: string;
  readonly type: string;
  readonly subject: string;
  readonly data?: string;
  readonly file?: string;
}

/** What a running Ringmain tells of a topic to somebody who may manage it. */
interface TopicAccess {
  readonly endpoint: string;
  readonly inputSchema: string;
  readonly key1: string;
}

/** `ringmain publish`: one event made of flags, or the events of a file, to a running Ringmain. */
export function publishCommand(): Command {
  const command = new Command("publish")
    .description("Publish an event to a topic of a running Ringmain.")
    .argument("<topic>", "the topic's name")
    .option("--type <type>", "event type", "Ringmain.Test")
    .option("--subject <subject>", "subject", "/test")
    .option("--data <json>", "the event's data, as JSON")
    .option("--file <file>", "a file with whole events in the topic's schema, one or an array; - is standard input")
    .option("--http <url>", "address of the running Ringmain (http://<host>:<port> of the configuration)")
    .option("--key <key>", "access key of the topic (asked of Ringmain when absent)");
  addConfigOption(command);
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(publish);
}

async function publish(topic: string, flags: PublishFlags): Promise<void> {
  const http = flags.http ?? configuredAddress(flags);
  const access = await askForTopic(http, topic, flags.key);
  const events = flags.file === undefined ? [makeEvent(access.inputSchema, flags)] : readEvents(flags.file);
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

function configuredAddress(flags: ConfigurationFlags): string {
  const result = readConfiguration(flags);
  if (result.kind === "problems") throw new ExitError(2, result.problems);
  const { host, port } = result.loaded.config;
  return `http://${host}:${port}`;
}

async function askForTopic(http: string, topic: string, key: string | undefined): Promise<TopicAccess> {
  const response = await send(`${http}/ringmain/topics/${encodeURIComponent(topic)}/listKeys`, { method: "POST" });
  if (response.status === 200) return (await response.json()) as TopicAccess;
  const text = await response.text();
  const hint = key === undefined && response.status !== 404 ? ["Give the topic's access key with --key."] : [];
  throw new ExitError(1, [errorMessage(text), ...hint]);
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (thrown) {
    const { cause, message } = toError(thrown);
    const reason = cause instanceof Error ? cause.message : message;
    throw new ExitError(1, [`No answer from ${new URL(url).origin}: ${reason}. Is 'ringmain start' running there?`]);
  }
}

function makeEvent(inputSchema: string, flags: PublishFlags): object {
  const data = flags.data === undefined ? {} : parseJson(flags.data, "--data");
  const [id, time] = [randomUUID(), new Date().toISOString()];
  switch (inputSchema) {
    case "CloudEventSchemaV1_0":
      return { specversion: "1.0", id, time, source: "/ringmain/cli", type: flags.type, subject: flags.subject, data };
    case "CustomEventSchema":
      if (typeof data === "object" && data !== null) return data;
      throw new ExitError(2, ["A topic with a custom schema takes an object: --data '{…}' is the whole event."]);
    default:
      return { id, eventTime: time, eventType: flags.type, subject: flags.subject, dataVersion: "1.0", data };
  }
}

function readEvents(file: string): unknown[] {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (thrown) {
    throw new ExitError(2, [`${file} cannot be read: ${toError(thrown).message}`]);
  }
  const events = parseJson(text, file);
  return Array.isArray(events) ? events : [events];
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new ExitError(2, [`${where} is not valid JSON: ${toError(thrown).message}`]);
  }
}

function contentType(inputSchema: string): string {
  const cloudEvents = inputSchema === "CloudEventSchemaV1_0";
  return cloudEvents ? "application/cloudevents-batch+json; charset=utf-8" : "application/json; charset=utf-8";
}

function errorMessage(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } };
    return error?.message ?? text;
  } catch {
    return text;
  }
}
