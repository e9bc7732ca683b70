import { Command } from "commander";
import { showConfig } from "../../app/config/show-config.ts";
import { addConfigurationOptions, requireConfiguration, type ConfigurationFlags } from "../configuration.ts";
import { declaredOf, toResources } from "../../app/config/to-resources.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";

interface ConfigFlags extends ConfigurationFlags {
  readonly json?: boolean;
}

/** Creates the command `ringmain config`, with the subcommands `show` and `check`. */
export function configCommand(): Command {
  const command = new Command("config").description("Show and check the configuration as Ringmain reads it.");
  command.addCommand(
    subcommand("show", "Print the value and origin of every setting. Secrets are hidden.").action(show),
  );
  command.addCommand(
    subcommand(
      "check",
      "Check the configuration. Prints one line per problem and exits with 2 if there are any.",
    ).action(check),
  );
  return command;
}

function subcommand(name: string, description: string): Command {
  const command = addConfigurationOptions(new Command(name).description(description));
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command;
}

function show(flags: ConfigFlags): void {
  const loaded = requireConfiguration(flags);
  const output = createOutput(flags.json);
  for (const { name, value, origin, variable } of showConfig(loaded)) {
    const shown = JSON.stringify(value) ?? "-";
    output.report("setting", { name, value, origin, variable }, `${name.padEnd(36)} ${shown.padEnd(28)} ${origin}`);
  }
}

function check(flags: ConfigFlags): void {
  const { config, file } = requireConfiguration(flags);
  const subscriptions = declaredOf("Microsoft.EventGrid/eventSubscriptions", toResources(config));
  const counts = {
    topics: config.topics.length,
    systemTopics: config.systemTopics.length,
    ...(config.domains.length > 0 && { domains: config.domains.length }),
    ...(config.partnerNamespaces.length > 0 && { partnerNamespaces: config.partnerNamespaces.length }),
    storageAccounts: config.storageAccounts.length,
    functionApps: config.functionApps.length,
    subscriptions: subscriptions.length,
  };
  const summary = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  const text = `${file ?? "no file, all defaults"}: valid (${summary.join(", ")})`;
  createOutput(flags.json).report("configuration", { file, ok: true, ...counts }, text);
}
