import type { Command, Option } from "commander";

/** What may stand where a value is wanted. */
export type Values =
  | { readonly kind: "none" }
  /** Anything: nothing is offered. */
  | { readonly kind: "any" }
  | { readonly kind: "files" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** Names that the running Ringmain knows; `of` is what `ringmain completion names` takes. */
  | { readonly kind: "names"; readonly of: string };

/** Something that may be typed, and what it is. */
export interface Offered {
  readonly word: string;
  readonly description: string;
}

/** An option with the values that it takes. */
export interface OfferedOption {
  /** `-o` and `--output`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly values: Values;
}

/** A command, and what may follow it. */
export interface CompletionNode {
  /** `ringmain topic create` */
  readonly path: string;
  readonly commands: readonly Offered[];
  readonly options: readonly OfferedOption[];
  readonly argument: Values;
}

/** Kinds of resources whose names are offered. */
export const NAMED: readonly string[] = ["topic", "domain", "domain-topic", "system-topic", "subscription"];

/** Every command below this one, itself first. */
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
  // Azure's subscriptions have ids that nobody offers.
  if (named !== undefined && named !== "subscription") return { kind: "names", of: named };
  return /<(?:file|folder)/.test(flags) ? { kind: "files" } : { kind: "any" };
}

function argumentOf(command: Command, parent: string): Values {
  const [argument] = command.registeredArguments;
  if (argument === undefined) return { kind: "none" };
  if (argument.argChoices !== undefined) return { kind: "words", words: argument.argChoices };
  // What lies below `ringmain domain topic` is of domain topics.
  const word = parent.split(" ").slice(1).join("-");
  if (argument.name() === "topic") return { kind: "names", of: "topic" };
  if (NAMED.includes(word) && command.name() !== "create") return { kind: "names", of: word };
  return ["file", "folder", "target", "backup"].includes(argument.name()) ? { kind: "files" } : { kind: "any" };
}
