import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url).pathname;
const tagPattern = /\[((?:EG|ARM)-[A-Z0-9-]+)\]/g;
/** Returns the tags in a text. */
const anyTag = (text: string): string[] => Array.from(text.matchAll(tagPattern), ([, tag]) => tag ?? "");

async function sources(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true });
  return entries.filter((entry) => entry.endsWith(".ts")).map((entry) => join(root, folder, entry));
}

describe("docs/wire-rules.md", async () => {
  const rows = readFileSync(join(root, "docs/wire-rules.md"), "utf8")
    .split("\n")
    .filter((line) => /^\| (?:EG|ARM)-/.test(line));
  const documented = rows.map((row) => row.split("|")[1]?.trim() ?? "");
  const files = [...(await sources("src")), ...(await sources("test"))];
  const tested = new Set<string>();
  const coded = new Set<string>();
  for (const file of files) {
    for (const tag of anyTag(readFileSync(file, "utf8"))) (file.endsWith(".test.ts") ? tested : coded).add(tag);
  }

  it("lists each rule once", () => {
    expect(documented.toSorted()).toEqual([...new Set(documented)].toSorted());
  });

  it("lists no rule without a test", () => {
    expect(documented.filter((tag) => !tested.has(tag))).toEqual([]);
  });

  it("lists every rule that code or a test mentions", () => {
    expect([...tested, ...coded].filter((tag) => !documented.includes(tag))).toEqual([]);
  });
});
