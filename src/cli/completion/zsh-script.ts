import type { CompletionNode, Values } from "./completion-tree.ts";

/** Returns the completion script for zsh. */
export function zshScript(nodes: readonly CompletionNode[]): string {
  const paths = nodes.slice(1).map(({ path }) => `"${path}"`);
  return `#compdef ringmain
# Completion of ringmain for zsh. Put into ~/.zshrc, behind compinit:  source <(ringmain completion zsh)
_ringmain() {
  local at=ringmain i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case "$at $words[i]" in
      ${paths.join("|")}) at="$at $words[i]" ;;
    esac
  done
  case "$at $words[CURRENT-1]" in
${nodes.flatMap(optionCases).join("\n")}
  esac
  if [[ $words[CURRENT] != -* ]]; then
    case "$at" in
${nodes.flatMap(argumentCase).join("\n")}
    esac
  fi
  case "$at" in
${nodes.map(wordsCase).join("\n")}
  esac
  _describe ringmain found
}
if [[ "$funcstack[1]" == _ringmain ]]; then
  _ringmain "$@"
else
  compdef _ringmain ringmain
fi
`;
}

function optionCases({ path, options }: CompletionNode): string[] {
  return options.flatMap(({ flags, values }) => {
    const command = offer(values);
    if (command === undefined) return [];
    return [`    ${flags.map((flag) => `"${path} ${flag}"`).join("|")}) ${command}return ;;`];
  });
}

function argumentCase({ path, argument }: CompletionNode): string[] {
  const command = offer(argument);
  return command === undefined ? [] : [`      "${path}") ${command}return ;;`];
}

function wordsCase({ path, commands, options }: CompletionNode): string {
  const found = [
    ...commands.map(({ word, description }) => described(word, description)),
    ...options.flatMap(({ flags, description }) => flags.map((flag) => described(flag, description))),
  ];
  return `    "${path}") found=(${found.join(" ")}) ;;`;
}

/** Returns `'word:description'`, with colons of the word escaped. */
function described(word: string, description: string): string {
  return `'${`${word.replaceAll(":", "\\:")}:${description}`.replaceAll("'", "'\\''")}'`;
}

/** Returns the shell commands that offer values; `undefined` if the option or argument takes none. */
function offer(values: Values): string | undefined {
  switch (values.kind) {
    case "none":
      return undefined;
    case "any":
      return "";
    case "files":
      return "_files; ";
    case "words":
      return `compadd -- ${values.words.join(" ")}; `;
    case "names":
      return `compadd -- \${(f)"$(ringmain completion names ${values.of} 2>/dev/null)"}; `;
    default:
      return values satisfies never;
  }
}
