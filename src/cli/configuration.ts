import { Option, type Command } from "commander";
import { checkResources } from "../app/config/check-resources.ts";
import { loadConfig, type LoadedConfig, type LoadResult } from "../app/config/load-config.ts";
import { ExitError } from "./exit-error.ts";

/** Flags that change a setting, with the setting's path. */
const SETTING_FLAGS: readonly (readonly [flags: string, setting: string, description: string])[] = [
  ["--host <address>", "host", "address to listen on (default: 127.0.0.1)"],
  ["--port <number>", "port", "port to listen on; 0 chooses a free port (default: 6500)"],
  ["--data <folder>", "data", "folder of the durable store (default: ./.ringmain)"],
  ["--store <url>", "store", "store all data in NATS JetStream, shared by several nodes: nats://host:port[,…]"],
  ["--memory", "memory", "keep all data in memory; it is lost when the process ends"],
  ["--mode <mode>", "mode", "dev or production (default: dev)"],
  ["--azurite", "azurite", "start Azurite, and raise events for its blobs"],
  ["--azurite-url <url>", "azuriteUrl", "raise events for an Azurite that is already running"],
  ["--log-level <level>", "logLevel", "debug, info, warn or error (default: info)"],
];

/** Adds `--config` to a command. */
export function addConfigOption(command: Command): Command {
  return command.addOption(
    new Option("--config <file>", "configuration file (default: ./ringmain.config.json, if it exists)"),
  );
}

/** Adds `--config` and the flags for settings to a command. */
export function addConfigurationOptions(command: Command): Command {
  addConfigOption(command);
  for (const [flags, , description] of SETTING_FLAGS) {
    const option = new Option(flags, description);
    command.addOption(flags.startsWith("--port") ? option.argParser(Number) : option);
  }
  return command;
}

/** Values of the flags, by commander's names of the options. */
export type ConfigurationFlags = Readonly<Record<string, unknown>> & { readonly config?: string };

/** Reads and checks the configuration that this process would use. */
export function readConfiguration(flags: ConfigurationFlags): LoadResult {
  // Every flag is named like its setting, so commander's camel case is the setting's path.
  const settings = Object.fromEntries(SETTING_FLAGS.map(([, setting]) => [setting, flags[setting]]));
  const folder = process.cwd();
  const result = loadConfig({ file: flags.config, environment: process.env, flags: settings, folder });
  if (result.kind === "problems") return result;
  const label = result.loaded.file === undefined ? "" : `${result.loaded.file}: `;
  const problems = checkResources(result.loaded.config).map((problem) => `${label}${problem}`);
  return problems.length === 0 ? result : { kind: "problems", problems };
}

/**
 * Reads the configuration for a command that needs a valid one. Throws an {@link ExitError} with code 2 if it is
 * invalid.
 */
export function requireConfiguration(flags: ConfigurationFlags): LoadedConfig {
  const result = readConfiguration(flags);
  if (result.kind === "problems") throw new ExitError(2, result.problems);
  return result.loaded;
}
