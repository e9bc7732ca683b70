import { describe, expect, it } from "vitest";
import { commentFaults, faultsInFiles, sourceFiles } from "../support/comments.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Folders that are checked, with all folders in them. */
const FOLDERS: readonly string[] = ["bench", "examples", "src", "test"];

/** Breaches that are allowed, as the check prints them: five at most. */
const EXCEPTIONS: readonly string[] = [];

function rules(source: string): readonly string[] {
  return commentFaults("sample.ts", source).map(({ line, rule }) => `${line}: ${rule}`);
}

describe("the rules for comments", () => {
  it.each(["What", "Whoever", "Whatever", "Nobody", "Somebody", "Whose"])(
    "refuse %s at the start of line, block and documentation comments",
    (opener) => {
      const expected = `a comment must not open with "${opener}"`;
      expect(rules(`// ${opener} reads this.\nexport const a = 1;\n`)).toContain(`1: ${expected}`);
      expect(rules(`/* ${opener} reads this. */\nexport const a = 1;\n`)).toContain(`1: ${expected}`);
      expect(rules(`/**\n * ${opener} reads this.\n */\nexport const a = 1;\n`)).toContain(`2: ${expected}`);
    },
  );

  it.each(["answers", "tells of", "lets go", "somebody", "nobody", "whoever"])("refuse %s anywhere", (words) => {
    const expected = `a comment must not contain "${words}"`;
    expect(rules(`const a = 1; // The queue ${words} it.\n`)).toEqual([`1: ${expected}`]);
    expect(rules(`/**\n * The first line.\n * The queue ${words} it.\n */\nconst a = 1;\n`)).toEqual([
      `3: ${expected}`,
    ]);
  });

  it("find words that a line break separates", () => {
    expect(rules("const a = 1;\n// The queue tells\n// of it.\n")).toEqual([
      '2: a comment must not contain "tells of"',
    ]);
  });

  it("name every breach of one comment, after letters outside ASCII too", () => {
    expect(rules('const a = "äöü€ 😀";\n/** Nobody knows whoever calls. */\nconst b = 1;\n')).toEqual([
      '2: a comment must not open with "Nobody"',
      '2: a comment must not contain "Nobody"',
      '2: a comment must not contain "whoever"',
    ]);
  });

  it("allow the openers inside a comment and at the start of its further lines", () => {
    expect(rules("// Explains to the reader\n// what happened.\nconst a = 1;\n")).toEqual([]);
    expect(rules("/** Returns what the caller sent. */\nconst a = 1;\n")).toEqual([]);
  });

  it("allow longer words that begin alike", () => {
    expect(rules("/** Whatsoever; unanswered, whosoever. */\nconst a = 1;\n")).toEqual([]);
  });

  it("do not apply to strings, templates, regular expressions and names", () => {
    const source = 'const answers = ["// What", `/* nobody ${"// lets go"} */`, /\\/\\/ Whoever/u];\n';
    expect(rules(source)).toEqual([]);
  });
});

describe("the comments of this repository", () => {
  it("keep the rules", async () => {
    const paths = await Promise.all(FOLDERS.map((folder) => sourceFiles(root, folder)));
    expect(paths.every((files) => files.length > 0)).toBe(true);
    expect(await faultsInFiles(root, paths.flat())).toEqual(EXCEPTIONS);
  });

  it("have five exceptions at most", () => {
    expect(EXCEPTIONS.length).toBeLessThanOrEqual(5);
  });
});
