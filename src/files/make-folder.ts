import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * The error for a folder that could not be created. `code` is the operating system's. The message is half a sentence.
 */
export class FolderError extends Error {
  override readonly name = "FolderError";
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/**
 * Creates a folder and its missing parents. Resolves with the first folder that it created. Rejects with a {@link
 * FolderError}.
 *
 * Node's own `recursive` option retries forever in a folder that allows no subfolders, such as `/proc`: it takes
 * the error for a missing parent. This function finds the first existing parent and creates the rest one by one.
 *
 * @param mode mode of the created folders
 */
export async function makeFolder(path: string, mode = 0o777): Promise<string | undefined> {
  const missing: string[] = [];
  let parent = resolve(path);
  while (!(await isFolder(parent))) {
    missing.unshift(parent);
    // A missing drive has no parent.
    if (dirname(parent) === parent) break;
    parent = dirname(parent);
  }
  let firstCreated: string | undefined;
  for (const folder of missing) if (await createOne(folder, mode)) firstCreated ??= folder;
  return firstCreated;
}

/** Returns whether a folder exists. Rejects if the path is something else. */
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

/** Creates one folder. Resolves with `false` if another process has created it meanwhile. */
async function createOne(folder: string, mode: number): Promise<boolean> {
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
      return new FolderError(code, `cannot create a folder in '${dirname(path)}'`, thrown);
    case "EACCES":
    case "EPERM":
      return new FolderError(code, `no permission to create a folder in '${dirname(path)}'`, thrown);
    case "EROFS":
      return new FolderError(code, `'${dirname(path)}' is read-only`, thrown);
    case "ENAMETOOLONG":
      return new FolderError(code, "the path is too long", thrown);
    default:
      return new FolderError(code, thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
}
