import { Argument, Command } from "commander";
import { bashScript } from "../completion/bash-script.ts";
import { completionTree, NAMED } from "../completion/completion-tree.ts";
import { fishScript } from "../completion/fish-script.ts";
import { zshScript } from "../completion/zsh-script.ts";
import { namesOf } from "../manage/names-of.ts";
import { ManagementClient } from "../management-client.ts";
import { runningServer } from "../running-server.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Creates the command `ringmain completion`, which prints a script for completion in a shell. */
export function completionCommand(): Command {
  const command = new Command("completion")
    .description("Print a script that completes commands, options and names in your shell.")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(SCRIPTS)))
    .action((shell: keyof typeof SCRIPTS) => {
      process.stdout.write(SCRIPTS[shell](completionTree(command.parent ?? command)));
    });
  command
    .command("names", { hidden: true })
    .addArgument(new Argument("<kind>").choices(NAMED))
    .action(async (kind: string) => {
      const names = await namesOf(new ManagementClient(runningServer({})), kind);
      for (const name of names) process.stdout.write(`${name}\n`);
    });
  return command;
}
