import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { RingmainError, toError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json.ts";
import { compileGlob, globBase, isGlob } from "./glob-pattern.ts";

/**
 * Finds the files of a function app: those that `main` in its `package.json` names, as a file, a folder or a glob.
 * The paths are relative to the app's folder and sorted. Rejects with `invalid_request` if there are none.
 */
export async function findEntryPoints(appFolder: string): Promise<readonly string[]> {
  const packageFile = join(appFolder, "package.json");
  const main = await readMain(packageFile);
  if (!isGlob(main)) {
    const found = await stat(join(appFolder, main)).catch(() => undefined);
    if (found?.isFile() === true) return [main];
    if (found?.isDirectory() === true) return matching(appFolder, `${main.replace(/\/$/, "")}/**/*.{js,mjs,cjs}`, main);
    throw noFiles(packageFile, main);
  }
  return matching(appFolder, main, main);
}

async function matching(appFolder: string, glob: string, main: string): Promise<readonly string[]> {
  const base = globBase(glob);
  const matches = compileGlob(glob);
  const files = (await filesBelow(appFolder, base)).filter(matches);
  if (files.length === 0) throw noFiles(join(appFolder, "package.json"), main);
  return files.toSorted();
}

async function filesBelow(appFolder: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(appFolder, folder), { withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== "node_modules") files.push(...(await filesBelow(appFolder, path)));
    else if (entry.isFile()) files.push(path);
  }
  return files;
}

async function readMain(packageFile: string): Promise<string> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(packageFile, "utf8"));
  } catch (thrown) {
    throw new RingmainError("invalid_request", `Cannot read ${packageFile}: ${toError(thrown).message}`, {
      cause: thrown,
    });
  }
  const main = isJsonObject(content) ? content["main"] : undefined;
  if (typeof main !== "string" || main === "") {
    throw new RingmainError(
      "invalid_request",
      `${packageFile} has no "main": it must name the files that register functions, for example "dist/functions/*.js"`,
    );
  }
  return main.replace(/^\.\//, "").replaceAll("\\", "/");
}

function noFiles(packageFile: string, main: string): RingmainError {
  return new RingmainError(
    "invalid_request",
    `"main" in ${packageFile} is "${main}", but no such file exists. Build the app first.`,
  );
}
