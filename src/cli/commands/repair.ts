import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import type { RepairReport } from "../../app/parts/repair-store.ts";
import { ExitError } from "../exit-error.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";

interface RepairFlags {
  readonly json?: boolean;
  readonly data: string;
  readonly out?: string;
}

/** Maximum number of damaged pages in the text output. The JSON output contains all of them. */
const SHOWN_DAMAGE = 10;

/** Creates the command `ringmain repair`, which recovers the intact contents of a damaged data file. */
export function repairCommand(): Command {
  const command = new Command("repair")
    .description("Recover the intact contents of a damaged data file into a new file. The damaged file is kept.")
    .requiredOption("--data <folder>", "the data folder")
    .option("--out <folder>", "write the new file to this folder, and do not change the data folder");
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(repair).addHelpText(
    "after",
    `
Stop Ringmain first. The command prints how much it recovered and how much is known to be lost. Events that were already
delivered may be delivered again.`,
  );
}

async function repair(flags: RepairFlags): Promise<void> {
  const path = resolve(flags.data);
  if (!existsSync(path)) throw new ExitError(2, [`--data: the folder ${path} does not exist.`]);
  const { repairStore } = await import("../../app/parts/repair-store.ts");
  const label = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const report = await repairStore({
    path,
    label,
    ...(flags.out === undefined ? {} : { out: resolve(flags.out) }),
  });
  createOutput(flags.json).report("repaired", report, describe(report));
}

function describe(report: RepairReport): string {
  const { damage, resources, deliveries, sharedEvents, orphanedDeliveries, log } = report;
  const more = damage.length - SHOWN_DAMAGE;
  return [
    pagesLine(report),
    ...damage.slice(0, SHOWN_DAMAGE).map(({ page, where, detail }) => `  page ${page} (${where}) ${detail}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    counted("resources", resources),
    counted("deliveries", deliveries),
    counted("shared events", sharedEvents),
    counted("groups in log", { recovered: log.groups, lost: log.lost }),
    ...log.problems.map((problem) => `  ${problem}`),
    ...(log.lost === 0
      ? []
      : ["Events that were published in lost groups are lost. Deliveries that ended in them are made again."]),
    ...(orphanedDeliveries > 0
      ? [`${orphanedDeliveries} deliveries were left out because their event or queue is lost.`]
      : []),
    ...(report.looseEventsFile === undefined
      ? []
      : [
          `${report.looseEvents} events have no delivery left. To deliver them, publish them again from ${report.looseEventsFile}`,
        ]),
    ...(report.mayRepeat
      ? ["The repair could not tell which deliveries had been settled: events may be delivered again."]
      : []),
    `New file:     ${report.file}`,
    ...(report.damagedFile === undefined ? [] : [`Damaged file: ${report.damagedFile}`]),
  ].join("\n");
}

function pagesLine({ damage, damagedFile }: RepairReport): string {
  if (damagedFile === undefined) return "There was no data file. The following was recovered from the log alone.";
  return damage.length === 0 ? "All pages of the file are intact." : "Damaged pages:";
}

function counted(name: string, { recovered, lost }: RepairReport["resources"]): string {
  return `${name.padEnd(15)}${String(recovered).padStart(9)} recovered ${String(lost ?? "unknown").padStart(9)} lost`;
}
