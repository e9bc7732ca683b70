#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { VERSION } from "../app/system/version.ts";
import type { CommandGroups } from "./commands/index.ts";
import { startCommand } from "./commands/start.ts";
import { ExitError } from "./exit-error.ts";

/** Answers of a shell command: done, failed, misused. */
const FAILED = 1;
const MISUSED = 2;

/** The command that was asked for is enough where it is `start`: the others are not loaded, as it should be quick. */
async function commandsFor(asked: string | undefined): Promise<CommandGroups> {
  if (asked === "start") return [["Run", [startCommand()]]];
  const { allCommands } = await import("./commands/index.ts");
  return allCommands();
}

function createProgram(groups: CommandGroups): Command {
  const program = new Command("ringmain")
    .description("An event router that speaks Azure Event Grid's protocols, on a laptop, in CI and in production.")
    .version(VERSION)
    .showHelpAfterError("Run with --help to see what is possible.")
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", EXAMPLES);
  for (const [group, commands] of groups) {
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
  await createProgram(await commandsFor(process.argv[2])).parseAsync();
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
