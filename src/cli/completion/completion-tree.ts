import type { Command, Option } from "commander";

/** The values that an option or argument takes. */
export type Values =
  | { readonly kind: "none" }
  /** Any text; the shell offers no values. */
  | { readonly kind: "any" }
  | { readonly kind: "files" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** Names of resources in the running Ringmain; `of` is the argument of `ringmain completion names`. */
  | { readonly kind: "names"; readonly of: string };

/** A word that the shell offers, with its description. */
export interface Offered {
  readonly word: string;
  readonly description: string;
}

/** An option, with the values that it takes. */
export interface OfferedOption {
  /** For example `-o` and `--output`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly values: Values;
}

/** A command with its subcommands, options and argument. */
export interface CompletionNode {
  /** For example `ringmain topic create`. */
  readonly path: string;
  readonly commands: readonly Offered[];
  readonly options: readonly OfferedOption[];
  readonly argument: Values;
}

/** Kinds of resources whose names the shell offers. */
export const NAMED: readonly string[] = ["topic", "domain", "domain-topic", "system-topic", "subscription"];

/** Returns a command and all commands below it, in that order. */
export function completionTree(command: Command, parent = ""): CompletionNode[] {
  const path = `${parent} ${command.name()}`.trim();
  const help = command.createHelp();
  const visible = help.visibleCommands(command).filter((each) => each.name() !== "help");
  const node: CompletionNode = {
    path,
    commands: visible.map((each) => ({ word: each.name(), description: each.description() })),
    options: help.visibleOptions(command).map(offeredOption),
    argument: argumentOf(command, parent),
  };
  return [node, ...visible.flatMap((each) => completionTree(each, path))];
}

function offeredOption(option: Option): OfferedOption {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  return { flags, description: option.description, values: valuesOf(option) };
}

function valuesOf({ flags, long, required, optional, argChoices }: Option): Values {
  if (!required && !optional) return { kind: "none" };
  if (argChoices !== undefined) return { kind: "words", words: argChoices };
  const named = NAMED.find((word) => long === `--${word}`);
  // `--subscription` takes the id of an Azure subscription, which is not offered.
  if (named !== undefined && named !== "subscription") return { kind: "names", of: named };
  return /<(?:file|folder)/.test(flags) ? { kind: "files" } : { kind: "any" };
}

function argumentOf(command: Command, parent: string): Values {
  const [argument] = command.registeredArguments;
  if (argument === undefined) return { kind: "none" };
  if (argument.argChoices !== undefined) return { kind: "words", words: argument.argChoices };
  // Commands below `ringmain domain topic` take the names of domain topics.
  const word = parent.split(" ").slice(1).join("-");
  if (argument.name() === "topic") return { kind: "names", of: "topic" };
  if (NAMED.includes(word) && command.name() !== "create") return { kind: "names", of: word };
  return ["file", "folder", "target", "backup"].includes(argument.name()) ? { kind: "files" } : { kind: "any" };
}
