import { Command } from "commander";
import { importedFile } from "../../resource-manager/transfer/import-kind.ts";
import type { JsonValue } from "../../core/json.ts";
import { DEFAULT_SCOPE } from "../../core/resources/resource-id.ts";
import { ExitError } from "../exit-error.ts";
import { importConfig, importPrinted, importTemplate } from "../transfer/import-resources.ts";
import { collectParameters } from "../transfer/import-parameters.ts";
import { ImportReport } from "../transfer/import-report.ts";
import { ManagementClient } from "../management-client.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";
import { addServerOptions, readJson, runningServer, type ServerFlags } from "../running-server.ts";
import { addScopeOptions, scopeOfFlags, type ScopeFlags } from "../scope-options.ts";

interface ImportFlags extends ServerFlags, ScopeFlags {
  readonly json?: boolean;
  readonly parameters?: readonly string[];
}

/** Creates the command `ringmain import`, which creates the resources of a file in a running Ringmain. */
export function importCommand(): Command {
  const command = new Command("import")
    .description("Create the resources of a file: an ARM template, the output of az, or a configuration file.")
    .argument("<file>", "the file; - is standard input")
    .option("-p, --parameters <file|name=value...>", "parameter values for the template, from a file or as name=value");
  addScopeOptions(command);
  addServerOptions(command);
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(importFile);
}

async function importFile(file: string, flags: ImportFlags): Promise<void> {
  const content = readJson(file) as JsonValue;
  const imported = importedFile(content);
  const client = new ManagementClient(runningServer(flags));
  const report = new ImportReport(createOutput(flags.json));
  if (flags.parameters !== undefined && imported?.kind !== "template") {
    throw new ExitError(2, [`--parameters needs a template, but ${file} is not a template.`]);
  }
  switch (imported?.kind) {
    case undefined:
      throw new ExitError(2, [`${file} must contain a JSON object or array.`]);
    case "template":
      await importTemplate(client, report, {
        template: imported.template,
        parameters: collectParameters(flags.parameters ?? []),
        scope: scopeOfFlags(flags),
      });
      break;
    case "resources":
      await importPrinted(client, report, imported.resources);
      break;
    case "config":
      if (file === "-") throw new ExitError(2, ["A configuration cannot be read from standard input. Name its file."]);
      if (flags.resourceGroup !== undefined && flags.resourceGroup !== DEFAULT_SCOPE.resourceGroup) {
        throw new ExitError(2, [
          `--resource-group: resources of a configuration file are always in the group '${DEFAULT_SCOPE.resourceGroup}'.`,
        ]);
      }
      await importConfig(client, report, file);
      break;
    default:
      throw new Error(imported satisfies never);
  }
  await report.reportConsent(client);
  report.end();
}
