import type { CompletionNode, OfferedOption, Values } from "./completion-tree.ts";

/** Returns the completion script for fish. */
export function fishScript(nodes: readonly CompletionNode[]): string {
  const paths = nodes.slice(1).map(({ path }) => quoted(path));
  return `# Completion of ringmain for fish:  ringmain completion fish > ~/.config/fish/completions/ringmain.fish
function __ringmain_at
  set -l at ringmain
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case ${paths.join(" ")}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c ringmain -f
${nodes.flatMap(lines).join("\n")}
`;
}

function lines(node: CompletionNode): string[] {
  const at = `complete -c ringmain -n "__ringmain_at ${quoted(node.path)}"`;
  return [
    ...node.commands.map(({ word, description }) => `${at} -a ${word} -d ${quoted(description)}`),
    ...argumentLines(node.argument).map((values) => `${at} ${values}`),
    ...node.options.map((option) => `${at} ${optionOf(option)}`),
  ];
}

function argumentLines(argument: Values): string[] {
  const values = offer(argument);
  return values === "" ? [] : [values];
}

function optionOf({ flags, description, values }: OfferedOption): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const taken = values.kind === "none" ? [] : [values.kind === "files" ? "-r" : "-x", offer(values)];
  return [...names, ...taken, `-d ${quoted(description)}`].filter((word) => word !== "").join(" ");
}

function offer(values: Values): string {
  switch (values.kind) {
    case "none":
    case "any":
      return "";
    case "files":
      return "-F";
    case "words":
      return `-a ${quoted(values.words.join(" "))}`;
    case "names":
      return `-a '(ringmain completion names ${values.of} 2>/dev/null)'`;
    default:
      return values satisfies never;
  }
}

/** Quotes a text for fish, which has two escapes in single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
