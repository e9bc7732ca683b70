import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseSync } from "rolldown/utils";

/** A breach of the rules for comments. */
export interface CommentFault {
  /** Line of the source file, counted from 1. */
  readonly line: number;
  /** The rule that the comment breaks. */
  readonly rule: string;
}

interface SourceComment {
  readonly line: number;
  readonly text: string;
}

const OPENERS = /^(?:what|whoever|whatever|nobody|somebody|whose)\b/iu;
const WORDS = /\b(?:answers|tells\s+of|lets\s+go|somebody|nobody|whoever)\b/giu;
const SOURCE_FILE = /\.(?:ts|mts|js|mjs)$/u;
const GENERATED = new Set(["node_modules", "dist"]);

/**
 * Returns the breaches of the rules for comments in one source file, in the order of their lines. A comment must not open
 * with one of the banned openers ("What …" hides the subject of a sentence), nor contain one of the banned words.
 */
export function commentFaults(fileName: string, source: string): readonly CommentFault[] {
  return commentsOf(fileName, source).flatMap(({ line, text }) => {
    const opener = OPENERS.exec(text)?.[0];
    const opening = opener === undefined ? [] : [{ line, rule: `a comment must not open with "${opener}"` }];
    const words = [...text.matchAll(WORDS)].map((match) => ({
      line: line + lineBreaks(text.slice(0, match.index)),
      rule: `a comment must not contain "${match[0].replace(/\s+/gu, " ")}"`,
    }));
    return [...opening, ...words];
  });
}

/** Returns the paths of all source files under a folder, relative to `root` and sorted; no generated files. */
export async function sourceFiles(root: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const paths = entries
    .filter(({ name }) => !GENERATED.has(name))
    .map(async (entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return sourceFiles(root, path);
      return SOURCE_FILE.test(entry.name) ? [path] : [];
    });
  return (await Promise.all(paths)).flat().toSorted();
}

/** Returns every breach in the given files as `file:line: rule`. */
export async function faultsInFiles(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const faults = paths.map(async (path) => {
    const source = await readFile(join(root, path), "utf8");
    return commentFaults(path, source).map(({ line, rule }) => `${path}:${line}: ${rule}`);
  });
  return (await Promise.all(faults)).flat();
}

/** The comments of a file without their marks. Line comments on adjacent lines are one comment, as a reader sees them. */
function commentsOf(fileName: string, source: string): readonly SourceComment[] {
  const comments: { line: number; text: string; lastLine: number; joinable: boolean }[] = [];
  let line = 1;
  let offset = 0;
  for (const { type, value, start, end } of parseSync(fileName, source).comments) {
    line += lineBreaks(source.slice(offset, start));
    offset = start;
    const previous = comments.at(-1);
    const joinable = type === "Line" && standsAlone(source, start);
    if (joinable && previous?.joinable === true && previous.lastLine === line - 1) {
      previous.text += `\n${value}`;
      previous.lastLine = line;
    } else {
      const text = type === "Line" ? value : value.replaceAll(/^[ \t]*\*+/gmu, "");
      comments.push({ line, text, joinable, lastLine: line + lineBreaks(source.slice(start, end)) });
    }
  }
  return comments.map(({ line: first, text }) => {
    const leading = text.length - text.trimStart().length;
    return { line: first + lineBreaks(text.slice(0, leading)), text: text.slice(leading) };
  });
}

/** Whether only white space precedes the offset on its line. */
function standsAlone(source: string, offset: number): boolean {
  return source.slice(source.lastIndexOf("\n", offset - 1) + 1, offset).trim() === "";
}

function lineBreaks(text: string): number {
  return text.split("\n").length - 1;
}
