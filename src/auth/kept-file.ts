import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../files/make-folder.ts";

/** What a file holds; `undefined` when it is not there. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}

/**
 * What a file holds that only its owner may read; made when it is not there. Of several processes that make it at once
 * all get what the first one made. Its folder is made as well.
 */
export async function readOrMake(file: string, make: () => Promise<string>): Promise<string> {
  const text = await readIfThere(file);
  if (text !== undefined) return text;
  await makeFolder(dirname(file), 0o700);
  await writeOnce(file, await make());
  return readFile(file, "utf8");
}

/** Replaces a file as a whole: nobody reads half of it. */
export async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode, flag: "wx" });
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Writes a file for the owner only, unless it is there by then. */
async function writeOnce(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: "wx" });
    await link(draft, file);
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST")) throw thrown;
  } finally {
    await rm(draft, { force: true });
  }
}
