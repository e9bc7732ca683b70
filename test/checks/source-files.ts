import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** A file of the product's source: its path from the repository's root, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Returns every source file of the product, its unit tests aside. */
export function sourceFiles(): SourceFile[] {
  return readdirSync("src", { recursive: true, encoding: "utf8" })
    .map((name) => `src/${name.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

const IMPORT = /\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+\.ts)"/g;

/** Returns the files that a file imports, types included. */
export function importsOf({ path, text }: SourceFile): string[] {
  return Array.from(text.matchAll(IMPORT), ([, to = ""]) => normalize(join(dirname(path), to)).replaceAll("\\", "/"));
}

/** Returns the groups of files that import each other, directly or through others. */
export function circlesOf(files: readonly SourceFile[]): string[][] {
  const imports = new Map(files.map((file) => [file.path, importsOf(file)]));
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  // Tarjan's strongly connected components.
  const visit = (path: string): void => {
    order.set(path, order.size);
    lowest.set(path, order.size - 1);
    stack.push(path);
    for (const next of imports.get(path) ?? []) {
      if (!imports.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(path, Math.min(lowest.get(path) ?? 0, lowest.get(next) ?? 0));
    }
    if (lowest.get(path) !== order.get(path)) return;
    const circle = stack.splice(stack.indexOf(path));
    if (circle.length > 1 || imports.get(path)?.includes(path) === true) circles.push(circle.toSorted());
  };
  for (const { path } of files) if (!order.has(path)) visit(path);
  return circles;
}

const EXPORTED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) ([A-Za-z_$][\w$]*)/gm;

/** Returns the names that more than one file exports, each with its files. */
export function repeatedExports(files: readonly SourceFile[]): Record<string, readonly string[]> {
  const places = new Map<string, Set<string>>();
  for (const { path, text } of files) {
    for (const [, name = ""] of text.matchAll(EXPORTED)) places.set(name, (places.get(name) ?? new Set()).add(path));
  }
  const repeated = [...places].filter(([, paths]) => paths.size > 1);
  return Object.fromEntries(repeated.map(([name, paths]) => [name, [...paths]]));
}

const KIND = String.raw`"Microsoft\.\w+\/[\w/]+(?<!\/(?:read|write|delete|action))"`;
const CONSTANT = new RegExp(String.raw`\bconst ([A-Z_]+)(?:: [^=]+)? = ${KIND}`, "g");

/** Returns the places where a file asks for one kind of resource, by its type or by a constant that holds it. */
export function kindChecksOf({ path, text }: SourceFile): string[] {
  const names = [KIND, ...Array.from(text.matchAll(CONSTANT), ([, name = ""]) => String.raw`${name}\b`)];
  const check = new RegExp(String.raw`(?:[!=]==|\bcase) *(?:${names.join("|")})`);
  return text.split("\n").flatMap((line, index) => (check.test(line) ? [`${path}:${index + 1}`] : []));
}
