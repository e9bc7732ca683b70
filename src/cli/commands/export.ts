import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { exportConfig } from "../../resource-manager/transfer/export-config.ts";
import { exportTemplate } from "../../resource-manager/transfer/export-template.ts";
import { armTemplate } from "../../resource-manager/transfer/print-arm.ts";
import { bicepFile } from "../../resource-manager/transfer/print-bicep.ts";
import type { RunningResources } from "../../resource-manager/transfer/running-resources.ts";
import { toError } from "../../core/errors.ts";
import { ExitError } from "../exit-error.ts";
import { exportOf, otherGroups, requireRunningGroup } from "../transfer/export-groups.ts";
import { ManagementClient } from "../management-client.ts";
import { readRunning } from "../transfer/read-running.ts";
import { addServerOptions, runningServer, type ServerFlags } from "../running-server.ts";
import { addScopeOptions, scopeOfFlags, type ScopeFlags } from "../scope-options.ts";

type Format = "bicep" | "arm" | "config";

interface ExportFlags extends ServerFlags, ScopeFlags {
  readonly format: Format;
  readonly output?: string;
  readonly includeSecrets?: boolean;
}

/** Creates the command `ringmain export`, which writes the running resources to a file that can create them again. */
export function exportCommand(): Command {
  const command = new Command("export")
    .description("Write the running resources to a Bicep file or ARM template for Azure, or to a configuration file.")
    .addOption(
      new Option("--format <format>", "format of the file").choices(["bicep", "arm", "config"]).makeOptionMandatory(),
    )
    .option("-o, --output <file>", "file to write (default: standard output)")
    .option("--include-secrets", "include secrets: queries of URLs, secret attributes, access keys");
  addScopeOptions(command);
  addServerOptions(command);
  return command.action(exportRunning);
}

async function exportRunning(flags: ExportFlags): Promise<void> {
  const client = new ManagementClient(runningServer(flags));
  const scope = scopeOfFlags(flags);
  const includeSecrets = flags.includeSecrets === true;
  if (flags.resourceGroup !== undefined) await requireRunningGroup(client, scope);
  const running = await readRunning(client, scope, includeSecrets && flags.format === "config");
  // Without --resource-group, the user may not know that there are other groups.
  const others = flags.resourceGroup === undefined ? await otherGroups(client, scope) : [];
  const elsewhere = exportOf(others, flags.format);
  if (others.length > 0 && running.resources.length + running.subscriptions.length === 0) {
    throw new ExitError(1, [
      `The resource group '${scope.resourceGroup}' is empty. To export another group, set --resource-group:`,
      ...elsewhere,
    ]);
  }
  const { text, warnings } = format(running, flags.format, includeSecrets);
  const allWarnings = [...warnings, ...elsewhere.map((line) => `not in this file: resource group ${line}`)];
  for (const warning of allWarnings) process.stderr.write(`warning: ${warning}\n`);
  if (flags.output === undefined) process.stdout.write(text);
  else write(flags.output, text);
}

function format(
  running: RunningResources,
  fileFormat: Format,
  includeSecrets: boolean,
): { readonly text: string; readonly warnings: readonly string[] } {
  if (fileFormat === "config") {
    const { config, warnings } = exportConfig(running, { includeSecrets });
    return { text: pretty(config), warnings };
  }
  const template = exportTemplate(running, { includeSecrets });
  const text = fileFormat === "arm" ? pretty(armTemplate(template)) : bicepFile(template);
  return { text, warnings: template.warnings };
}

function pretty(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Writes a file that only the user can read, because it may contain secrets. */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch (thrown) {
    throw new ExitError(1, [`Cannot write ${file} (--output): ${toError(thrown).message}`]);
  }
}
