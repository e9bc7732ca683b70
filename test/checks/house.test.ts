import { describe, expect, it } from "vitest";
import { circlesOf, kindChecksOf, repeatedExports, sourceFiles, type SourceFile } from "./source-files.ts";

const FILES = sourceFiles();

const MAX_LINES = 400;
const MAX_LOOSE_FILES = 15;
const MAX_KIND_CHECKS = 12;

/** Folders with one file for each member of a table. */
const TABLES: readonly string[] = [
  "src/core/kinds",
  "src/core/catalogue/details",
  "src/resource-manager/wire",
  "src/engine/control-plane/kinds",
  "src/cli/commands",
  "src/core/destinations",
];
/** Folders whose files know one kind of resource each. */
const KIND_TABLES = ["src/core/kinds/", "src/resource-manager/wire/", "src/engine/control-plane/kinds/"];

function folderOf({ path }: SourceFile): string {
  return path.slice(0, path.lastIndexOf("/"));
}

describe("the source", () => {
  it("has no circle of files, imports of types included", () => {
    expect(circlesOf(FILES)).toEqual([]);
  });

  it("exports no name from two files", () => {
    expect(repeatedExports(FILES)).toEqual({});
  });

  it(`has no file over ${MAX_LINES} lines`, () => {
    const long = FILES.filter(({ text }) => text.split("\n").length - 1 > MAX_LINES);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it(`has no folder with more than ${MAX_LOOSE_FILES} files, tables with one file for each member aside`, () => {
    const counts = new Map<string, number>();
    for (const file of FILES) counts.set(folderOf(file), (counts.get(folderOf(file)) ?? 0) + 1);
    const full = [...counts].filter(([folder, count]) => count > MAX_LOOSE_FILES && !TABLES.includes(folder));
    expect(full).toEqual([]);
  });

  it(`asks for one kind of resource at no more than ${MAX_KIND_CHECKS} places outside of the tables of kinds`, () => {
    const outside = FILES.filter(({ path }) => !KIND_TABLES.some((folder) => path.startsWith(folder)));
    const checks = outside.flatMap(kindChecksOf);
    expect(checks.length, checks.join("\n")).toBeLessThanOrEqual(MAX_KIND_CHECKS);
  });
});

describe("the check of the source", () => {
  const file = (path: string, text: string): SourceFile => ({ path, text });

  it("finds circles of types, through others and in a file itself", () => {
    const one = file("src/a/one.ts", 'import type { Two } from "./two.ts";');
    const two = file("src/a/two.ts", 'export type * from "../b/three.ts";');
    const three = file("src/b/three.ts", 'const load = () => import("../a/one.ts");');
    const apart = file("src/b/apart.ts", 'import { x } from "./three.ts";\nimport { y } from "node:fs";');
    expect(circlesOf([one, two, three, apart])).toEqual([["src/a/one.ts", "src/a/two.ts", "src/b/three.ts"]]);
    expect(circlesOf([file("src/a/self.ts", 'import { x } from "./self.ts";')])).toEqual([["src/a/self.ts"]]);
    expect(circlesOf([apart, file("src/b/three.ts", "")])).toEqual([]);
  });

  it("finds names that are exported twice", () => {
    const files = [
      file("src/a.ts", "export const x = 1;\nexport class Y {}"),
      file("src/b.ts", "export interface Y {}"),
    ];
    expect(repeatedExports(files)).toEqual({ Y: ["src/a.ts", "src/b.ts"] });
  });

  it("finds checks of a kind by its type and by a constant, in ifs and switches", () => {
    const text = [
      'const TYPE = "Microsoft.EventGrid/topics";',
      'if (x.type === "Microsoft.EventGrid/domains/topics") a();',
      "if (x.type !== TYPE) b();",
      '    case "Microsoft.Storage/storageAccounts":',
      'if (x.type === OTHER || namespace === "Microsoft.EventGrid") c();',
    ].join("\n");
    expect(kindChecksOf(file("src/a.ts", text))).toEqual(["src/a.ts:2", "src/a.ts:3", "src/a.ts:4"]);
  });
});
