import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url).pathname;

/** Returns the paths of all pages, relative to the repository. */
async function pages(): Promise<readonly string[]> {
  const docs = await readdir(join(root, "docs"), { recursive: true });
  const examples = await readdir(join(root, "examples"));
  const readmes = examples.map((name) => `examples/${name}/README.md`).filter((path) => existsSync(join(root, path)));
  const inDocs = docs.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
  return ["README.md", "CHANGELOG.md", "SECURITY.md", ...readmes, ...inDocs];
}

/** A page without its blocks of code, in which brackets are not links. */
function prose(text: string): string {
  return text.replaceAll(/^```.*?^```/gmsu, "").replaceAll(/`[^`\n]*`/gu, "");
}

/** The targets of links to files of this repository. */
function targets(text: string): readonly string[] {
  const found = Array.from(prose(text).matchAll(/\]\(([^)\s]+)\)/gu), ([, target]) => target ?? "");
  return found.filter((target) => !/^[a-z]+:/u.test(target));
}

/** The anchors of a page's headings, as Git hosts derive them. */
function anchors(text: string): readonly string[] {
  const headings = Array.from(
    text.replaceAll(/^```.*?^```/gmsu, "").matchAll(/^#+ +(.+)$/gmu),
    ([, title]) => title ?? "",
  );
  return headings.map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}

describe("the links of every page", async () => {
  const all = await pages();

  it.each(all)("of %s lead to files and headings that exist", async (page) => {
    const broken: string[] = [];
    for (const target of targets(await readFile(join(root, page), "utf8"))) {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : relative(root, join(root, dirname(page), path));
      if (!existsSync(join(root, file))) broken.push(target);
      else if (anchor !== undefined && !anchors(await readFile(join(root, file), "utf8")).includes(anchor)) {
        broken.push(target);
      }
    }
    expect(broken).toEqual([]);
  });
});
