#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { VERSION } from "../app/version.ts";
import { azCommand } from "./commands/az.ts";
import { backupCommand } from "./commands/backup.ts";
import { certsCommand } from "./commands/certs.ts";
import { completionCommand } from "./commands/completion.ts";
import { configCommand } from "./commands/config.ts";
import { eventCommand } from "./commands/event.ts";
import { exportCommand } from "./commands/export.ts";
import { functionsCommand } from "./commands/functions.ts";
import { importCommand } from "./commands/import.ts";
import { repairCommand } from "./commands/repair.ts";
import { restoreCommand } from "./commands/restore.ts";
import { startCommand } from "./commands/start.ts";
import { triggerCommand } from "./commands/trigger.ts";
import { ExitError } from "./exit-error.ts";
import { subscriptionCommand } from "./manage/subscription-command.ts";
import { domainCommand, systemTopicCommand, topicCommand } from "./manage/topic-commands.ts";

/** Answers of a shell command: done, failed, misused. */
const FAILED = 1;
const MISUSED = 2;

/** Every command, in the order and under the headings of the help. */
function commandsByGroup(): readonly (readonly [group: string, commands: readonly Command[]])[] {
  return [
    ["Run", [startCommand(), functionsCommand(), configCommand(), certsCommand()]],
    ["Send events", [eventCommand(), triggerCommand()]],
    [
      "Manage what is running",
      [topicCommand(), domainCommand(), systemTopicCommand(), subscriptionCommand(), azCommand()],
    ],
    ["Move to and from Azure", [exportCommand(), importCommand()]],
    ["Keep what is stored", [backupCommand(), restoreCommand(), repairCommand()]],
    ["Help", [completionCommand()]],
  ];
}

function createProgram(): Command {
  const program = new Command("ringmain")
    .description("An event router that speaks Azure Event Grid's protocols, on a laptop, in CI and in production.")
    .version(VERSION)
    .showHelpAfterError("Run with --help to see what is possible.")
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", EXAMPLES);
  for (const [group, commands] of commandsByGroup()) {
    program.commandsGroup(`${group}:`);
    for (const command of commands) program.addCommand(command);
  }
  throwOnExit(program);
  return program;
}

/** How a command ends is decided below, whichever it is. */
function throwOnExit(command: Command): void {
  command.exitOverride();
  for (const each of command.commands) throwOnExit(each);
}

const EXAMPLES = `
Examples:
  ringmain start --azurite                       blob uploads become events
  ringmain start --config ringmain.config.json   your topics and subscriptions
  ringmain event publish orders --data '{"total": 12}'   one event to a topic
  ringmain trigger Microsoft.KeyVault.SecretNearExpiry   an event as an Azure service sends it
  ringmain topic create orders                   a topic, until it is deleted
  ringmain subscription create billing --topic orders --endpoint http://localhost:8080/
  ringmain export --format bicep                 what is running, for Azure
  ringmain functions ./app                       host an Azure Functions application
  ringmain az eventgrid topic list               Azure's own command line, on Ringmain
  ringmain config check                          is the file right?
  ringmain certs                                 how to trust Ringmain's HTTPS
  ringmain backup ./backups                      a copy of everything, while Ringmain runs

Everything printed is for people on a terminal, and one JSON object a line when piped or with --json.`;

// Whoever reads the output may have had enough of it (`| head`); that is no failure of the command.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  await createProgram().parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    // Help and version end here too, with 0; commander has printed what there is to say.
    process.exitCode = thrown.exitCode === 0 ? 0 : MISUSED;
  } else if (thrown instanceof ExitError) {
    for (const line of thrown.lines) process.stderr.write(`${line}\n`);
    process.exitCode = thrown.exitCode;
  } else {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    if (process.env["RINGMAIN_LOG_LEVEL"] === "debug" && thrown instanceof Error) console.error(thrown);
    process.exitCode = FAILED;
  }
}
