import type { Command } from "commander";
import { azCommand } from "./az.ts";
import { backupCommand } from "./backup.ts";
import { certsCommand } from "./certs.ts";
import { completionCommand } from "./completion.ts";
import { configCommand } from "./config.ts";
import { eventCommand } from "./event.ts";
import { exportCommand } from "./export.ts";
import { functionsCommand } from "./functions.ts";
import { healthCommand } from "./health.ts";
import { importCommand } from "./import.ts";
import { repairCommand } from "./repair.ts";
import { restoreCommand } from "./restore.ts";
import { startCommand } from "./start.ts";
import { triggerCommand } from "./trigger.ts";
import { subscriptionCommand } from "../manage/subscription-command.ts";
import { domainCommand, systemTopicCommand, topicCommand } from "../manage/topic-commands.ts";

/** Commands, grouped by the headings of the help. */
export type CommandGroups = readonly (readonly [group: string, commands: readonly Command[]])[];

/** Creates all commands, in the order of the help. */
export function allCommands(): CommandGroups {
  return [
    ["Run", [startCommand(), functionsCommand(), healthCommand(), configCommand(), certsCommand()]],
    ["Send events", [eventCommand(), triggerCommand()]],
    ["Manage resources", [topicCommand(), domainCommand(), systemTopicCommand(), subscriptionCommand(), azCommand()]],
    ["Move resources to and from Azure", [exportCommand(), importCommand()]],
    ["Back up and repair data", [backupCommand(), restoreCommand(), repairCommand()]],
    ["Help", [completionCommand()]],
  ];
}
