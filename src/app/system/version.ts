import { readFileSync } from "node:fs";
import { PACKAGE_FOLDER } from "../package-folder.ts";

interface Package {
  readonly version: string;
}

/** The version of this build, from its package file. */
export const VERSION: string = (JSON.parse(readFileSync(new URL("package.json", PACKAGE_FOLDER), "utf8")) as Package)
  .version;
