import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../files/make-folder.ts";

/** Returns the content of a file, or `undefined` if it does not exist. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}

/**
 * Returns the content of a file that only its owner may read. Creates the file, and its folder, if it does not
 * exist. If several processes create it at once, all of them get the content that the first one wrote.
 */
export async function readOrMake(file: string, create: () => Promise<string>): Promise<string> {
  const text = await readIfThere(file);
  if (text !== undefined) return text;
  await makeFolder(dirname(file), 0o700);
  await writeOnce(file, await create());
  return readFile(file, "utf8");
}

/** Replaces a file atomically, so that readers never see a part of the new content. */
export async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode, flag: "wx" });
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Writes a file that only its owner may read, unless the file exists by then. */
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
