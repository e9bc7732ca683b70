import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** A folder cannot be made; `code` is the operating system's. The message is half a sentence. */
export class FolderError extends Error {
  override readonly name = "FolderError";
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/**
 * Makes a folder and those above it, as far as they are missing. Resolves with the first one that it made. Rejects with
 * a {@link FolderError}.
 *
 * Node's own `recursive` never ends where a folder is there and takes no other, as in `/proc`: it takes the error for a
 * missing parent, over and over. This asks for the first parent that is there, and makes the rest one by one.
 *
 * @param mode of the folders that are made
 */
export async function makeFolder(path: string, mode = 0o777): Promise<string | undefined> {
  const missing: string[] = [];
  let parent = resolve(path);
  while (!(await isFolder(parent))) {
    missing.unshift(parent);
    // A drive that is not there has no parent.
    if (dirname(parent) === parent) break;
    parent = dirname(parent);
  }
  let firstMade: string | undefined;
  for (const folder of missing) if (await makeOne(folder, mode)) firstMade ??= folder;
  return firstMade;
}

/** Whether a folder is there. Rejects when something else is. */
async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw folderError(path, thrown);
  }
  throw new FolderError("ENOTDIR", `'${path}' is not a folder`, undefined);
}

/** Resolves with `false` when another process was faster. */
async function makeOne(folder: string, mode: number): Promise<boolean> {
  try {
    await mkdir(folder, { mode });
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST" && (await isFolder(folder))) return false;
    throw folderError(folder, thrown);
  }
}

function folderError(path: string, thrown: unknown): FolderError {
  const code = codeOf(thrown);
  switch (code) {
    case "ENOENT":
      return new FolderError(code, `no folder can be made in '${dirname(path)}'`, thrown);
    case "EACCES":
    case "EPERM":
      return new FolderError(code, `permission denied to make a folder in '${dirname(path)}'`, thrown);
    case "EROFS":
      return new FolderError(code, `'${dirname(path)}' can only be read`, thrown);
    case "ENAMETOOLONG":
      return new FolderError(code, "the path is too long", thrown);
    default:
      return new FolderError(code, thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
}
