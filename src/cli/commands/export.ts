import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { exportConfig } from "../../codec/arm-export/export-config.ts";
import { exportTemplate } from "../../codec/arm-export/export-template.ts";
import { armTemplate } from "../../codec/arm-export/print-arm.ts";
import { bicepFile } from "../../codec/arm-export/print-bicep.ts";
import type { RunningResources } from "../../codec/arm-export/running-resources.ts";
import { toError } from "../../core/errors.ts";
import { asText } from "../../core/json.ts";
import { resourceKey, scopeOf, type ResourceScope } from "../../core/resource-id.ts";
import { ExitError } from "../exit-error.ts";
import { ManagementClient } from "../management-client.ts";
import { readRunning } from "../read-running.ts";
import { addServerOptions, runningServer, type ServerFlags } from "../running-server.ts";
import { addScopeOptions, scopeOfFlags, type ScopeFlags } from "../scope-options.ts";

type Format = "bicep" | "arm" | "config";

interface ExportFlags extends ServerFlags, ScopeFlags {
  readonly format: Format;
  readonly output?: string;
  readonly includeSecrets?: boolean;
}

/** `ringmain export`: what is running, as a file that makes it again. */
export function exportCommand(): Command {
  const command = new Command("export")
    .description("Write what is running as a Bicep file or ARM template for Azure, or as a configuration file.")
    .addOption(
      new Option("--format <format>", "what to write").choices(["bicep", "arm", "config"]).makeOptionMandatory(),
    )
    .option("-o, --output <file>", "file to write (standard output)")
    .option("--include-secrets", "write secrets into it: URLs with their queries, secret attributes, access keys");
  addScopeOptions(command);
  addServerOptions(command);
  return command.action(exportRunning);
}

async function exportRunning(flags: ExportFlags): Promise<void> {
  const client = new ManagementClient(runningServer(flags));
  const scope = scopeOfFlags(flags);
  const includeSecrets = flags.includeSecrets === true;
  const running = await readRunning(client, scope, includeSecrets && flags.format === "config");
  const { text, warnings } = written(running, flags.format, includeSecrets);
  const elsewhere = flags.resourceGroup === undefined ? await otherGroups(client, scope) : [];
  for (const warning of [...warnings, ...elsewhere]) process.stderr.write(`warning: ${warning}\n`);
  if (flags.output === undefined) process.stdout.write(text);
  else write(flags.output, text);
}

function written(
  running: RunningResources,
  format: Format,
  includeSecrets: boolean,
): { readonly text: string; readonly warnings: readonly string[] } {
  if (format === "config") {
    const { config, warnings } = exportConfig(running, { includeSecrets });
    return { text: pretty(config), warnings };
  }
  const template = exportTemplate(running, { includeSecrets });
  const text = format === "arm" ? pretty(armTemplate(template)) : bicepFile(template);
  return { text, warnings: template.warnings };
}

function pretty(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** A file is of one group; somebody who named none should hear of the others. */
async function otherGroups(client: ManagementClient, scope: ResourceScope): Promise<string[]> {
  const counts = new Map<string, number>();
  for (const { id } of await client.list(`/subscriptions/${scope.subscriptionId}/resources`)) {
    const { resourceGroup } = scopeOf(asText(id));
    if (resourceKey(resourceGroup) === resourceKey(scope.resourceGroup)) continue;
    counts.set(resourceGroup, (counts.get(resourceGroup) ?? 0) + 1);
  }
  return [...counts].map(
    ([name, count]) =>
      `${count} resource${count === 1 ? "" : "s"} of the group '${name}' are not in it: --resource-group ${name}`,
  );
}

/** Only the user may read it where it may hold secrets; nobody else need. */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch (thrown) {
    throw new ExitError(1, [`${file} cannot be written: ${toError(thrown).message}`]);
  }
}
