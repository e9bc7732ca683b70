#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { VERSION } from "../app/system/version.ts";
import type { CommandGroups } from "./commands/index.ts";
import { startCommand } from "./commands/start.ts";
import { ExitError } from "./exit-error.ts";

/** Exit code of a command that failed. */
const FAILED = 1;
/** Exit code of a command with invalid arguments. */
const MISUSED = 2;

/** Returns the commands to load. `start` must be fast, so it does not load the other commands. */
async function commandsFor(name: string | undefined): Promise<CommandGroups> {
  if (name === "start") return [["Run", [startCommand()]]];
  const { allCommands } = await import("./commands/index.ts");
  return allCommands();
}

function createProgram(groups: CommandGroups): Command {
  const program = new Command("ringmain")
    .description("An event router that speaks Azure Event Grid's protocols, on a laptop, in CI and in production.")
    .version(VERSION)
    .showHelpAfterError("Run with --help to list the commands and options.")
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

/** Makes a command and all its subcommands throw instead of ending the process; the code below sets the exit code. */
function throwOnExit(command: Command): void {
  command.exitOverride();
  for (const each of command.commands) throwOnExit(each);
}

const EXAMPLES = `
Examples:
  ringmain start --azurite                       raise events for blob uploads
  ringmain start --config ringmain.config.json   start with your topics and subscriptions
  ringmain event publish orders --data '{"total": 12}'   publish an event to a topic
  ringmain trigger Microsoft.KeyVault.SecretNearExpiry   raise an event of an Azure service
  ringmain topic create orders                   create a topic
  ringmain subscription create billing --topic orders --endpoint http://localhost:8080/
  ringmain export --format bicep                 write the running resources for Azure
  ringmain functions ./app                       host an Azure Functions application
  ringmain az eventgrid topic list               run the Azure CLI against Ringmain
  ringmain config check                          check the configuration
  ringmain certs                                 show how to trust Ringmain's HTTPS
  ringmain backup ./backups                      back up a running Ringmain

On a terminal, commands print text. When the output is piped, or with --json, they print one JSON object per line.`;

// The reader of the output may close it early (`| head`), which is not a failure of the command.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  await createProgram(await commandsFor(process.argv[2])).parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    // Help and version end here too, with code 0. Commander has printed the output already.
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
