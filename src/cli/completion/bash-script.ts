import type { CompletionNode, Values } from "./completion-tree.ts";

/** Returns the completion script for bash. */
export function bashScript(nodes: readonly CompletionNode[]): string {
  const paths = nodes.slice(1).map(({ path }) => `"${path}"`);
  return `# Completion of ringmain for bash. Put into ~/.bashrc:  source <(ringmain completion bash)
_ringmain() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at=ringmain i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${paths.join("|")}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $prev" in
${nodes.flatMap(optionCases).join("\n")}
  esac
  if [[ $cur != -* ]]; then
    case "$at" in
${nodes.flatMap(argumentCase).join("\n")}
    esac
  fi
  case "$at" in
${nodes.map(wordsCase).join("\n")}
  esac
}
complete -F _ringmain ringmain
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
  const words = [...commands.map(({ word }) => word), ...options.flatMap(({ flags }) => flags)];
  return `    "${path}") COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$cur")) ;;`;
}

/** Returns the shell commands that offer values; `undefined` if the option or argument takes none. */
function offer(values: Values): string | undefined {
  switch (values.kind) {
    case "none":
      return undefined;
    case "any":
      return "";
    case "files":
      return 'COMPREPLY=($(compgen -f -- "$cur")); ';
    case "words":
      return `COMPREPLY=($(compgen -W "${values.words.join(" ")}" -- "$cur")); `;
    case "names":
      return `COMPREPLY=($(compgen -W "$(ringmain completion names ${values.of} 2>/dev/null)" -- "$cur")); `;
    default:
      return values satisfies never;
  }
}
